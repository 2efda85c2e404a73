import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
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

/** Which of these clients' keys are good. */
export async function clientsInForce(reader: Reader, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await reader
    .select({ id: clients.id })
    .from(clients)
    .where(and(inArray(clients.id, [...ids]), isNull(clients.revokedAt)));
  return new Set(rows.map((row) => row.id));
}

/** Takes a client's key back; undefined when no good key of that name is there. */
export async function revokeClientNamed(tx: Tx, name: string, at: Date): Promise<ClientRow | undefined> {
  const [row] = await tx
    .update(clients)
    .set({ revokedAt: at })
    .where(and(eq(clients.name, name), isNull(clients.revokedAt)))
    .returning();
  return row;
}

/** Takes an operator's token back; undefined when nobody of that login is there. */
export async function revokeOperatorNamed(tx: Tx, login: string, at: Date): Promise<OperatorRow | undefined> {
  const [row] = await tx
    .update(operators)
    .set({ revokedAt: at })
    .where(and(eq(operators.login, login), isNull(operators.revokedAt)))
    .returning();
  return row;
}

/** Sets or takes away where somebody of the staff is written to; undefined when nobody of that login is there. */
export async function setOperatorEmail(
  tx: Tx,
  login: string,
  email: string | null,
): Promise<OperatorRow | undefined> {
  const [row] = await tx
    .update(operators)
    .set({ email })
    .where(and(eq(operators.login, login), isNull(operators.revokedAt)))
    .returning();
  return row;
}

/** Those of the staff who act on what they are told, and who have an address. */
export async function operatorsToTell(reader: Reader): Promise<{ id: string; email: string }[]> {
  const rows = await reader
    .select({ id: operators.id, email: operators.email })
    .from(operators)
    .where(
      and(
        isNull(operators.revokedAt),
        isNotNull(operators.email),
        inArray(operators.role, ['admin', 'support']),
      ),
    );
  return rows.map(({ id, email }) => ({ id, email: email ?? '' }));
}

export async function operatorEmail(reader: Reader, id: string): Promise<string | undefined> {
  const [row] = await reader.select({ email: operators.email }).from(operators).where(eq(operators.id, id));
  return row?.email ?? undefined;
}
