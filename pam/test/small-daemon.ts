/** Builds the module and takes it through PAM steps in a process of its own (`driver.c`). */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Fake, key } from './fake-agent.ts';

export interface Options {
  readonly password?: string;
  /** Typed one after the other at visible prompts; beyond the last one such a prompt fails. */
  readonly codes?: readonly string[];
  /** How long each of them takes to type. */
  readonly typingMs?: number;
  readonly user?: string;
  readonly rhost?: string;
  /** Module arguments behind agent, key, store and channel; `timeout=1` when left out. */
  readonly arguments?: string;
  readonly keyMode?: number;
  readonly keyOwner?: number;
  /** A pam_permit.so behind the module, so that an ignored verdict shows as success. */
  readonly permit?: boolean;
  /** The module twice in the auth stack. */
  readonly twice?: boolean;
  /** What `scan` and `fork` look for in memory. */
  readonly needle?: Uint8Array | string;
  readonly pamEnv?: readonly string[];
}

export interface Run {
  /** PAM code and span of each step. */
  readonly codes: Record<string, number>;
  readonly ms: Record<string, number>;
  readonly shown: string[];
  /** Visible prompts, in their order. */
  readonly asked: string[];
  readonly pamEnv: string[];
  readonly found: number[];
  readonly childFound: number[];
  readonly leakedFiles: number;
  readonly prompts: number;
  /** Standard error, the module's log lines among it. */
  readonly log: string;
  /** Arguments, environment and socket flags of the process while it was connected. */
  readonly seen: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

export const defaultPassword = 'Grüße, 100% & mehr';

/** What keeps the module from being built and run here, as a sentence; undefined when nothing does. */
export function whatIsMissing(): string | undefined {
  if (spawnSync('cc', ['--version']).status !== 0) return 'a C compiler is needed (apt install gcc)';
  if (spawnSync('make', ['--version']).status !== 0) return 'make is needed (apt install make)';
  if (!existsSync('/usr/include/security/pam_ext.h')) return 'libpam0g-dev is needed';
  return process.getuid?.() === 0 ? undefined : 'only root can make a key file that belongs to root';
}

/**
 * Puts module, programs and driver into the directory; returns where they are. They are compiled once a checkout, and
 * again when `make` says so; whoever wants them at the same moment waits.
 */
export function buildModule(build: string, directory: string): string {
  const source = fileURLToPath(new URL('..', import.meta.url));
  const kept = fileURLToPath(new URL('../../node_modules/.cache/gatehouse-pam', import.meta.url));
  const [targets, made] = build === 'plain' ? [['all', 'driver'], kept] : [['asan'], join(kept, 'asan')];
  mkdirSync(kept, { recursive: true });
  execFileSync('flock', [kept, 'make', '-s', '-C', source, `BUILD=${kept}`, ...targets], { stdio: 'pipe' });
  const files = readdirSync(made, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) copyFileSync(join(made, name), join(directory, name));
  return directory;
}

function writeStack(made: string, confdir: string, port: number, options: Options): void {
  mkdirSync(confdir);
  const keyPath = join(confdir, 'pam.key');
  writeFileSync(keyPath, `${key.toString('hex')}\n`);
  chmodSync(keyPath, options.keyMode ?? 0o600);
  chownSync(keyPath, options.keyOwner ?? 0, 0);
  const where = `agent=127.0.0.1:${port} key=${keyPath} store=ssh channel=ssh`;
  const line = `${made}/pam_gatehouse.so ${where} ${options.arguments ?? 'timeout=1'}`;
  const kinds = options.twice ? ['auth', 'auth'] : ['auth', 'account', 'session'];
  const rows = kinds.map((kind) => `${kind} required ${line}\n`);
  const permits = options.permit ? kinds.map((kind) => `${kind} required pam_permit.so\n`) : [];
  writeFileSync(join(confdir, 'house'), [...rows, ...permits].join(''));
}

function inputFor(options: Options): string {
  const hex = (text: Uint8Array | string) => Buffer.from(text).toString('hex');
  const environment = (options.pamEnv ?? []).map((entry) => `env ${entry}\n`).join('');
  const needle = options.needle === undefined ? '' : `needle ${hex(options.needle)}\n`;
  const codes = (options.codes ?? []).map((code) => `code ${hex(code)}\n`).join('');
  const typing = `typing ${options.typingMs ?? 0}\n`;
  return `password ${hex(options.password ?? defaultPassword)}\n${codes}${typing}${needle}${environment}`;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false; // closed in the meantime
  }
}

function lookAt(pid: number | undefined): string {
  // On a busy machine it may be gone before its connection is taken.
  if (!existsSync(`/proc/${pid}/environ`)) return '';
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
  const sockets = readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`));
  const flags = sockets.map((fd) => /flags:\s+(\d+)/.exec(read(`fdinfo/${fd}`))?.[1]);
  return `${read('cmdline')}\n${read('environ')}\nsockets ${flags.join(' ')}\n`;
}

function reportOf(stdout: string): Omit<Run, 'log' | 'seen' | 'exit'> {
  const rows = stdout.split('\n').map((row) => row.split(' '));
  const named = (name: string) => rows.filter((row) => row[0] === name).map((row) => row.slice(1));
  const steps = named('step');
  const staying = steps.filter(([step]) => step !== 'end' && step !== 'chroot');
  return {
    codes: Object.fromEntries(steps.map(([step, code]) => [step, Number(code)])),
    ms: Object.fromEntries(steps.map(([step, , ms]) => [step, Number(ms)])),
    shown: named('shown').map(([style, hex]) => `${style} ${Buffer.from(hex ?? '', 'hex').toString()}`),
    asked: named('asked').map(([hex]) => Buffer.from(hex ?? '', 'hex').toString()),
    pamEnv: named('pamenv').map((words) => words.join(' ')),
    found: named('found').map(Number),
    childFound: named('child-found').map(Number),
    leakedFiles: staying.reduce((sum, [, , , files]) => sum + Number(files), 0),
    prompts: Number(named('prompts')[0]?.[0]),
  };
}

let runs = 0;

/** Runs the steps in a fresh process against the agent; `made` is where `buildModule` put things. */
export async function runSteps(
  made: string,
  agent: Fake,
  steps: readonly string[],
  options: Options,
): Promise<Run> {
  const confdir = join(made, `conf${runs++}`);
  writeStack(made, confdir, agent.port, options);
  const { user = 'alice', rhost = '203.0.113.9' } = options;
  // Looking for leaks at exit needs /proc, which a chroot hides.
  const env = { HARMLESS: 'yes', ASAN_OPTIONS: `detect_leaks=${steps.includes('chroot') ? 0 : 1}` };
  const child = spawn(join(made, 'driver'), [confdir, 'house', user, rhost, ...steps], { env });
  agent.pid = child.pid;
  let seen = '';
  agent.look = () => {
    seen += lookAt(child.pid);
  };
  child.stdin.end(inputFor(options));
  const [out, log] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, 'close'),
  ]);
  return { ...reportOf(out), log, seen, exit: { code: child.exitCode, signal: child.signalCode } };
}
