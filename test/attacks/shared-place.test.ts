/** At a door for the host itself everybody comes from one place: it says nothing about who it is. */
import { afterAll, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

it('a login by telnet makes no known place of loopback, and a place known otherwise counts for nothing there', async () => {
  await house.account('anna', { ssh: password });
  value(await changePolicy(house.ctx(admin), { channels: { telnet: { allowed: true } } }));
  const telnet = { login: 'anna', store: 'ssh', channel: 'telnet', source_ip: '127.0.0.1' } as const;
  const known = () => house.database.sql`select prefix from known_sources`;
  expect((await house.guess(telnet)).decision).toBe('allow');
  expect(await known()).toHaveLength(0);
  expect((await house.guess({ ...telnet, channel: 'ssh' })).decision).toBe('allow');
  expect(await known()).toHaveLength(1);
  expect((await house.guess({ ...telnet, password: 'a neighbour guesses' })).decision).toBe('deny');
  const budgets = await house.database.sql`select key from attempts where failures > 0 order by key`;
  expect(budgets.map(({ key }) => String(key).split(':')[0])).toEqual([
    ...['name', 'network', 'pair', 'source', 'strangers'],
  ]);
  const [refused] = (await house.events('login.refused')).slice(-1);
  expect(refused?.detail).not.toHaveProperty('known');
});
