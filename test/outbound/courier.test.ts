/** The way out to where somebody else says: real sockets, real TLS, and names that answer as an attacker likes. */
import type { LookupFunction } from 'node:net';
import { afterAll, beforeEach, expect, it, test } from 'vitest';
import { type CourierOptions, type Heard, httpCourier } from '../../src/outbound/courier.ts';
import { certificateFor, receiver } from '../support/receiver.ts';

const certificate = certificateFor('hooks.test', '127.0.0.1');
const secure = await receiver(certificate);
const plain = await receiver();
afterAll(() => Promise.all([secure.close(), plain.close()]));
beforeEach(() => {
  for (const each of [secure, plain]) {
    each.answerWith();
    each.got.length = 0;
  }
});

/** A resolver that says what it is told, one answer after the other; the last one stays. */
function answering(...answers: (readonly string[])[]): { asked: () => number; lookup: LookupFunction } {
  let asked = 0;
  const lookup: LookupFunction = (_name, options, done) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { asked: () => asked, lookup };
}

const loopback = { allow: ['127.0.0.0/8'], ca: certificate.cert };
const post = (url: string, options: Partial<CourierOptions> = {}): Promise<Heard> => {
  const courier = httpCourier({ ...loopback, lookup: answering(['127.0.0.1']).lookup, ...options });
  return courier.post({ url, headers: { 'x-test': 'yes' }, body: '{"a":"ü"}' });
};
const hooks = () => `https://hooks.test:${secure.port}/in?x=1`;

it('posts over TLS to a name, and says what it was answered', async () => {
  expect(await post(hooks())).toEqual({ status: 204 });
  expect(secure.got).toMatchObject([{ path: '/in?x=1', body: '{"a":"ü"}', headers: { 'x-test': 'yes' } }]);
  secure.answerWith(500);
  expect(await post(hooks())).toEqual({ status: 500 });
});

it('without TLS only allowed networks are reached', async () => {
  expect(await post(`http://127.0.0.1:${plain.port}/`)).toEqual({ status: 204 });
  const before = plain.connections();
  expect(await post(`http://127.0.0.1:${plain.port}/`, { allow: [] })).toEqual({ fault: 'address_refused' });
  expect(plain.connections()).toBe(before);
});

it('ATTACK: a name that points inside is refused, and nobody is even connected to', async () => {
  const before = secure.connections();
  const inside = [
    ['127.0.0.1'],
    ['::ffff:127.0.0.1'],
    ['::1'],
    ['169.254.169.254'],
    ['10.0.0.1', '127.0.0.1'],
  ];
  for (const addresses of inside) {
    const { lookup } = answering(addresses);
    expect(await post(hooks(), { allow: [], lookup })).toEqual({ fault: 'address_refused' });
  }
  expect(secure.connections()).toBe(before);
});

test.each(['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '127.1', '[::1]', '[::ffff:7f00:1]', '[::]'])(
  'ATTACK: an address in the URL, however it is written, is refused: %s',
  async (host) => {
    const before = secure.connections();
    const url = `https://${host}:${secure.port}/`;
    expect(await post(url, { allow: [], lookup: answering(['127.0.0.1']).lookup })).toEqual({
      fault: 'address_refused',
    });
    expect(secure.connections()).toBe(before);
  },
);

it('ATTACK: a name that changes after it was checked (DNS rebinding) gains nothing: it is looked up once, and dialled there', async () => {
  // The first answer is good, every later one points inside: whoever checks first and looks up again to dial goes inside.
  const { lookup, asked } = answering(['127.0.0.2'], ['127.0.0.1']);
  const before = secure.connections();
  const heard = await post(hooks(), { allow: ['127.0.0.2'], lookup });
  expect(asked()).toBe(1);
  // Nothing listens at 127.0.0.2; the receiver at 127.0.0.1 must not have been reached.
  expect(heard).toEqual({ fault: 'ECONNREFUSED' });
  expect(secure.connections()).toBe(before);
});

it('ATTACK: of a mixed answer only what may be dialled is dialled', async () => {
  const { lookup } = answering(['127.0.0.3', '127.0.0.1']);
  expect(await post(hooks(), { allow: ['127.0.0.1'], lookup })).toEqual({ status: 204 });
  expect(await post(hooks(), { allow: ['127.0.0.3'], lookup })).toEqual({ fault: 'ECONNREFUSED' });
});

it('ATTACK: a redirect is an answer, and leads nowhere', async () => {
  secure.answerWith((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${plain.port}/inside` }).end(),
  );
  expect(await post(hooks())).toEqual({ status: 302 });
  expect(plain.got).toEqual([]);
});

it('ATTACK: an answer without end is cut off', async () => {
  let sent = 0;
  secure.answerWith((_, response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(65_536);
    const more = () => {
      while (!response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    response.on('error', () => {});
    more();
  });
  expect(await post(hooks())).toEqual({ status: 200 });
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

it('ATTACK: who keeps us waiting is left: before the headers, and in the middle of a body', async () => {
  secure.answerWith(() => {});
  expect(await post(hooks(), { patienceMs: 150 })).toEqual({ fault: 'timeout' });
  secure.answerWith((_, response) => {
    response.writeHead(200);
    response.write('a');
  });
  expect(await post(hooks(), { patienceMs: 150 })).toEqual({ status: 200 });
  const never: LookupFunction = () => {};
  expect(await post(hooks(), { patienceMs: 150, lookup: never })).toEqual({ fault: 'timeout' });
});

it('ATTACK: who cannot prove his name is told nothing', async () => {
  const { lookup } = answering(['127.0.0.1']);
  expect(await post(hooks(), { lookup, ca: certificateFor('hooks.test').cert })).toMatchObject({
    fault: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
  });
  const other = `https://elsewhere.test:${secure.port}/`;
  expect(await post(other, { lookup })).toEqual({ fault: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  expect(secure.got).toEqual([]);
});

it('what goes wrong is a fault in a word: no name, nobody there, a broken answer', async () => {
  const gone: LookupFunction = (_name, _options, done) =>
    done(Object.assign(new Error('no such name at ns1.inside.example'), { code: 'ENOTFOUND' }), []);
  expect(await post(hooks(), { lookup: gone })).toEqual({ fault: 'ENOTFOUND' });
  expect(await post(hooks(), { lookup: answering([]).lookup })).toEqual({ fault: 'address_refused' });
  expect(await post('http://127.0.0.1:1/')).toEqual({ fault: 'ECONNREFUSED' });
  secure.answerWith((_, response) => response.destroy());
  expect(await post(hooks())).toEqual({ fault: 'ECONNRESET' });
});

it('a stop breaks off what is under way', async () => {
  secure.answerWith(() => {});
  const courier = httpCourier({ ...loopback, lookup: answering(['127.0.0.1']).lookup });
  const heard = courier.post({ url: hooks(), headers: {}, body: '' });
  await courier.close();
  expect(await heard).toEqual({ fault: 'ABORT_ERR' });
});
