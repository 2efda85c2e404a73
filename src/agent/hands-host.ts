/** The hands that look over a host for `gatehouse doctor`: files, kernel and programs. What they make, they take away. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { ownRoot } from './cgroup-place.ts';
import { hostFacts } from './hands-cgroups.ts';
import { isExposed } from './hands-files.ts';
import { agentPid } from './hands-processes.ts';
import type { CgroupLook } from './host-findings.ts';
import type { PureFtpdSettings } from './pureftpd-finding.ts';

const path = '/usr/sbin:/usr/bin:/sbin:/bin';

interface Ran {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 10_000, env: { PATH: path, ...env } }, (error, out, err) =>
      resolve({ ok: error === null, out, err: err.trim() || (error?.message ?? '') }),
    );
  });
}

/** What a program says of itself; nothing where it cannot be run. */
export const saidBy = async (program: string, option: '--help' | '--version'): Promise<string> =>
  program === '' ? '' : (await run(program, [option])).out;

/** All files of a PAM directory by name. */
export function pamFiles(directory: string): ReadonlyMap<string, string> {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return new Map(names.map(({ name }) => [name, readFileSync(`${directory}/${name}`, 'utf8')]));
}

/** The files of inetd: those that are named, and those in directories that are. */
export function inetdTexts(places: readonly string[]): string[] {
  return places.filter(existsSync).flatMap((place) => {
    if (!statSync(place).isDirectory()) return [readFileSync(place, 'utf8')];
    const inside = readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isFile());
    return inside.map(({ name }) => readFileSync(`${place}/${name}`, 'utf8'));
  });
}

function moduleDirectories(): string[] {
  const tops = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];
  const below = ['/lib', '/usr/lib'].flatMap((top) =>
    existsSync(top)
      ? readdirSync(top)
          .filter((name) => name.endsWith('-linux-gnu'))
          .map((name) => `${top}/${name}`)
      : [],
  );
  return [...below, ...tops].map((top) => `${top}/security`);
}

/** Why a PAM module would not be loaded by a daemon of root's; undefined when it would. */
export async function moduleFault(named: string): Promise<string | undefined> {
  const places = named.startsWith('/') ? [named] : moduleDirectories().map((place) => `${place}/${named}`);
  const file = places.find((place) => existsSync(place));
  if (file === undefined) return `${named} is nowhere on this host: make -C pam install`;
  const { uid, mode } = statSync(file);
  if (uid !== 0 || (mode & 0o022) !== 0) return `${file} can be changed by others than root`;
  // The loader says on its standard error when it cannot load what it is told to.
  const loaded = await run('/bin/true', [], { LD_PRELOAD: file });
  return loaded.err === '' ? undefined : `${file} cannot be loaded: ${loaded.err.split('\n')[0]}`;
}

/** sshd's settings as it would use them; undefined without sshd; a text that says why where it refuses them. */
export async function sshdSettings(
  args: readonly string[] = [],
): Promise<{ readonly text?: string; readonly fault?: string } | undefined> {
  const program = '/usr/sbin/sshd';
  if (!existsSync(program)) return undefined;
  const said = await run(program, ['-T', ...args]);
  return said.ok ? { text: said.out } : { fault: said.err.split('\n')[0] ?? 'sshd -T failed' };
}

/** Tries to make a cgroup where the agent makes those of sessions. */
export async function lookAtCgroups(configuredRoot: string | undefined): Promise<CgroupLook> {
  const facts = hostFacts(configuredRoot);
  const { mount } = facts;
  const nothing = { root: undefined, fault: undefined, hasKill: false, delegated: undefined };
  if (mount === undefined) return { mount, ...nothing };
  const delegated = existsSync('/run/systemd/system') ? await isDelegated() : undefined;
  const unit = '/system.slice/gatehouse-agent.service';
  const agentPath = existsSync(`${mount}${unit}`) ? unit : facts.agentPath;
  const root = ownRoot(mount, { ...facts, agentPath });
  return { mount, root, delegated, ...tryCgroup(root) };
}

function tryCgroup(root: string): { fault: string | undefined; hasKill: boolean } {
  const probe = `${root}/doctor-${agentPid}`;
  try {
    mkdirSync(probe, { recursive: true });
    try {
      const hasKill = existsSync(`${probe}/cgroup.kill`);
      return { fault: existsSync(`${probe}/cgroup.events`) ? undefined : 'it is no cgroup v2', hasKill };
    } finally {
      rmdirSync(probe);
    }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error), hasKill: false };
  }
}

async function isDelegated(): Promise<boolean> {
  const said = await run('systemctl', ['show', '-p', 'Delegate', '--value', 'gatehouse-agent']);
  return said.out.trim() === 'yes';
}

/** Why a file that only the agent may read is not fit; undefined when it is. */
export function secretFileFault(file: string): string | undefined {
  if (!existsSync(file)) return `${file} is not there: the agent makes it at its first start`;
  try {
    return isExposed(file) ? `${file} must belong to root with mode 0600` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a program that the agent runs is there. */
export const hasProgram = (name: string): boolean =>
  path.split(':').some((directory) => existsSync(`${directory}/${name}`));

/** Debian's settings of Pure-FTPd; undefined where there are none. */
export function pureFtpdSettings(directory: string): PureFtpdSettings | undefined {
  const [conf, auth] = [`${directory}/conf`, `${directory}/auth`];
  if (!existsSync(conf)) return undefined;
  const said = readdirSync(conf).flatMap((name) => {
    const lines = readFileSync(`${conf}/${name}`, 'utf8').split('\n');
    const first = lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'));
    return first === undefined ? [] : [[name, first] as const];
  });
  const links = existsSync(auth) ? readdirSync(auth, { withFileTypes: true }) : [];
  const asked = links.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
  // A link to a file that is not there is passed over by its wrapper.
  const there = asked.filter((name) => existsSync(`${auth}/${name}`));
  return {
    asked: there.sort().map((name) => basename(readlinkSync(`${auth}/${name}`))),
    said: new Map(said),
  };
}

/** Why a Unix socket of the agent does not answer; undefined when it does. What is asked is no question, so it says no. */
export function extauthFault(path: string): Promise<string | undefined> {
  const silence = (why: string) => `nobody answers at ${path} (${why}): does gatehouse-agent run?`;
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.setTimeout(3_000, () => socket.destroy(new Error('silence')));
    socket.on('error', (error) => resolve(silence(error.message)));
    socket.on('close', () => resolve(silence('it hung up')));
    socket.on('data', () => {
      resolve(undefined);
      socket.destroy();
    });
    socket.end('\n');
  });
}
