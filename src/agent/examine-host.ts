/** `gatehouse doctor` on a hosting machine: what is wrong with it, in plain words. Changes nothing. */
import type { Finding } from '../domain/finding.ts';
import { parsePamKey } from '../protocol/pam.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import type { AgentConfig } from './config-shape.ts';
import { within } from './deadline.ts';
import { readText } from './hands-files.ts';
import {
  extauthFault,
  hasProgram,
  inetdTexts,
  lookAtCgroups,
  moduleFault,
  pamFiles,
  pureFtpdSettings,
  saidBy,
  secretFileFault,
  sshdSettings,
} from './hands-host.ts';
import { bootId } from './hands-processes.ts';
import {
  cgroupFinding,
  noServiceFinding,
  parseSshdSettings,
  serviceFindings,
  sshdFindings,
} from './host-findings.ts';
import { pamDoorFault } from './pam-probe.ts';
import { finding, modulesNamed, pamFindings } from './pam-stack.ts';
import { pureFtpdFinding } from './pureftpd-finding.ts';
import { Service, ServiceFault } from './service.ts';
import { telnetdOf, telnetFindings, telnetLines } from './telnet-finding.ts';

export interface HostPlaces {
  readonly pamDirectory: string;
  /** Further arguments of `sshd -T`, such as its configuration file. */
  readonly sshd: readonly string[];
  /** Files of inetd, and directories of such. */
  readonly inetd: readonly string[];
  /** With `conf` and `auth`. */
  readonly pureFtpd: string;
}

export const usualPlaces: HostPlaces = {
  pamDirectory: '/etc/pam.d',
  sshd: [],
  inetd: ['/etc/inetd.conf', '/etc/inetd.d'],
  pureFtpd: '/etc/pure-ftpd',
};

const serviceWithinMs = 5_000;

/** Every check, each in its own words; one that fails does not keep the others from being made. */
export async function examineHost(
  config: AgentConfig,
  world: World,
  places: HostPlaces = usualPlaces,
): Promise<Finding[]> {
  const files = pamFiles(places.pamDirectory);
  const sshd = await sshdSettings(places.sshd);
  const modules = await Promise.all(modulesNamed(files).map(moduleFinding));
  return [
    ...(await askService(config, world)),
    await pamDoor(config, world),
    cgroupFinding(await lookAtCgroups(config.cgroupRoot)),
    finding(
      'measuring',
      hasProgram('ss')
        ? []
        : ['ss is missing (Debian: iproute2): idle sessions cannot be told from used ones'],
      'ss is there',
    ),
    ...pamFindings(files, config, sshd !== undefined),
    ...modules,
    ...(sshd === undefined ? [] : [sshdFinding(sshd)]),
    ...(await telnet(places, files)),
    ...(await pureFtpd(config, places.pureFtpd)),
  ];
}

async function askService(config: AgentConfig, world: World): Promise<Finding[]> {
  const service = new Service(config.url, config.key);
  const began = world.now().getTime();
  try {
    const query = { host: config.host, boot_id: bootId() };
    const never = new AbortController().signal;
    const answer = await within(serviceWithinMs, never, (signal) => service.self(query, signal));
    const tookMs = world.now().getTime() - began;
    return serviceFindings({ answer, askedAt: began + tookMs / 2, tookMs }, version);
  } catch (error) {
    const status = error instanceof ServiceFault ? error.status : undefined;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
    return [noServiceFinding(status, cause ?? (error instanceof Error ? error.message : String(error)))];
  }
}

async function telnet(places: HostPlaces, pam: ReadonlyMap<string, string>): Promise<readonly Finding[]> {
  const lines = telnetLines(inetdTexts(places.inetd));
  if (lines.length === 0) return [];
  const programs = new Set(lines.map((line) => telnetdOf(line) ?? ''));
  const telnetds = await Promise.all([...programs].map((program) => saidBy(program, '--help')));
  return telnetFindings(lines, pam, { telnetds, login: await saidBy('/bin/login', '--version') });
}

async function pureFtpd({ extauth }: AgentConfig, directory: string): Promise<Finding[]> {
  const settings = pureFtpdSettings(directory);
  if (settings === undefined && extauth === undefined) return [];
  const silence = extauth === undefined ? undefined : await extauthFault(extauth);
  if (settings === undefined)
    return [finding('Pure-FTPd', silence === undefined ? [] : [silence], `the agent answers at ${extauth}`)];
  return [pureFtpdFinding(settings, extauth, silence)];
}

async function pamDoor(config: AgentConfig, world: World): Promise<Finding> {
  const unfit = secretFileFault(config.pamKeyFile);
  const key = unfit === undefined ? parsePamKey(readText(config.pamKeyFile)) : undefined;
  const fault =
    unfit ??
    (key === undefined
      ? `${config.pamKeyFile} does not hold 64 hexadecimal digits`
      : await pamDoorFault(config.pamAddress, key, world));
  return finding('PAM link', fault === undefined ? [] : [fault], `the agent answers on ${config.pamAddress}`);
}

async function moduleFinding(named: string): Promise<Finding> {
  const fault = await moduleFault(named);
  return finding(`module ${named}`, fault === undefined ? [] : [fault], 'is there and loads');
}

function sshdFinding(sshd: { readonly text?: string; readonly fault?: string }): Finding {
  if (sshd.text === undefined) return finding('sshd', [`its settings cannot be read: ${sshd.fault}`], '');
  return sshdFindings(parseSshdSettings(sshd.text));
}
