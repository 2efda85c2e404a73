/** A good login from a place where this login was never seen: its owner is told, once a place. */
import { knowsPlace } from '../../store/attempts.ts';
import type { CredentialRow } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { tellOnce } from '../../store/previous-passwords.ts';
import type { Ctx } from '../context.ts';
import type { Guess } from './guess.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * Before the place is remembered, in the transaction that lets the login in. Not at the first login ever, when every
 * place is new; nor where the caller does not say whence it comes.
 */
export async function tellOfNewPlace(
  tx: Tx,
  ctx: Ctx,
  guess: Guess,
  credential: CredentialRow,
  userAgent: string | undefined,
): Promise<void> {
  const { source, login, store } = guess;
  if (source === undefined || credential.lastUsedAt === null || ctx.house.mail.kind === 'off') return;
  const place = guess.prefixes.host;
  if (await knowsPlace(tx, credential.id, place)) return;
  if (!(await tellOnce(tx, credential.id, place, 'new_device', ctx.now))) return;
  const channel = guess.channel.name;
  const notice = { kind: 'new_device', login, store, channel, source, userAgent } as const;
  await tellOwner(tx, ctx, credential.accountId, notice);
}
