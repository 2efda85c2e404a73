/** What an account has beside its password, as its owner and the staff see it: never a secret. */
import type { FactorsView, PasskeyView } from '../../protocol/factors.ts';
import type { Reader } from '../../store/db.ts';
import { otherFactorsOf } from '../../store/own-factors.ts';
import { type PasskeyRow, passkeysOf } from '../../store/passkeys.ts';

const iso = (at: Date | null) => at?.toISOString() ?? null;

export function passkeyView(row: PasskeyRow): PasskeyView {
  return {
    id: row.id,
    label: row.label,
    transports: row.transports,
    backup_eligible: row.backupEligible,
    backed_up: row.backedUp,
    created_at: row.createdAt.toISOString(),
    last_used_at: iso(row.lastUsedAt),
  };
}

export async function factorsView(reader: Reader, accountId: string): Promise<FactorsView> {
  const [{ totp, recoveryCodes }, passkeys] = await Promise.all([
    otherFactorsOf(reader, accountId),
    passkeysOf(reader, accountId),
  ]);
  return {
    totp: totp.confirmedAt && { confirmed_at: totp.confirmedAt.toISOString() },
    totp_offered: totp.offered,
    passkeys: passkeys.map(passkeyView),
    recovery_codes: { left: recoveryCodes.left, made_at: iso(recoveryCodes.madeAt) },
  };
}
