/** One PostgreSQL for the whole run, with the migrated template that `freshDatabase` clones. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { applyMigrations } from '../../src/store/migrate.ts';
import { buildDist } from './build.ts';
import { startTestServer } from './test-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: { url: string; template: string };
  }
}

/** `TEST_DATABASE_URL` (a superuser, or one who may create databases) replaces the server from npm. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const built = buildDist();
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => {} } : await startTestServer();
  // Named for the run: two runs on one server do not meet, and the end of this one takes only its own away.
  const template = `gatehouse_test_${randomBytes(4).toString('hex')}`;
  try {
    await inServer(server.url, (sql) => sql`create database ${sql(template)}`);
    const templateUrl = new URL(server.url);
    templateUrl.pathname = template;
    await applyMigrations(templateUrl.href);
    await built;
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('databaseServer', { url: server.url, template });
  return async () => {
    if (given) await dropAll(given, template);
    await server.stop();
  };
}

async function dropAll(url: string, template: string): Promise<void> {
  await inServer(url, async (sql) => {
    const rows = await sql<{ datname: string }[]>`
      select datname from pg_database where starts_with(datname, ${template})`;
    for (const { datname } of rows) await sql`drop database if exists ${sql(datname)} with (force)`;
  });
}

async function inServer(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
