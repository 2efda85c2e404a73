/** The previous password: recognised for its owner, and for nobody else. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { setCredential } from '../../src/actions/credentials.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, panel, password, value } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const next = 'seven herons over the quiet harbour';
const day = 86_400_000;
let count = 0;
let login = '';
let account = '';
const phone = '192.0.2.44';

const set = async (secret: string) =>
  value(await setCredential(house.ctx(panel), account, 'ftp', { password: secret }));
beforeEach(async () => {
  login = `stale-${++count}`;
  account = await house.account(login);
  await addressOf(house, account, `${login}@example.net`);
  await set(next);
  await house.afterwards();
  await mailsOf(house);
});

const old = (source_ip = phone) => house.guess({ login, password, source_ip });
const counts = async () => {
  const rows = await house.database.sql<{ key: string; failures: number }[]>`
    select key, failures from attempts where key like ${`%${login}%`} or key like 'source:192.0.2.44%'`;
  return Object.fromEntries(rows.map((row) => [row.key.split(':')[0], row.failures]));
};

it('is told once a place, lets nobody in, and counts against no name', async () => {
  expect((await old()).decision).toBe('deny');
  expect(await counts()).toMatchObject({ name: 1, strangers: 1, source: 1 });
  await house.afterwards();
  const [mail, ...more] = await mailsOf(house);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`An old password of ${login} is still in use`);
  expect(mail?.text).toContain(phone);
  expect(await counts()).toMatchObject({ name: 0, strangers: 0, pair: 0, source: 1 });
  for (let i = 0; i < 20; i++) expect((await old()).decision).toBe('deny');
  await house.afterwards();
  expect(await counts()).toMatchObject({ name: 0, strangers: 0, pair: 0, source: 1 });
  expect(await mailsOf(house)).toEqual([]);
  await old('198.51.100.20');
  await house.afterwards();
  expect(await mailsOf(house)).toHaveLength(1);
  expect((await house.guess({ login, password: next, source_ip: phone })).decision).toBe('allow');
});

it('any other wrong password is no notice, and counts', async () => {
  await house.guess({ login, password: 'neither the old nor the new one', source_ip: phone });
  await house.afterwards();
  expect(await mailsOf(house)).toEqual([]);
  expect(await counts()).toMatchObject({ name: 1, strangers: 1 });
});

it('ATTACK: whoever holds the old password gets no more guesses by it', async () => {
  const judged = [];
  for (let i = 0; i < 12; i++) {
    await old();
    await house.afterwards();
    judged.push((await house.guess({ login, password: `another guess, ${i}`, source_ip: phone })).decision);
  }
  expect(judged.filter((decision) => decision === 'deny').length).toBeLessThanOrEqual(4);
});

it('ATTACK: nor more hashes: it stays known as wrong, and repeats have their number', async () => {
  value(await changePolicy(house.ctx(admin), { throttle: { repeated_guesses: 10 } }));
  const judged = [];
  for (let i = 0; i < 20; i++) {
    // Without a source, only the name's own budget holds.
    judged.push((await house.guess({ login, password, source_ip: undefined })).decision);
    await house.afterwards();
  }
  expect(judged.filter((decision) => decision === 'deny')).toHaveLength(11);
  value(await changePolicy(house.ctx(admin), { throttle: null }));
});

it('ATTACK: nor from many places, each of which is told for the first time', async () => {
  const judged = [];
  for (let i = 1; i < 40; i++) {
    const from = (half: number) => `2001:db8:${i.toString(16)}:${half}::1`;
    const guess = { login, password: `another guess, ${i}`, source_ip: from(1) };
    judged.push((await house.guess(guess)).decision);
    await old(from(2));
    await house.afterwards();
  }
  expect(judged.filter((decision) => decision === 'deny').length).toBeLessThanOrEqual(11);
});

it('after the answer, and with the same work for every name', async () => {
  const work = [];
  for (const name of [login, 'nobody-of-that-name', await fresh()]) {
    await house.hashesSince();
    await house.guess({ login: name, password, source_ip: '203.0.113.1' });
    const before = await house.hashesSince();
    await house.afterwards();
    work.push([before, await house.hashesSince()]);
  }
  expect(work).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
});

async function fresh(): Promise<string> {
  const name = `fresh-${count}`;
  await house.account(name, { ftp: next });
  return name;
}

it('after its window it is forgotten; policy 0 keeps none; the one before it is gone', async () => {
  await set('a third lantern by the old canal');
  await mailsOf(house);
  await old();
  await house.afterwards();
  expect(await mailsOf(house)).toEqual([]);
  await house.guess({ login, password: next, source_ip: phone });
  await house.afterwards();
  expect(await mailsOf(house)).toHaveLength(1);
  house.pass(14 * day);
  await house.guess({ login, password: next, source_ip: '198.51.100.21' });
  await house.afterwards();
  expect(await mailsOf(house)).toEqual([]);
  value(await changePolicy(house.ctx(admin), { password: { previous_days: 0 } }));
  await set('a fourth lantern by the old canal');
  const [kept] = await house.database.sql<{ n: number }[]>`
    select count(*)::int as n from previous_passwords p join credentials c on c.id = p.credential_id
     where c.login = ${login}`;
  expect(kept?.n).toBe(0);
  value(await changePolicy(house.ctx(admin), { password: null }));
});

it('sixteen tries at once from one place are one mail', async () => {
  await Promise.all(Array.from({ length: 16 }, () => old()));
  await house.afterwards();
  expect(await mailsOf(house)).toHaveLength(1);
});
