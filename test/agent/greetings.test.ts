/** FTP or SFTP: the port says, and where it does not there is no guess, for the same login may be another's there. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { type Door, doors } from '../../src/agent/doors/index.ts';
import { Greetings, type Port } from '../../src/agent/greetings.ts';
import type { World } from '../../src/world.ts';
import { systemWorld } from '../../src/world.ts';
import { certificateFor } from '../support/receiver.ts';

const door = (name: string): Door => {
  const found = doors.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};
const proftpd = door('proftpd');
const never = new AbortController().signal;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server): Promise<Port> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { local: '127.0.0.1', localPort: typeof address === 'object' && address ? address.port : 0 };
}

/** A port of this host; how often it was asked. */
async function listen(greet: (socket: Socket) => void) {
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    socket.on('error', () => {});
    greet(socket);
  });
  return { port: await portOf(server), asked: () => asked, close: () => server.close() };
}

const ftp = { store: 'ftp', channel: 'ftp' };
const sftp = { store: 'ssh', channel: 'sftp' };

async function heard(greetings: Greetings, port: Port) {
  if (greetings.isDue(proftpd, port)) await greetings.ask([{ door: proftpd, port }], never);
  return greetings.placeOf(proftpd, port);
}

const later = (ms: number, words: string) => (socket: Socket) => {
  setTimeout(() => socket.write(words), ms);
};
const inPieces = (first: string, rest: string) => (socket: Socket) => {
  socket.write(first);
  later(200, rest)(socket);
};

test.each<[string, (socket: Socket) => void, object | undefined]>([
  ['SSH', (socket) => socket.write('SSH-2.0-mod_sftp\r\n'), sftp],
  ['FTP', (socket) => socket.write('220 SSH-2.0 is spoken elsewhere\r\n'), ftp],
  ['FTP in several lines', (socket) => socket.write('220-Welcome\r\n220 to us\r\n'), ftp],
  ['SSH after more than a second, as a held-up daemon does', later(1_500, 'SSH-2.0-mod_sftp\r\n'), sftp],
  ['SSH in pieces', inPieces('SS', 'H-2.0-mod_sftp\r\n'), sftp],
  ['FTP in pieces', inPieces('2', '20 hello\r\n'), ftp],
  ['a refusal', (socket) => socket.end('421 Too many users\r\n'), undefined],
  ['another number', (socket) => socket.write('2200 hello\r\n'), undefined],
  ['other words', (socket) => socket.write('hello\r\n'), undefined],
  ['an empty line', (socket) => socket.write('\r\nSSH-2.0-x\r\n'), undefined],
  ['a line without an end', (socket) => socket.write('220 '.padEnd(100_000, 'x')), undefined],
  ['half a line, and an end', (socket) => socket.end('220 hel'), undefined],
  ['an end, as where this host itself may not connect', (socket) => socket.end(), undefined],
])('a port of ProFTPD that greets with %s', async (_, greet, place) => {
  const { port } = await listen(greet);
  expect(await heard(new Greetings(systemWorld), port)).toEqual(place);
});

test('silence is no answer, in the clear and within TLS', async () => {
  const { port, asked } = await listen(() => {});
  expect(await heard(new Greetings(systemWorld), port)).toBe(undefined);
  expect(asked()).toBe(2);
}, 20_000);

test('FTP over implicit TLS greets within it', async () => {
  const server = createTlsServer(certificateFor('ftp.test'), (socket) => socket.write('220 hello\r\n'));
  server.on('tlsClientError', () => {});
  expect(await heard(new Greetings(systemWorld), await portOf(server))).toEqual(ftp);
}, 20_000);

test('nobody listens, or the port is not known: no guess', async () => {
  const { port, close } = await listen(() => {});
  close();
  const greetings = new Greetings(systemWorld);
  expect(await heard(greetings, port)).toBe(undefined);
  expect(greetings.isDue(proftpd, undefined)).toBe(false);
  expect(greetings.placeOf(proftpd, undefined)).toBe(undefined);
});

test('a link-local address is not asked: the interface is not known', () => {
  const greetings = new Greetings(systemWorld);
  const port = { local: 'fe80::1', localPort: 2222 };
  greetings.learn(proftpd, port, sftp);
  expect(greetings.isDue(proftpd, port)).toBe(false);
  expect(greetings.placeOf(proftpd, port)).toBe(undefined);
});

test('a daemon of one protocol is not asked', () => {
  const greetings = new Greetings(systemWorld);
  const port = { local: '127.0.0.1', localPort: 21 };
  expect(greetings.isDue(door('vsftpd'), port)).toBe(false);
  expect(greetings.placeOf(door('vsftpd'), undefined)).toEqual(ftp);
});

test('a port is asked once at a time and once in ten minutes, whoever came in by it', async () => {
  let now = 0;
  const world: World = { ...systemWorld, monotonicMs: () => now };
  const { port, asked } = await listen(later(100, '220 hello\r\n'));
  const greetings = new Greetings(world);
  const arrivals = Array.from({ length: 32 }, () => ({ door: proftpd, port: { ...port } }));
  await Promise.all([greetings.ask(arrivals, never), greetings.ask(arrivals, never)]);
  expect(asked()).toBe(1);
  expect(await heard(greetings, port)).toEqual(ftp);
  expect(asked()).toBe(1);
  now = 600_001;
  expect(await heard(greetings, port)).toEqual(ftp);
  expect(asked()).toBe(2);
});

test('what was said with certainty stands while the port is held by others, and is asked for again each time', async () => {
  let now = 0;
  let greet = '421 Too many users\r\n';
  const { port, asked } = await listen((socket) => socket.end(greet));
  const greetings = new Greetings({ ...systemWorld, monotonicMs: () => now });
  expect(await heard(greetings, port)).toBe(undefined);
  greet = '220 hello\r\n';
  expect(await heard(greetings, port)).toEqual(ftp);
  greet = '421 Too many users\r\n';
  now = 86_400_000;
  for (const times of [3, 4]) {
    expect(await heard(greetings, port)).toEqual(ftp);
    expect(asked()).toBe(times);
  }
  greet = 'SSH-2.0-mod_sftp\r\n';
  expect(await heard(greetings, port)).toEqual(sftp);
});

test('a session that PAM opened there says it as well, if it is one of this daemon', async () => {
  const { port, asked } = await listen((socket) => socket.end());
  const greetings = new Greetings(systemWorld);
  greetings.learn(proftpd, port, { store: 'mail', channel: 'imap' });
  expect(greetings.placeOf(proftpd, port)).toBe(undefined);
  greetings.learn(proftpd, port, sftp);
  expect(await heard(greetings, port)).toEqual(sftp);
  expect(asked()).toBe(0);
});

test('an agent that stops does not wait for a port', async () => {
  const { port } = await listen(() => {});
  const stop = new AbortController();
  const asking = new Greetings(systemWorld).ask([{ door: proftpd, port }], stop.signal);
  setTimeout(() => stop.abort(), 50);
  const began = performance.now();
  await asking;
  expect(performance.now() - began).toBeLessThan(2_000);
});
