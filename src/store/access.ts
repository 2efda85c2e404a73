/** What opens stores beside passwords: app passwords, grants and SSH keys, all of an account at once. */
import { sql } from 'drizzle-orm';
import type { Tx } from './db.ts';

const kinds = ['app_passwords', 'grants', 'ssh_keys'] as const;

/** Revokes those made since `since`; the database ends what they opened. @returns how many. */
export async function revokeAccessSince(tx: Tx, accountId: string, since: Date, at: Date): Promise<number> {
  let revoked = 0;
  for (const kind of kinds) {
    const rows = await tx.execute(sql`
      update ${sql.identifier(kind)} set revoked_at = ${at.toISOString()}
       where account_id = ${accountId} and revoked_at is null and created_at >= ${since.toISOString()}
      returning id`);
    revoked += rows.length;
  }
  return revoked;
}
