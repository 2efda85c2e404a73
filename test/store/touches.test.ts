import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/db.ts';
import { createTouches } from '../../src/store/touches.ts';
import { freshDatabase } from '../support/postgres.ts';

const fresh = await freshDatabase();
const database = openDatabase(fresh.url, { pool: 2 });
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

const minute = 60_000;

/** A session last seen at `seenAt` (ms), with an idle clock of ten minutes. */
async function session(id: string, seenAt: number): Promise<void> {
  await database.sql`insert into sessions (id, account_id, login, store, channel, profile, method, opened_at,
      last_seen_at, idle_ms, absolute_at)
    values (${id}, 'acc_1', 'anna', 'panel', 'panel', 'standard', 'password', to_timestamp(${seenAt / 1000}),
      to_timestamp(${seenAt / 1000}), ${10 * minute}, to_timestamp(${seenAt / 1000}) + interval '8 hours')`;
}

async function seenAt(id: string): Promise<number | undefined> {
  const [row] = await database.sql<{ ms: number }[]>`
    select (extract(epoch from last_seen_at) * 1000)::float8 as ms from sessions where id = ${id}`;
  return row?.ms;
}

it('writes activity down, forward only, and never wakes a session whose idle clock has run out', async () => {
  const at = Date.UTC(2026, 0, 1, 12);
  await session('used', at - minute);
  await session('newer', at + minute);
  await session('idle', at - 11 * minute);
  const touches = createTouches(database);
  for (const id of ['used', 'newer', 'idle']) touches.note(id, at);
  await touches.flush();
  expect(await seenAt('used')).toBe(at);
  expect(await seenAt('newer')).toBe(at + minute);
  expect(await seenAt('idle')).toBe(at - 11 * minute);
  expect(touches.latest('used')).toBeUndefined();
});
