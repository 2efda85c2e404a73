/** A FreeRADIUS of its own: its folder, its modules and servers; and the client that asks it. */
import { createSocket } from 'node:dgram';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Front } from './front.ts';
import { type Program, start, until } from './processes.ts';

export const radiusSecret = 'between-nas-and-server';

/** A UDP port that nobody has. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** `verbose`: it says what it receives. */
export async function startFreeradius(
  folder: string,
  name: string,
  { modules = '', site, verbose = false }: { modules?: string; site: string; verbose?: boolean },
): Promise<Program> {
  const at = `${folder}/raddb-${name}`;
  mkdirSync(at, { recursive: true });
  const conf = [
    'prefix = /usr',
    `localstatedir = ${folder}`,
    `logdir = ${folder}`,
    `raddbdir = ${at}`,
    `run_dir = ${folder}`,
    'modconfdir = /etc/freeradius/3.0/mods-config',
    'libdir = /usr/lib/freeradius',
    'dictionary_dir = /usr/share/freeradius',
    'max_request_time = 20',
    'log {\n destination = stdout\n auth = no\n}',
    'security {\n reject_delay = 0\n}',
    'thread pool {\n start_servers = 2\n max_servers = 8\n min_spare_servers = 1\n max_spare_servers = 4\n max_requests_per_server = 0\n}',
    `client local {\n ipaddr = 127.0.0.1\n secret = ${radiusSecret}\n}`,
    'modules {',
    modules,
    '$INCLUDE /etc/freeradius/3.0/mods-available/attr_filter',
    '$INCLUDE /etc/freeradius/3.0/mods-available/always',
    '}',
    site,
  ];
  writeFileSync(`${at}/radiusd.conf`, `${conf.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(`${at}/dictionary`, '$INCLUDE /usr/share/freeradius/dictionary\n');
  chmodSync(at, 0o755);
  const how = verbose ? ['-fxx'] : ['-f'];
  const program = start('/usr/sbin/freeradius', [...how, '-l', 'stdout', '-d', at, '-D', at]);
  await until(
    () => /Ready to process requests/.test(program.said()) || program.overAt(),
    'FreeRADIUS to be ready',
    20_000,
    program.said,
  );
  expect(program.overAt(), program.said()).toBeUndefined();
  return program;
}

/** What `deploy/` ships, asking the service of this front. */
export function shippedRadius(
  front: Front,
  port: { readonly auth: number; readonly acct: number },
  query = '',
): { modules: string; site: string } {
  return {
    modules: front.deployed('freeradius/gatehouse', {
      'http://127.0.0.1:8080': front.url,
      '/authenticate"': `/authenticate${query}"`,
    }),
    site: front.deployed('freeradius/site', {
      ghc_CHANGE_ME: front.key,
      'port = 1812': `port = ${port.auth}`,
      'port = 1813': `port = ${port.acct}`,
    }),
  };
}

/** `radclient` with these attributes; what it printed. */
export async function radclient(
  packet: 'auth' | 'acct',
  port: number,
  attributes: Readonly<Record<string, string>>,
): Promise<string> {
  const line = Object.entries(attributes)
    .map(([name, value]) => `${name} = ${/^0x/.test(value) ? value : JSON.stringify(value)}`)
    .join(', ');
  const client = start('/usr/bin/radclient', [
    ...['-x', '-r', '1', '-t', '10', `127.0.0.1:${port}`, packet, radiusSecret],
  ]);
  client.write(`${line}\n`, true);
  await client.over;
  return client.said();
}

export const classOf = (said: string) => /Class = (0x[0-9a-f]+)/.exec(said)?.[1] ?? '';
