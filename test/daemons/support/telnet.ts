/**
 * Real telnetd behind the real inetd, and the real login behind that, under the files of `deploy/`. login(1) of Debian
 * 12 asks PAM under one name for the consoles too: the test puts /etc/pam.d/login back, and finds it again where a run
 * was killed before it could.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { projectRoot } from '../../support/build.ts';
import { listens } from './lines.ts';
import { freePort, type Program, start, until } from './processes.ts';
import type { Site } from './site.ts';

const pamFile = '/etc/pam.d/login';
const kept = '/etc/pam.d-login.before-gatehouse-tests';

/** Command lines of telnetd that the tests open a door with. */
export interface TelnetDoors {
  /** As shipped. */
  readonly shipped: number;
  /** As shipped, for a login that the daemon takes at its word: what every hole of telnetd so far came down to. */
  readonly trusting: number;
  /** login as telnetd calls it by itself, and a client that may say who it is. */
  readonly bare: number;
  /** At an address that is not loopback, from which the client says that its name is `127.0.0.1`. */
  readonly outside: number;
  /** As shipped, for a client on loopback with a name that is an address elsewhere. */
  readonly named: number;
}

export interface Telnetd {
  readonly ports: TelnetDoors;
  /** The address of `outside`. */
  readonly address: string;
  end(): Promise<void>;
}

export async function startTelnetd(site: Site, trusted: string): Promise<Telnetd> {
  const address = outsideAddress();
  const file = readFileSync(`${projectRoot}/deploy/inetd/telnet.conf`, 'utf8');
  const shipped = /^127\.0\.0\.1:telnet .*$/m.exec(file)?.[0] ?? '';
  const asks = (how: string) => shipped.replace('/bin/login -h localhost', how);
  const ports = {
    shipped: await freePort(),
    trusting: await freePort(),
    bare: await freePort(),
    outside: await freePort(),
    named: await freePort(),
  };
  const lines = [
    shipped.replace(':telnet', `:${ports.shipped}`),
    asks(`/bin/login -h localhost -f ${trusted}`).replace(':telnet', `:${ports.trusting}`),
    `127.0.0.1:${ports.bare} stream tcp4 nowait root /usr/sbin/telnetd telnetd --accept-env=USER`,
    asks('/bin/login -h 127.0.0.1').replace('127.0.0.1:telnet', `${address}:${ports.outside}`),
    asks('/bin/login -h 203.0.113.9').replace(':telnet', `:${ports.named}`),
  ];
  const config = `${site.folder}/inetd.conf`;
  writeFileSync(config, `${lines.join('\n')}\n`);
  changePam(site.shippedPam('login'));
  const inetd = start('/usr/sbin/inetutils-inetd', ['-d', `-p${site.folder}/inetd.pid`, config], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  await until(() => listens(ports.shipped), 'inetd to listen', 15_000, inetd.said);
  return {
    ports,
    address,
    end: async () => {
      await inetd.end();
      restorePam();
      process.off('exit', restorePam);
    },
  };
}

/** Any address of this machine that others could come to; one is added where there is none. */
function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  if (found !== undefined) return found;
  execFileSync('ip', ['addr', 'replace', '192.0.2.77/32', 'dev', 'lo']);
  return '192.0.2.77';
}

function changePam(lines: readonly string[]): void {
  restorePam();
  copyFileSync(pamFile, kept);
  process.on('exit', restorePam);
  writeFileSync(pamFile, `${lines.join('\n')}\n`);
}

function restorePam(): void {
  if (existsSync(kept)) renameSync(kept, pamFile);
}

/** The client; `as` is the name that it offers by itself. */
export function telnet(port: number, host = '127.0.0.1', as?: string): Program {
  return start('/usr/bin/telnet', [...(as === undefined ? [] : ['-l', as]), host, String(port)]);
}

/** Types the login and the password at their prompts. */
export async function typeIn(client: Program, login: string, password: string): Promise<void> {
  await client.says(/login: $/);
  client.write(`${login}\n`);
  await client.says(/Password: $/);
  client.write(`${password}\n`);
}
