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
    const applied = await sql<{ times: number }[]>`
      select count(*)::int as times from drizzle.__drizzle_migrations group by hash`;
    expect(applied.length).toBeGreaterThan(0);
    expect(applied.every(({ times }) => times === 1)).toBe(true);
  } finally {
    await sql.end();
  }
});
