import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { applyMigrations } from '../../src/store/migrate.ts';
import { freshDatabase } from '../support/postgres.ts';

const database = await freshDatabase();
afterAll(() => database.drop());

test('nodes that start together migrate an empty database once', async () => {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await sql`drop schema if exists drizzle cascade`;
    await sql`drop schema public cascade`;
    await sql`create schema public`;
    await Promise.all(Array.from({ length: 4 }, () => applyMigrations(database.url)));
    const [row] = await sql<{ ledger: string | null }[]>`
      select to_regclass('drizzle.__drizzle_migrations')::text as ledger`;
    if (!row?.ledger) return; // A release without migrations.
    const doubled = await sql`
      select hash from drizzle.__drizzle_migrations group by hash having count(*) > 1`;
    expect(doubled).toHaveLength(0);
  } finally {
    await sql.end();
  }
});
