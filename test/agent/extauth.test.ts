/** Where Pure-FTPd asks: whatever happens, it hears a no and a close, or a yes that is meant. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExtauthServer } from '../../src/agent/extauth.ts';
import { peerProcess } from '../../src/agent/hands-peers.ts';
import { extauthDenied } from '../../src/protocol/extauth.ts';
import { systemWorld } from '../../src/world.ts';
import { removeDirectory, temporaryDirectory } from './support/processes.ts';

const question =
  'account:web@example.test\npassword:pl4nted-secret\nlocalhost:127.0.0.1\nlocalport:21\npeer:192.0.2.7\nsni_name:\nencrypted:0\nend\n';
const unix = { uid: 2001, gid: 2001, home: '/home/alice', shell: undefined };
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

let folder: string;
let server: ExtauthServer;
let answer: ConstructorParameters<typeof ExtauthServer>[0]['answer'];
const path = () => `${folder}/sub/pure-ftpd.sock`;

beforeEach(async () => {
  folder = temporaryDirectory();
  mkdirSync(`${folder}/sub`, { mode: 0o700 });
  lines.length = 0;
  answer = async () => unix;
  server = new ExtauthServer({
    ...{ path: path(), log, world: systemWorld },
    answer: (asked, socket, signal) => answer(asked, socket, signal),
  });
  await server.listen();
});
afterEach(async () => {
  await server.stop();
  removeDirectory(folder);
});

/** What is heard until the agent closes, as Pure-FTPd reads it: it never closes first. */
function ask(text: string, hangUp = false): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect({ path: path(), allowHalfOpen: true }, () =>
      hangUp ? socket.end(text) : socket.write(text),
    );
    socket.on('data', (piece) => {
      heard += piece.toString();
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(heard);
    });
    socket.on('error', reject);
  });
}

describe('the socket', () => {
  test('is its owner’s alone', () => {
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('ATTACK: is not made where others could put their own in its place', async () => {
    chmodSync(`${folder}/sub`, 0o777);
    const another = new ExtauthServer({ ...{ path: `${folder}/sub/b`, log, world: systemWorld }, answer });
    await expect(another.listen()).rejects.toThrow(/can be changed by others/);
    chmodSync(`${folder}/sub`, 0o700);
  });

  test('of an agent that was killed is taken over, of one that runs is not', async () => {
    const killed = `${folder}/sub/killed.sock`;
    const script = `require('net').createServer().listen(${JSON.stringify(killed)},()=>process.kill(process.pid,9))`;
    await new Promise((resolve) => spawn(process.execPath, ['-e', script]).on('exit', resolve));
    expect(statSync(killed).isSocket()).toBe(true);
    const next = new ExtauthServer({ ...{ path: killed, log, world: systemWorld }, answer });
    await next.listen();
    await next.stop();
    const second = new ExtauthServer({ ...{ path: path(), log, world: systemWorld }, answer });
    await expect(second.listen()).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('a question', () => {
  test('is answered with the place of the files, and the connection closed', async () => {
    expect(await ask(question)).toBe('auth_ok:1\nuid:2001\ngid:2001\ndir:/home/alice/./\nend\n');
    expect(lines.join('')).not.toContain('pl4nted-secret');
  });

  test.each([
    ['nobody', async () => undefined],
    ['a fault', () => Promise.reject(new Error('the database is away'))],
  ])('that finds %s is denied', async (_, how: typeof answer) => {
    answer = how;
    expect(await ask(question)).toBe(extauthDenied);
  });

  test('that nobody answers is denied in time, since Pure-FTPd would wait for ever', async () => {
    answer = () => new Promise(() => {});
    const began = performance.now();
    expect(await ask(question)).toBe(extauthDenied);
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  test.each([
    ['that is none', 'hello\nend\n', false],
    ['that breaks off', 'account:web', true],
    ['that is too long', 'x'.repeat(5_000), false],
    ['that never ends', 'account:web', false],
  ])('%s is denied', async (_, text, hangUp) => {
    answer = () => Promise.reject(new Error('it must not be asked'));
    expect(await ask(text, hangUp)).toBe(extauthDenied);
  });

  test('under way when the agent stops is denied', async () => {
    answer = () => new Promise(() => {});
    const heard = ask(question);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.stop();
    expect(await heard).toBe(extauthDenied);
  });
});

describe('who asks', () => {
  test('is the very process at the other end, of many at once', async () => {
    const found: (number | undefined)[] = [];
    answer = async (asked, socket) => {
      const peer = await peerProcess(socket, ({ program }) => program === process.execPath);
      found.push(peer?.pid);
      expect(peer?.pid).toBe(Number(asked.password));
      return unix;
    };
    const script = `const s=require('net').connect(${JSON.stringify(path())},()=>s.write(${JSON.stringify(question)}.replace('pl4nted-secret',process.pid)));s.on('end',()=>process.exit())`;
    const children = Array.from({ length: 12 }, () => spawn(process.execPath, ['-e', script]));
    await Promise.all(children.map((child) => new Promise((resolve) => child.on('exit', resolve))));
    expect(new Set(found)).toEqual(new Set(children.map(({ pid }) => pid)));
  });

  test('is not certain, where it is another program', async () => {
    let found: unknown = 'never asked';
    answer = async (_, socket) => {
      found = await peerProcess(socket, () => false);
      return undefined;
    };
    expect(await ask(question)).toBe(extauthDenied);
    expect(found).toBeUndefined();
  });
});
