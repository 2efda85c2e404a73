/** Proving again who is there: when it was, and the new token that it makes. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { sessions } from './tables/sessions.ts';

/** The hash of the token that a session lives by. */
export async function tokenHashOf(reader: Reader, id: string): Promise<Buffer | undefined> {
  const [row] = await reader
    .select({ tokenHash: sessions.tokenHash })
    .from(sessions)
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt)));
  return row?.tokenHash ?? undefined;
}

export interface Shown {
  readonly freshAt?: Date;
  readonly factorAt?: Date;
}

/** Puts a new token in the place of the one that was shown: false when another one took it already. */
export async function renewSession(
  tx: Tx,
  id: string,
  oldHash: Buffer,
  newHash: Buffer,
  shown: Shown,
): Promise<boolean> {
  const rows = await tx
    .update(sessions)
    .set({ ...shown, tokenHash: newHash })
    .where(and(eq(sessions.id, id), eq(sessions.tokenHash, oldHash), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return rows.length === 1;
}

/** The holder of a live session has just shown this. */
export async function noteShown(tx: Tx, id: string, shown: Shown): Promise<void> {
  await tx
    .update(sessions)
    .set(shown)
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt)));
}
