import { eq, sql } from 'drizzle-orm';
import { type Overrides, type Policy, policyFrom } from '../domain/policy.ts';
import type { Reader, Tx } from './db.ts';
import { policyRow } from './tables/records.ts';

export interface StoredPolicy {
  readonly version: number;
  readonly overrides: Overrides;
  readonly policy: Policy;
}

let parsed: StoredPolicy | undefined;

/** Lays out a stored policy; the last one is kept, by its version and text. */
export function layOut(version: number, overrides: Overrides): StoredPolicy {
  if (parsed?.version !== version || JSON.stringify(parsed.overrides) !== JSON.stringify(overrides)) {
    parsed = { version, overrides, policy: policyFrom(overrides) };
  }
  return parsed;
}

/** The policy in force, read anew each time: a change holds at once on every node. */
export async function policyInForce(reader: Reader): Promise<StoredPolicy> {
  const [row] = await reader.select().from(policyRow).where(eq(policyRow.id, 1));
  if (row === undefined) throw new Error('the policy row is missing: the schema is not in place');
  return layOut(row.version, row.overrides as Overrides);
}

/** The policy under its lock, for a change that builds on what is there. */
export async function lockPolicy(tx: Tx): Promise<StoredPolicy> {
  const [row] = await tx.select().from(policyRow).where(eq(policyRow.id, 1)).for('update');
  if (row === undefined) throw new Error('the policy row is missing: the schema is not in place');
  return layOut(row.version, row.overrides as Overrides);
}

export async function writePolicy(tx: Tx, overrides: Overrides, at: Date): Promise<StoredPolicy> {
  const [row] = await tx
    .update(policyRow)
    .set({ overrides, version: sql`${policyRow.version} + 1`, updatedAt: at })
    .where(eq(policyRow.id, 1))
    .returning();
  if (row === undefined) throw new Error('the policy row is missing: the schema is not in place');
  return layOut(row.version, overrides);
}
