/** What in the lines of inetd that start a telnetd lets somebody past Gatehouse, or in from elsewhere. Pure. */
import { channelNamed } from '../domain/channels/index.ts';
import type { Finding } from '../domain/finding.ts';
import { finding, ourModule, type PamLine, pamLines } from './pam-stack.ts';

const loopback = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?):/;

/** Lines of inetd that start a telnetd. `inetd`: the texts of its files. */
export const telnetLines = (inetd: readonly string[]): string[] =>
  inetd.flatMap((text) => text.split('\n')).filter((line) => /^[^#]*\btelnetd\b/.test(line));

/** The telnetd that a line starts, behind tcpd where that is before it. */
export const telnetdOf = (line: string): string | undefined => /\s(\/\S*telnetd)\s/.exec(`${line} `)?.[1];

/** What the programs say of themselves; nothing where one cannot be run. */
export interface TelnetPrograms {
  /** `--help` of each telnetd that a line names. */
  readonly telnetds: readonly string[];
  /** `login --version`. */
  readonly login: string;
}

/** Nothing to say where no line starts a telnetd. */
export function telnetFindings(
  lines: readonly string[],
  pam: ReadonlyMap<string, string>,
  programs: TelnetPrograms,
): readonly Finding[] {
  if (lines.length === 0) return [];
  const faults = [
    ...lines.flatMap(lineFaults),
    ...servicesAsked(pam, programs).flatMap((name) => serviceFaults(name, pam)),
    ...programs.telnetds.filter((help) => !help.includes('--accept-env')).map(() => oldTelnetd),
  ];
  return [finding('telnet', [...new Set(faults)], 'offered to loopback alone, and login asks Gatehouse')];
}

/** Told by an option that came with the mending of both; without it, variables of the client's reached login. */
const oldTelnetd =
  'telnetd is no inetutils, or one before 2:2.4-2+deb12u3, which clients can break (CVE-2026-32746, CVE-2026-28372): bring it up to date';

function lineFaults(line: string): string[] {
  // argp takes a long option by what begins it.
  const [, login] = /\s(?:-E|--e[a-z-]*=?)(.*)$/.exec(line) ?? [];
  const faults: string[] = [];
  if (!loopback.test(line.trim()))
    faults.push('a line of inetd offers telnet to others than this host: begin it with 127.0.0.1:');
  if (login === undefined)
    faults.push(
      'a line of inetd has no -E "/bin/login -h localhost": what the client sends reaches the arguments of login',
    );
  if (/%\??[uU]/.test(login ?? ''))
    faults.push('a line of inetd hands the name that the client sends to login (%u, %U in -E)');
  if (/\s-(?!h)[A-Za-z]*[pf]/.test(login ?? ''))
    faults.push(
      "a line of inetd has -p or -f in -E: login would keep the client's variables, or ask for no password",
    );
  if (/\s--ac/.test(line)) faults.push('a line of inetd takes variables from the client (--accept-env)');
  return faults;
}

/** Under which names login(1) asks PAM: Debian 12's, of shadow, always as `login`; util-linux's as `remote` with a host. */
function servicesAsked(pam: ReadonlyMap<string, string>, { login }: TelnetPrograms): string[] {
  return pam.has('remote') || login.includes('util-linux') ? ['login', 'remote'] : ['login'];
}

function serviceFaults(name: string, pam: ReadonlyMap<string, string>): string[] {
  // A service without a file is asked by the file `other`.
  const text = pam.get(name) ?? pam.get('other');
  const asks = text === undefined ? [] : pamLines(text, (each) => pam.get(each)).filter(isGuard);
  if (!['auth', 'account', 'session'].every((phase) => asks.some(({ type }) => type === phase))) {
    return [
      `/etc/pam.d/${name} does not name ${ourModule} with channel=telnet in each phase: who comes in by telnet is not judged by Gatehouse, and nothing can log him off`,
    ];
  }
  const first = asks.every(({ type, args }) => type !== 'auth' || args.includes('door=first'));
  return first
    ? []
    : [`the auth line of /etc/pam.d/${name} has no door=first: a password is typed before the door is asked`];
}

function isGuard({ module, args }: PamLine): boolean {
  const channel = args.findLast((arg) => arg.startsWith('channel='))?.slice('channel='.length);
  return module.split('/').at(-1) === ourModule && channelNamed(channel ?? '')?.loopbackOnly === true;
}
