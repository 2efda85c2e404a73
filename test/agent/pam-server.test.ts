import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PamServer } from '../../src/agent/pam-server.ts';
import {
  formatMessage,
  macFor,
  type PamAnswer,
  type PamRequest,
  parseGreeting,
} from '../../src/protocol/pam.ts';
import { systemWorld } from '../../src/world.ts';
import { ask, knock, shakeHands } from './support/pam-peer.ts';

const key = Buffer.alloc(32, 7);
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
let server: PamServer;
let port: number;
let asked: PamRequest[];
let answer: (request: PamRequest) => Promise<PamAnswer>;
let turnedAway = 0;

beforeEach(async () => {
  asked = [];
  lines.length = 0;
  answer = async () => ({ verdict: 'allow', login_id: 'abc', message: 'Good evening, 100 %' });
  server = new PamServer({
    key,
    log,
    world: systemWorld,
    onTurnedAway: () => {
      turnedAway++;
    },
    answer: (request) => {
      asked.push(request);
      return answer(request);
    },
  });
  port = await server.listen('127.0.0.1:0');
});
afterEach(() => server.stop());

const question = { ask: 'auth', service: 'sshd', store: 'ssh', channel: 'ssh', login: 'alice', pid: 5 };

test('one question, one answer, and the password in no log line', async () => {
  const fields = await ask(port, key, { ...question, password: 'pl4nted s%cret' });
  expect(fields).toEqual({ verdict: 'allow', login_id: 'abc', message: 'Good evening, 100 %' });
  expect(asked[0]).toMatchObject({ ask: 'auth', login: 'alice', password: 'pl4nted s%cret', pid: 5 });
  expect(lines.join('')).not.toContain('pl4nted');
});

test('a host that is full turns the next login away at once, counts it and says so once', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = async () => {
    await held;
    return { verdict: 'deny' };
  };
  const waiting: Promise<unknown>[] = [];
  for (let round = 0; round < 16; round++) {
    const peers = await Promise.all(Array.from({ length: 32 }, () => shakeHands(port, key)));
    for (const peer of peers) {
      peer.socket.write(formatMessage({ ...question, password: 'x' }));
      waiting.push(peer.closed);
    }
  }
  for (let i = 0; i < 5; i++) await expect(shakeHands(port, key)).rejects.toThrow(/closed after ""/);
  expect(turnedAway).toBe(5);
  expect(lines.filter((line) => line.includes('no room are denied'))).toHaveLength(1);
  release();
  await Promise.all(waiting);
  const again = () => ask(port, key, { ...question, password: 'x' }).catch(() => undefined);
  await expect.poll(again, { timeout: 5_000 }).toEqual({ verdict: 'deny' });
});

describe('nothing is answered to a peer that does not hold the key', () => {
  const proofs: [string, (nonce: string) => string][] = [
    [
      'a wrong key',
      (nonce) => `${'ab'.repeat(32)} ${macFor('pam', Buffer.alloc(32, 8), nonce, 'ab'.repeat(32))}\n`,
    ],
    [
      "the agent's own role",
      (nonce) => `${'ab'.repeat(32)} ${macFor('agent', key, nonce, 'ab'.repeat(32))}\n`,
    ],
    ['another nonce', () => `${'ab'.repeat(32)} ${macFor('pam', key, 'cd'.repeat(32), 'ab'.repeat(32))}\n`],
    ['no proof', () => `${'x'.repeat(129)}\n`],
    ['HTTP', () => `GET / HTTP/1.1\r\nHost: x\r\n${'y'.repeat(200)}`],
    [
      'too much at once',
      (nonce) => `${'ab'.repeat(32)} ${macFor('pam', key, nonce, 'ab'.repeat(32))}\nask auth\n`,
    ],
  ];
  test.each(proofs)('%s', async (_, proof) => {
    const peer = await knock(port);
    const greeting = await peer.until((text) => text.endsWith('\n'));
    peer.socket.write(proof(parseGreeting(greeting) ?? ''));
    await peer.closed;
    expect(peer.received()).toBe(greeting);
    expect(asked).toEqual([]);
  });

  test('the nonce is a new one each time', async () => {
    const greetings = await Promise.all(
      [1, 2, 3].map(async () => (await knock(port)).until((text) => text.endsWith('\n'))),
    );
    expect(new Set(greetings).size).toBe(3);
  });
});

describe('a malformed question is dropped without a word', () => {
  const whole = 'ask auth\nservice s\nstore ssh\nchannel ssh\nlogin a\npid 5\npassword x\n';
  const messages: [string, string][] = [
    ['overlong', `${'login '.padEnd(9000, 'a')}\nend\n`],
    ['twice the same key', `${whole}login b\nend\n`],
    ['raw bytes', `${whole}tty \xff\nend\n`],
    ['a NUL', `${whole}tty %00\nend\n`],
    ['something after its end', `${whole}end\nx\nend\n`],
    ['unknown ask', whole.replace('auth', 'root').concat('end\n')],
    ['no login', whole.replace('login a\n', '').concat('end\n')],
    ['pid 0', whole.replace('pid 5', 'pid 0').concat('end\n')],
    ['password and junk', `${whole}junk 1\nend\n`],
    ['empty', 'end\n'],
  ];
  test.each(messages)('%s', async (_, message) => {
    const peer = await shakeHands(port, key);
    const before = peer.received();
    peer.socket.write(Buffer.from(message, 'latin1'));
    await peer.closed;
    expect(peer.received()).toBe(before);
    expect(asked).toEqual([]);
    expect(lines.join('')).not.toContain('password x');
  });
});

test('a silent peer is dropped within its time', async () => {
  const began = performance.now();
  const [stranger, holder] = await Promise.all([knock(port), shakeHands(port, key)]);
  await Promise.all([stranger.closed, holder.closed]);
  expect(performance.now() - began).toBeLessThan(3_500);
});

test('strangers who hold connections open cannot keep the module out', async () => {
  const strangers = await Promise.all(Array.from({ length: 600 }, () => knock(port)));
  expect((await ask(port, key, { ...question, password: 'x' })).verdict).toBe('allow');
  for (const { socket } of strangers) socket.destroy();
});

test('a hundred questions at once are all answered', async () => {
  answer = async (request) => ({
    verdict: request.login === 'u7' ? 'deny' : 'allow',
    login_id: request.login,
  });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => ask(port, key, { ...question, login: `u${at}`, password: 'x' })),
  );
  expect(answers.map((fields) => fields.login_id)).toEqual(answers.map((_, at) => `u${at}`));
  expect(answers.filter((fields) => fields.verdict === 'deny')).toHaveLength(1);
});

test('an address that somebody holds is refused aloud', async () => {
  const second = new PamServer({ key, log, world: systemWorld, answer });
  await expect(second.listen(`127.0.0.1:${port}`)).rejects.toThrow('EADDRINUSE');
});
