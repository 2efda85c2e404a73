/** Which names exist? Nothing that a caller sees may tell: answer, work of the hash pool, counting, refusal. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { fitTestHouse, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
let token = '';
const names = ['known', 'suspended', 'closed', 'without-ftp', 'nobody'];
beforeAll(async () => {
  await house.account('known');
  const suspended = await house.account('suspended');
  const closed = await house.account('closed');
  await house.account('without-ftp', { panel: password });
  value(await changeStatus(house.ctx(panel), suspended, { to: 'suspended', level: 'all', reason: 'unpaid' }));
  value(await changeStatus(house.ctx(panel), closed, { to: 'closed', reason: 'left' }));
  ({ token } = await house.client(['authenticate']));
});

async function ask(login: string, guess: string, source_ip: string) {
  const body = { store: 'ftp', login, password: guess, source_ip };
  const response = await house.request('POST', '/v1/authenticate', { token, body });
  const headers = Object.fromEntries(response.headers);
  delete headers['x-request-id'];
  return { status: response.status, headers, text: await response.text() };
}

it('the same bytes and the same work for a wrong password, whoever the name belongs to', async () => {
  const seen = [];
  for (const [i, name] of names.entries()) {
    await house.hashesSince();
    seen.push({ ...(await ask(name, 'a wrong guess', `203.0.113.${i}`)), hashes: await house.hashesSince() });
  }
  expect(seen[0]?.text).toBe('{"decision":"deny","reason":"invalid_credentials"}');
  expect(seen[0]?.hashes).toBe(1);
  for (const each of seen) expect(each).toEqual(seen[0]);
});

it('the right password of an account that is shut is answered like a wrong one', async () => {
  for (const [i, name] of ['suspended', 'closed', 'without-ftp'].entries()) {
    await house.hashesSince();
    const answer = await ask(name, password, `203.0.113.${20 + i}`);
    expect(answer.text).toBe('{"decision":"deny","reason":"invalid_credentials"}');
    expect(await house.hashesSince()).toBe(1);
  }
});

it('the same work for one guess, repeated and in parallel', async () => {
  const costs = [];
  for (const [i, name] of names.entries()) {
    const guess = () => ask(name, 'the same guess', `203.0.113.${40 + i}`);
    await house.hashesSince();
    await Promise.all(Array.from({ length: 16 }, guess));
    const together = await house.hashesSince();
    await guess();
    await guess();
    costs.push({ together, after: await house.hashesSince() });
  }
  expect(costs[0]?.after).toBe(2);
  // In parallel some guesses share a judgement that is in flight: how many depends on the moment, not on the name.
  for (const each of costs) {
    expect(each.after).toBe(2);
    expect(each.together).toBeLessThan(16);
  }
});

it('the throttle closes after as many guesses for each name', async () => {
  const open: number[] = [];
  for (const [i, name] of names.entries()) {
    let judged = 0;
    for (let guess = 0; guess < 12; guess++) {
      const answer = await ask(name, `wrong guess ${guess}`, `203.0.${i}.9`);
      if (answer.text.includes('deny')) judged += 1;
    }
    open.push(judged);
  }
  expect(open).toEqual(names.map(() => open[0]));
});

it('a channel that the policy closes says so before any name is looked at', async () => {
  for (const login of ['known', 'nobody']) {
    await house.hashesSince();
    const body = { store: 'ssh', channel: 'telnet', login, password };
    const response = await house.request('POST', '/v1/authenticate', { token, body });
    expect(await response.json()).toMatchObject({ decision: 'deny', reason: 'channel_refused' });
    expect(await house.hashesSince()).toBe(0);
  }
});

it('the true reason stands in the audit log alone', async () => {
  const events = await house.events('login.refused');
  const reasons = new Set(events.map((event) => event.detail?.reason));
  expect([...reasons].sort()).toEqual(
    ['account_closed', 'account_suspended', 'channel_refused', 'unknown_login', 'wrong_password'].sort(),
  );
});
