import { inArray } from 'drizzle-orm';
import type { Database, Reader, Tx } from './db.ts';
import { hosts } from './tables/principals.ts';

export type HostRow = typeof hosts.$inferSelect;

export async function saveHost(tx: Tx, row: typeof hosts.$inferInsert): Promise<void> {
  const { name: _, ...rest } = row;
  await tx.insert(hosts).values(row).onConflictDoUpdate({ target: hosts.name, set: rest });
}

/** Agents were heard from. Written at most every `everyMs`, so that busy hosts do not write one row all the time. */
export async function heardFrom(
  database: Pick<Database, 'sql'>,
  names: readonly string[],
  at: Date,
  everyMs: number,
): Promise<void> {
  const stale = new Date(at.getTime() - everyMs).toISOString();
  await database.sql`
    update hosts set last_contact_at = ${at.toISOString()} where name = any(${[...names]}) and last_contact_at < ${stale}`;
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
