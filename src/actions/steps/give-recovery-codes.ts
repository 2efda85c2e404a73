/** New recovery codes in the place of all old ones. Their owner sees them once; only digests stay. */
import {
  recoveryCodeBytes,
  recoveryCodeDigest,
  recoveryCodeFrom,
  recoveryCodesGiven,
} from '../../domain/recovery-code.ts';
import type { Tx } from '../../store/db.ts';
import { deleteRecoveryCodes, insertRecoveryCodes } from '../../store/own-factors.ts';
import type { Ctx } from '../context.ts';

export async function giveRecoveryCodes(tx: Tx, ctx: Ctx, accountId: string): Promise<string[]> {
  const { world, digestKey } = ctx.house;
  const codes = Array.from({ length: recoveryCodesGiven }, () =>
    recoveryCodeFrom(world.random(recoveryCodeBytes)),
  );
  const digests = codes.flatMap((code) => recoveryCodeDigest(digestKey, accountId, code) ?? []);
  await deleteRecoveryCodes(tx, accountId);
  await insertRecoveryCodes(tx, accountId, digests, ctx.now);
  return codes;
}
