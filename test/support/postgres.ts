/** A database of one's own: cloned from the migrated template, once a test file. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

export interface FreshDatabase {
  /** For `DATABASE_URL` or a connection. */
  url: string;
  drop(): Promise<void>;
}

/** Use: `const database = await freshDatabase(); afterAll(() => database.drop())`. Cuts off who is still connected. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject('databaseServer');
  const name = `${server.template}_${randomBytes(4).toString('hex')}`;
  const ask = async (work: (sql: postgres.Sql) => PromiseLike<unknown>) => {
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    try {
      await work(sql);
    } finally {
      await sql.end();
    }
  };
  await ask((sql) => sql`create database ${sql(name)} template ${sql(server.template)}`);
  const url = new URL(server.url);
  url.pathname = name;
  return {
    url: url.href,
    drop: () => ask((sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}
