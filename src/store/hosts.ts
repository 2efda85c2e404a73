import { inArray } from 'drizzle-orm';
import type { Database, Reader, Tx } from './db.ts';
import { hosts } from './tables/principals.ts';

export type HostRow = typeof hosts.$inferSelect;

export async function saveHost(tx: Tx, row: typeof hosts.$inferInsert): Promise<void> {
  const { name: _, ...rest } = row;
  await tx.insert(hosts).values(row).onConflictDoUpdate({ target: hosts.name, set: rest });
}

/** An agent was heard from; written behind by its stream, never in a request's way. */
export async function heardFrom(database: Database, name: string, at: Date): Promise<void> {
  await database.sql`update hosts set last_contact_at = ${at.toISOString()} where name = ${name} and last_contact_at < ${at.toISOString()}`;
}

export async function hostsNamed(reader: Reader, names: readonly string[]): Promise<HostRow[]> {
  return names.length === 0
    ? []
    : reader
        .select()
        .from(hosts)
        .where(inArray(hosts.name, [...names]));
}

export async function allHosts(reader: Reader): Promise<HostRow[]> {
  return reader.select().from(hosts);
}
