/** Brings a database to this release's schema. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { connectTo } from './connect.ts';

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Any number will do, as long as every release uses the same one. */
const lockKey = 7_404_283_901;

/**
 * Applies the migrations that `url`'s database does not have yet, each once, however many nodes start together:
 * the others wait for the advisory lock and then find nothing left to do. The lock belongs to the connection, so
 * a node that dies half-way frees it; `max: 1` keeps the lock and the migrations on that one connection.
 */
export async function applyMigrations(url: string): Promise<void> {
  if (!existsSync(`${migrationsFolder}/meta/_journal.json`)) return;
  const sql = connectTo(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await sql`select pg_advisory_lock(${lockKey})`;
    await migrate(drizzle(sql), { migrationsFolder });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
