/** FTP or SFTP: the port says, and where it does not there is no guess, for the same login may be another's there. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { doors } from '../../src/agent/doors/index.ts';
import { Greetings } from '../../src/agent/greetings.ts';
import type { World } from '../../src/world.ts';
import { systemWorld } from '../../src/world.ts';

const door = (name: string) => {
  const found = doors.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port of this host; how often it was asked. */
async function listen(greet: (socket: Socket) => void) {
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    socket.on('error', () => {});
    greet(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const localPort = typeof address === 'object' && address ? address.port : 0;
  return { port: { local: '127.0.0.1', localPort }, asked: () => asked, close: () => server.close() };
}

const ftp = { store: 'ftp', channel: 'ftp' };
const sftp = { store: 'ssh', channel: 'sftp' };

test.each<[string, (socket: Socket) => void, object | undefined]>([
  ['SSH', (socket) => socket.write('SSH-2.0-mod_sftp\r\n'), sftp],
  ['FTP', (socket) => socket.write('220 SSH-2.0 is spoken elsewhere\r\n'), ftp],
  ['nothing, as FTP over implicit TLS does', () => {}, ftp],
  ['an end, as where this host itself may not connect', (socket) => socket.end(), undefined],
])('a port of ProFTPD that greets with %s', async (_, greet, place) => {
  const { port } = await listen(greet);
  expect(await new Greetings(systemWorld).placeOf(door('proftpd'), port)).toEqual(place);
});

test('nobody listens, or the port is not known: no guess', async () => {
  const { port, close } = await listen(() => {});
  close();
  const greetings = new Greetings(systemWorld);
  expect(await greetings.placeOf(door('proftpd'), port)).toBe(undefined);
  expect(await greetings.placeOf(door('proftpd'), undefined)).toBe(undefined);
});

test('a daemon of one protocol is not asked', async () => {
  expect(await new Greetings(systemWorld).placeOf(door('vsftpd'), undefined)).toEqual(ftp);
});

test('a port is asked once in ten minutes, whoever came in by it', async () => {
  let now = 0;
  const world: World = { ...systemWorld, monotonicMs: () => now };
  const { port, asked } = await listen((socket) => socket.write('220 hello\r\n'));
  const greetings = new Greetings(world);
  for (let i = 0; i < 5; i++) expect(await greetings.placeOf(door('proftpd'), port)).toEqual(ftp);
  expect(asked()).toBe(1);
  now = 600_001;
  await greetings.placeOf(door('proftpd'), port);
  expect(asked()).toBe(2);
});
