/** Promise 16: a change and the events that describe it commit together, or not at all. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { unchanged } from '../../src/actions/context.ts';
import { setAccountStatus } from '../../src/store/accounts.ts';
import { admin, fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
let account = '';
let count = 0;
beforeEach(async () => {
  account = await house.account(`login-${++count}`);
});

const change = { status: 'closed', suspendLevel: null, statusReason: 'x', updatedAt: new Date(0) } as const;
const status = async () =>
  (await house.database.sql`select status from accounts where id = ${account}`)[0]?.status;
const told = async () => (await house.events()).filter((event) => event.account_id === account).length;

it('commits the change with its events', async () => {
  const before = await told();
  const event = { kind: 'account.closed', accountId: account } as const;
  const answer = await house.ctx(admin).act(async (tx) => {
    await setAccountStatus(tx, account, change);
    return { value: 7, events: [event] };
  });
  expect([answer, await status(), (await told()) - before]).toEqual([7, 'closed', 1]);
  expect((await house.events('account.closed')).at(-1)).toMatchObject({
    actor_kind: 'operator',
    actor_id: 'opr_admin',
  });
});

it('undoes a change that names no event', async () => {
  const work = house.ctx(admin).act(async (tx) => {
    await setAccountStatus(tx, account, change);
    return { value: 7, events: [] };
  });
  await expect(work).rejects.toThrow('without an event');
  expect(await status()).toBe('active');
});

it('undoes what a refusal had begun, and still answers it', async () => {
  const answer = await house.ctx(admin).act(async (tx) => {
    await setAccountStatus(tx, account, change);
    return unchanged('no');
  });
  expect([answer, await status()]).toEqual(['no', 'active']);
});

it('undoes everything on a fault', async () => {
  const before = await told();
  const work = house.ctx(admin).act(async (tx) => {
    await setAccountStatus(tx, account, change);
    throw new Error('a fault');
  });
  await expect(work).rejects.toThrow('a fault');
  expect([await status(), await told()]).toEqual(['active', before]);
});
