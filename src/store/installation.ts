import { eq } from 'drizzle-orm';
import type { Database, Reader } from './db.ts';
import { installation } from './tables/records.ts';

/** Binds the database to a key ring on first use; answers the fingerprint that it is bound to. */
export async function bindKeys(database: Database, fingerprint: string, at: Date): Promise<string> {
  await database.drizzle
    .insert(installation)
    .values({ id: 1, keyFingerprint: fingerprint, createdAt: at })
    .onConflictDoNothing();
  const [row] = await database.drizzle.select().from(installation).where(eq(installation.id, 1));
  return row?.keyFingerprint ?? fingerprint;
}

/** The fingerprint that the database is bound to; undefined before the first start of a service. */
export async function boundKeys(reader: Reader): Promise<string | undefined> {
  const [row] = await reader.select().from(installation).where(eq(installation.id, 1));
  return row?.keyFingerprint;
}
