/** What comes back from a NAS is believed only with its secret, and a lost datagram is sent again. */
import { createHash, createHmac } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wayToNas } from '../../src/disconnect/nas.ts';
import { Secret } from '../../src/domain/secret.ts';
import { nasNames, nasRef } from '../../src/protocol/radius.ts';
import { disconnectAnswer, disconnectRequest } from '../../src/protocol/radius-packet.ts';
import { systemWorld } from '../../src/world.ts';

const secret = 'between-nas-and-server';
let nas: Socket;
let received: Buffer[] = [];
let answer: (request: Buffer, from: RemoteInfo, count: number) => void = () => {};

beforeAll(async () => {
  nas = createSocket('udp4');
  nas.on('message', (bytes, from) => {
    received.push(bytes);
    answer(bytes, from, received.length);
  });
  await new Promise<void>((resolve) => nas.bind(0, '127.0.0.1', resolve));
});
afterAll(() => void nas.close());

/** An answer as RFC 5176 says; `by`: the secret that it is made with. */
function answerTo(request: Buffer, code: number, attributes: readonly number[] = [], by = secret): Buffer {
  const packet = Buffer.concat([request.subarray(0, 20), Buffer.from(attributes)]);
  packet.writeUInt8(code, 0);
  packet.writeUInt16BE(packet.length, 2);
  createHash('md5').update(packet).update(by).digest().copy(packet, 4);
  return packet;
}

const session = {
  ...{ id: 'ses_1', ref: nasRef('Web', '4711', 'ses_1'), login: 'web', channel: 'ftp' },
  ...{ sourceIp: null, openedAt: 0 },
};
async function end(reply: typeof answer, ref = session.ref) {
  received = [];
  answer = reply;
  const way = wayToNas(
    { address: '127.0.0.1', port: nas.address().port, secret: new Secret(secret) },
    systemWorld,
  );
  return way({ ...session, ref }, []);
}
const send = (bytes: Buffer, { port, address }: RemoteInfo) => nas.send(bytes, port, address);

test('the request is signed twice, and names the session as its NAS does', async () => {
  await end((request, from) => send(answerTo(request, 41), from));
  const [request = Buffer.alloc(0)] = received;
  const blank = Buffer.from(request).fill(0, 4, 20);
  const authenticator = createHash('md5').update(blank).update(secret).digest();
  expect(request.subarray(4, 20)).toEqual(authenticator);
  const signature = createHmac('md5', secret)
    .update(Buffer.from(blank).fill(0, 22, 38))
    .digest();
  expect(request.subarray(20, 22)).toEqual(Buffer.from([80, 18]));
  expect(request.subarray(22, 38)).toEqual(signature);
  const text = request.toString('latin1');
  expect(text).toContain('\u0001\u0005Web');
  expect(text).toContain('\u002c\u00064711');
});

test('before its accounting told of it, the session is named by Class', async () => {
  await end((request, from) => send(answerTo(request, 41), from), nasRef('Web', undefined, 'req_1'));
  expect(received[0]?.toString('latin1')).toContain('\u0019\u0007ses_1');
});

test.each([
  ['ACK', 41, [], { state: 'ended' }],
  ['NAK 503: it knew the session, and does no more', 42, [101, 6, 0, 0, 1, 247], { state: 'ended' }],
  ['NAK 501', 42, [101, 6, 0, 0, 1, 245], { state: 'not_proven', detail: expect.stringMatching(/NAK 501/) }],
  ['NAK without a cause', 42, [], { state: 'not_proven' }],
])('%s', async (_, code, attributes, expected) => {
  expect(await end((request, from) => send(answerTo(request, code, attributes), from))).toMatchObject(
    expected,
  );
});

test('NAK 503 of a session that accounting never told of proves nothing by itself', async () => {
  const unknown = (request: Buffer, from: RemoteInfo) =>
    send(answerTo(request, 42, [101, 6, 0, 0, 1, 247]), from);
  expect(await end(unknown, nasRef('Web', undefined, 'req_1'))).toMatchObject({ state: 'absent' });
});

test('a datagram that is lost is sent again, the same one', async () => {
  const told = await end((request, from, count) => {
    if (count === 2) send(answerTo(request, 41), from);
  });
  expect(told.state).toBe('ended');
  expect(received).toHaveLength(2);
  expect(received[0]).toEqual(received[1]);
});

test('forged, mangled and foreign answers are passed over; the real one behind them counts', async () => {
  const told = await end((request, from) => {
    const real = answerTo(request, 42, [101, 6, 0, 0, 1, 248]);
    const wrongSign = [80, 18, ...Array.from({ length: 16 }, () => 7)];
    const hostile = [
      ...[answerTo(request, 41, [], 'a guess'), answerTo(request, 41).subarray(0, 19), Buffer.alloc(0)],
      ...[
        answerTo(request, 44),
        answerTo(request, 2),
        answerTo(request, 41, [101, 1]),
        answerTo(request, 41, [101, 200]),
      ],
      ...[answerTo(request, 41, wrongSign), Buffer.concat([answerTo(request, 41).fill(99, 1, 2)])],
      Buffer.alloc(5000, 41),
    ];
    for (const bytes of [...hostile, real]) send(bytes, from);
  });
  expect(told).toMatchObject({ state: 'not_proven', detail: expect.stringMatching(/NAK 504/) });
});

test('an answer to another request is none', () => {
  const one = disconnectRequest({ userName: 'a' }, 1, 0, secret);
  const two = disconnectRequest({ userName: 'b' }, 1, 0, secret);
  expect(disconnectAnswer(answerTo(one, 41), one, secret)).toEqual({ kind: 'ack' });
  expect(disconnectAnswer(answerTo(one, 41), two, secret)).toBeUndefined();
});

test('nobody listens there: out of reach at once', async () => {
  const free = createSocket('udp4');
  await new Promise<void>((resolve) => free.bind(0, '127.0.0.1', resolve));
  const { port } = free.address();
  await new Promise<void>((resolve) => free.close(() => resolve()));
  const began = Date.now();
  const way = wayToNas({ address: '127.0.0.1', port, secret: new Secret(secret) }, systemWorld);
  expect(await way(session, [])).toMatchObject({ state: 'unreachable' });
  expect(Date.now() - began).toBeLessThan(900);
});

test.each(['', 'radius:', 'radius:[', 'radius:[1,2,3]', 'radius:{}', 'sftpgo:x', 'radius:["a"]'])(
  'a reference that is none of a NAS’s names nothing: %s',
  (ref) => expect(nasNames(ref)).toEqual({}),
);
