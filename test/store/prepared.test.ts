import { sql } from 'drizzle-orm';
import { afterAll, expect, it } from 'vitest';
import { emptyBudget } from '../../src/domain/throttle.ts';
import { lockBudgets, saveBudgets, swapBudgets, swapBudgetsAhead } from '../../src/store/attempts.ts';
import { openDatabase } from '../../src/store/db.ts';
import { askLogin } from '../../src/store/entry.ts';
import { policyRow } from '../../src/store/tables/records.ts';
import { freshDatabase } from '../support/postgres.ts';

const fresh = await freshDatabase();
const database = openDatabase(fresh.url, { pool: 1 });
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

async function kept(part: string): Promise<number> {
  const [row] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from pg_prepared_statements where position(${part} in statement) > 0`;
  return row?.count ?? 0;
}

it('plans a statement once a connection, in and out of transactions', async () => {
  for (let n = 1; n <= 3; n++) {
    await database.drizzle.select().from(policyRow).where(sql`${policyRow.version} > ${n}`);
    await database.drizzle.transaction((tx) =>
      tx
        .update(policyRow)
        .set({ updatedAt: new Date(0) })
        .where(sql`${policyRow.version} > ${n + 1e6}`),
    );
  }
  expect(await kept('"version" > $')).toBe(2);
});

it('keeps no plan for a list whose length is anybody’s guess', async () => {
  for (const length of [65, 66, 67]) {
    const ids = Array.from({ length }, (_, n) => `ses_${n}`);
    await database.drizzle.execute(sql`select 'a long list' from sessions where id in ${ids}`);
  }
  expect(await kept('a long list')).toBe(0);
});

it('finds counters of guesses by their key, also by plans that were made while there were none', async () => {
  const at = new Date();
  const keys = { pair: 'pair:web|192.0.2.0', source: 'source:192.0.2.0' };
  const login = async () => {
    const place = { prefix: '192.0.2.0', keys };
    const { budgets } = await askLogin(database.drizzle, { store: 'ftp', login: 'web' }, place, at);
    const counted = {
      pair: { ...emptyBudget, failures: (budgets.pair?.failures ?? 0) + 1 },
      source: emptyBudget,
    };
    expect(await swapBudgets(database.drizzle, keys, budgets, counted, at)).toBe(true);
    await database.drizzle.transaction(async (tx) => {
      const locked = await lockBudgets(tx, keys, at);
      expect(locked.pair?.failures).toBe(counted.pair.failures);
      await saveBudgets(tx, keys, { ...counted, source: { ...emptyBudget, repeats: 1 } }, at);
    });
  };
  const readWhole = async () => {
    await database.sql`select pg_stat_force_next_flush()`;
    const [row] = await database.sql<{ read: number }[]>`
      select seq_tup_read::float8 as read from pg_stat_user_tables where relname = 'attempts'`;
    return row?.read ?? Number.NaN;
  };
  await database.sql`delete from attempts`;
  await login();
  await database.sql`insert into attempts (key, digests, touched_at) select 'name:' || n, '{}', now() from generate_series(1, 5000) n`;
  const before = await readWhole();
  await login();
  await login();
  expect(await readWhole()).toBe(before);
  const rows =
    await database.sql`select key, failures, repeats from attempts where key not like 'name:%' order by key`;
  expect([...rows]).toEqual([
    { key: keys.pair, failures: 3, repeats: 0 },
    { key: keys.source, failures: 0, repeats: 1 },
  ]);
});

it('waits for the disk again after a booking that did not', async () => {
  const at = new Date();
  await database.sql`set synchronous_commit = on`;
  const booked = { pair: { ...emptyBudget, failures: 1 } };
  expect(await swapBudgetsAhead(database.drizzle, { pair: `pair:${at.getTime()}` }, {}, booked, at)).toBe(
    true,
  );
  expect(await database.sql`show synchronous_commit`).toMatchObject([{ synchronous_commit: 'on' }]);
  expect(await kept("set_config('synchronous_commit'")).toBe(1);
});
