import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { clients, operators } from './tables/principals.ts';

export type OperatorRow = typeof operators.$inferSelect;
export type ClientRow = typeof clients.$inferSelect;

export async function insertClient(tx: Tx, row: typeof clients.$inferInsert): Promise<ClientRow | undefined> {
  const [inserted] = await tx.insert(clients).values(row).onConflictDoNothing().returning();
  return inserted;
}

export async function insertOperator(
  tx: Tx,
  row: typeof operators.$inferInsert,
): Promise<OperatorRow | undefined> {
  const [inserted] = await tx.insert(operators).values(row).onConflictDoNothing().returning();
  return inserted;
}

export async function operatorByTokenHash(reader: Reader, hash: Buffer): Promise<OperatorRow | undefined> {
  const [row] = await reader
    .select()
    .from(operators)
    .where(and(eq(operators.tokenHash, hash), isNull(operators.revokedAt)));
  return row;
}

/** Whether anybody of the staff exists yet: `serve` tells the next step from it. */
export async function anyOperator(reader: Reader): Promise<boolean> {
  const rows = await reader.select({ id: operators.id }).from(operators).limit(1);
  return rows.length > 0;
}
