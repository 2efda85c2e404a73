import { eq, inArray, sql } from 'drizzle-orm';
import type { Database, Reader, Tx } from './db.ts';
import { hosts } from './tables/principals.ts';

export type HostRow = typeof hosts.$inferSelect;

export async function saveHost(tx: Tx, row: typeof hosts.$inferInsert): Promise<void> {
  const { name: _, ...rest } = row;
  await tx.insert(hosts).values(row).onConflictDoUpdate({ target: hosts.name, set: rest });
}

/** A host under its lock: two machines that say hello with one name at once come one after the other. */
export async function lockHost(tx: Tx, name: string): Promise<HostRow | undefined> {
  const [row] = await tx.select().from(hosts).where(eq(hosts.name, name)).for('update');
  return row;
}

/** An agent was heard from. Written at most every `everyMs`, so that a busy host does not write its row all the time. */
export async function heardFrom(
  database: Pick<Database, 'sql'>,
  name: string,
  at: Date,
  everyMs: number,
): Promise<void> {
  const stale = new Date(at.getTime() - everyMs).toISOString();
  await database.sql`
    update hosts set last_contact_at = ${at.toISOString()} where name = ${name} and last_contact_at < ${stale}`;
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

export interface HostCounts {
  readonly host: string;
  readonly live: number;
  readonly pending: number;
}

/** Of each host: sessions that live there, and ended ones whose end it has not proved. */
export async function sessionsByHost(reader: Reader): Promise<HostCounts[]> {
  const rows = await reader.execute<{ host: string; live: number; pending: number }>(sql`
    select host, count(*) filter (where ended_at is null)::int as live,
           count(*) filter (where door_state in ('pending', 'not_proven'))::int as pending
      from sessions
     where host is not null and (ended_at is null or door_state in ('pending', 'not_proven')) group by host`);
  return [...rows];
}
