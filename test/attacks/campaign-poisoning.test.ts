/** What operators dismissed hides nothing but what came from there and leads there: no drift, no forged copy, no decoys. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { type Customer, settledCustomer } from '../support/customer.ts';
import { gatewayOf } from '../support/gateway.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
const gateway = await gatewayOf(house);
const staff = await house.operator('admin');
const { sql } = house.database;
afterAll(house.close);

beforeEach(async () => {
  for (const table of ['reports', 'messages', 'campaigns', 'flags']) await sql`delete from ${sql(table)}`;
});

const letter = (who: string) =>
  `Dear ${who}, we look after the mail of your company and move it to a new server on Monday night, as Eva told you last week when she came by. Please confirm your account and your password on our portal before the move, or it will be suspended within 24 hours, and have a look at the notes about the calendar and the address book as well. Many thanks and until Monday, the whole team of your partner in all things about mail and servers.`;
const genuine = 'https://partner.example/move';
const eva = 'eva@partner.example';

const scan = async (parts: Record<string, unknown>) => (await gateway.scan(parts)).body;
async function resolve(id: string | undefined, state = 'dismissed') {
  const body = { state, note: 'seen' };
  const answer = await house.request('POST', `/v1/flags/${id}/resolve`, { token: staff.token, body });
  expect(answer.status).toBe(200);
}
const asks = { verdict: 'password_request' };

it('a dismissal rests copies from the same sender that lead to the same place, and no other', async () => {
  const first = await scan({ from: eva, text: `${letter('Anna')} ${genuine}` });
  expect(first).toMatchObject({ ...asks, flagged: true });
  await resolve(first.flag_id);
  const again = (text: string, from: string | null = eva) =>
    scan({ ...(from === null ? {} : { from }), text });
  expect(await again(`${letter('Bert')} ${genuine}?u=2`)).toMatchObject({ ...asks, flagged: false });
  const forged = [
    await again(`${letter('Bert')} https://evil.example/login`),
    await again(`${letter('Bert')} ${genuine} or https://evil.example/login`),
    await again(`${letter('Bert')} ${genuine} or write to eva@evil.example`),
    await again(`${letter('Bert')} http://203.0.113.5/move`),
    await again(letter('Bert')),
    await again(`${letter('Bert')} ${genuine}`, 'eva@evil.example'),
    await again(`${letter('Bert')} ${genuine}`, null),
  ];
  expect(forged.map(({ verdict, flagged }) => ({ verdict, flagged }))).toEqual(
    forged.map(() => ({ ...asks, flagged: true })),
  );
  expect(await again(`${letter('Carl')} ${genuine}`)).toMatchObject({ flagged: false });
  // What was confirmed since counts, although it was dismissed before.
  const louder = await again(`${letter('Bert')} ${genuine} Please reply with your password and PIN at once.`);
  expect(louder.flagged).toBe(true);
});

it('a ticket, which has no sender that anybody vouches for, carries no dismissal; nor a few words', async () => {
  for (const text of [`${letter('Anna')} ${genuine}`, 'Send your password now']) {
    const first = await scan({ medium: 'ticket', text });
    expect(first).toMatchObject({ ...asks, flagged: true });
    await resolve(first.flag_id);
    expect(await scan({ medium: 'ticket', text })).toMatchObject({ ...asks, flagged: true });
  }
});

it('a customer’s own report that was dismissed hides nothing that a gateway hands in', async () => {
  const me: Customer = await settledCustomer(house);
  const text = `${letter('Anna')} ${genuine}`;
  const made = await me.ask('POST', '/v1/me/reports', { medium: 'email', from: eva, text });
  expect(made.status).toBe(201);
  const [flag] = await sql`select id from flags`;
  await resolve(String(flag?.id));
  expect(await scan({ from: eva, text })).toMatchObject({ ...asks, flagged: true });
});

it('drift: of many steps, each like the last, the end is not the beginning', async () => {
  const tail =
    'Please reply with your password to confirm your mailbox, dear user, else it will be suspended within 24 hours.';
  const letters = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const step = (changed: number) =>
    `${tail} ${Array.from({ length: 120 }, (_, i) => `${i < changed ? 'omega' : 'alpha'}${letters(i)}`).join(' ')}`;
  const ids: (string | undefined)[] = [];
  for (let changed = 0; changed <= 120; changed += 8)
    ids.push((await scan({ from: eva, text: step(changed) })).flag_id);
  expect(ids[1]).toBe(ids[0]);
  expect(ids.at(-1)).not.toBe(ids[0]);
  await resolve(ids[0]);
  expect(await scan({ from: eva, text: step(120) })).toMatchObject({ ...asks, flagged: true });
});

it('decoys that share a band, newer and many, do not hide the campaign that is the same', async () => {
  const text = `${letter('Anna')} ${genuine}`;
  const first = await scan({ from: eva, text });
  await sql`insert into campaigns (id, same_key, sketch, bands, founded_at)
    select 'msg_decoy' || n, 'decoy' || n, sketch[1:40] || array_fill(n, array[24]), bands, founded_at + interval '1 second'
      from campaigns, generate_series(1, 900) n`;
  expect((await scan({ from: eva, text })).flag_id).toBe(first.flag_id);
});
