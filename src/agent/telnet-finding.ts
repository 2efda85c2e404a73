/** What in the lines of inetd that start a telnetd lets somebody past Gatehouse, or in from elsewhere. Pure. */
import { channelNamed } from '../domain/channels/index.ts';
import type { Finding } from '../domain/finding.ts';
import { finding, ourModule, pamLines } from './pam-stack.ts';

/** The names under which login(1) asks PAM: Debian's of shadow, and util-linux's where it is told a host. */
const services = ['login', 'remote'];
const loopback = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?):/;

/** `inetd`: the texts of its files. Nothing to say where none of them starts a telnetd. */
export function telnetFindings(
  inetd: readonly string[],
  pam: ReadonlyMap<string, string>,
): readonly Finding[] {
  const lines = inetd.flatMap((text) => text.split('\n')).filter((line) => /^[^#]*\btelnetd\b/.test(line));
  if (lines.length === 0) return [];
  const faults = lines.flatMap(lineFaults);
  if (!services.some((name) => guards(pam.get(name), pam))) {
    faults.push(
      `neither /etc/pam.d/login nor remote names ${ourModule} with channel=telnet: who comes in by telnet is not judged by Gatehouse, and nothing can log him off`,
    );
  }
  return [finding('telnet', [...new Set(faults)], 'offered to loopback alone, and login asks Gatehouse')];
}

function lineFaults(line: string): string[] {
  return [
    ...(loopback.test(line.trim())
      ? []
      : ['a line of inetd offers telnet to others than this host: begin it with 127.0.0.1:']),
    ...(/\s(-E|--exec-login)/.test(line)
      ? []
      : [
          'a line of inetd has no -E "/bin/login -h localhost": what the client sends reaches the arguments of login',
        ]),
    ...(/--accept-env/.test(line) ? ['a line of inetd takes variables from the client (--accept-env)'] : []),
  ];
}

function guards(text: string | undefined, pam: ReadonlyMap<string, string>): boolean {
  const lines = text === undefined ? [] : pamLines(text, (name) => pam.get(name));
  const of = (channel: string) => channelNamed(channel)?.loopbackOnly === true;
  const asks = lines.filter(
    ({ module, args }) =>
      module.split('/').at(-1) === ourModule &&
      args.some((arg) => arg.startsWith('channel=') && of(arg.slice('channel='.length))),
  );
  return ['auth', 'account', 'session'].every((phase) => asks.some(({ type }) => type === phase));
}
