/** Judges what a passkey signed, and notes its use. Never told to the caller: which of its many ways it was wrong. */

import type { AuditEvent } from '../../domain/event.ts';
import { judgeAssertion, type PasskeyAnswer, type PasskeyUse } from '../../domain/passkey.ts';
import type { Tx } from '../../store/db.ts';
import { lockPasskey, noteUse, type PasskeyRow, passkeyNamed } from '../../store/passkeys.ts';
import type { Ctx } from '../context.ts';
import { tellOwner } from './tell-owner.ts';

export interface RightPasskey {
  readonly ok: true;
  readonly passkey: PasskeyRow;
  readonly use: PasskeyUse;
}

export interface WrongPasskey {
  readonly ok: false;
  readonly reason: 'unknown_passkey' | 'wrong_passkey';
  /** Whose passkey was named, if anybody's. */
  readonly accountId?: string;
  /** For the audit log. */
  readonly fault: string;
}

/** @param accountId whose passkey it must be; undefined where the passkey says who comes. */
export async function judgePasskey(
  ctx: Ctx,
  accountId: string | undefined,
  challenge: string,
  answer: PasskeyAnswer,
): Promise<RightPasskey | WrongPasskey> {
  const passkey = await passkeyNamed(ctx.read, answer.id);
  if (passkey === undefined) return { ok: false, reason: 'unknown_passkey', fault: 'registered by nobody' };
  if (accountId !== undefined && passkey.accountId !== accountId) {
    return { ok: false, reason: 'unknown_passkey', fault: 'the passkey of another account' };
  }
  const use = await judgeAssertion(ctx.house.passkeys, challenge, answer, passkey);
  if (!('fault' in use)) return { ok: true, passkey, use };
  return { ok: false, reason: 'wrong_passkey', accountId: passkey.accountId, fault: use.fault };
}

/** Notes the use in the transaction of what it opens, under the passkey's lock. */
export async function usePasskey(
  tx: Tx,
  ctx: Ctx,
  { passkey, use }: RightPasskey,
): Promise<'unknown_passkey' | 'passkey_cloned' | undefined> {
  const now = await lockPasskey(tx, passkey.id);
  if (now === undefined || now.accountId !== passkey.accountId) return 'unknown_passkey';
  // Authenticators that do not count say 0 for ever (WebAuthn 6.1.1).
  const grown = use.signCount > now.signCount || (use.signCount === 0 && now.signCount === 0);
  if (!grown) return 'passkey_cloned';
  await noteUse(tx, passkey.id, { ...use, at: ctx.now });
  return undefined;
}

/** Two authenticators hold one key: its owner hears of it, whoever of the two came second. */
export async function passkeyCloned(ctx: Ctx, { passkey, use }: RightPasskey): Promise<void> {
  const { id, accountId, label, signCount } = passkey;
  const event: AuditEvent = {
    kind: 'passkey.cloned',
    accountId,
    detail: { passkey: id, label, count: use.signCount, known_count: signCount },
  };
  await ctx.act(async (tx) => {
    await tellOwner(tx, ctx, accountId, { kind: 'passkey_cloned', label });
    return { value: undefined, events: [event] };
  });
}
