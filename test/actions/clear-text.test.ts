/** Passwords that come in clear text where the policy wants encryption: not judged, not counted, and their owner hears of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, password, value } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const source_ip = '192.0.2.9';
let account = '';

beforeAll(async () => {
  account = await house.account('ivy');
  await addressOf(house, account, 'ivy@example.net');
  value(await changePolicy(house.ctx(admin), { channels: { ftp: { encrypted_only: true } } }));
  await house.afterwards();
  await mailsOf(house);
});

const guess = (login: string, secret: string, encrypted?: boolean) =>
  house.guess({ login, password: secret, source_ip, ...(encrypted === undefined ? {} : { encrypted }) });

it('ATTACK: says the same of the right password, a wrong one and an unknown name; judges and counts none', async () => {
  await house.hashesSince();
  const answers = [
    await guess('ivy', password, false),
    await guess('ivy', 'a password that is wrong', false),
    await guess('nobody-of-that-name', password, false),
    await guess('ivy', password),
  ];
  for (const answer of answers) {
    expect(answer).toEqual({
      decision: 'deny',
      reason: 'channel_refused',
      message: 'Passwords are not taken in clear text here. Use FTP over TLS or SFTP.',
    });
  }
  expect(await house.hashesSince()).toBe(0);
  expect(await house.database.sql`select 1 from attempts`).toHaveLength(0);
});

it('tells the owner once a day, however often it is tried, also by many at once', async () => {
  await house.afterwards();
  await mailsOf(house);
  house.pass(25 * 3_600_000);
  await Promise.all(Array.from({ length: 20 }, () => guess('ivy', password, false)));
  await house.afterwards();
  const mails = await mailsOf(house);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.subject).toBe('A password for ivy was sent without encryption');
});

it('takes it when it came encrypted', async () => {
  expect((await guess('ivy', password, true)).decision).toBe('allow');
});
