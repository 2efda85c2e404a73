import { sql } from 'drizzle-orm';
import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/db.ts';
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
