/** A WebAuthn ceremony under way: its challenge goes to one browser, counts for five minutes, and is taken up once. */
import { passkeyChallengeBytes, passkeyChallengeMs } from '../../domain/passkey.ts';
import { tokenBytes, tokenHash } from '../../domain/token.ts';
import { type ChallengeRow, insertChallenge, openChallenge, spendChallenge } from '../../store/challenges.ts';
import type { Ctx } from '../context.ts';
import { challengeId } from './ask-factor.ts';

type Purpose = Exclude<ChallengeRow['purpose'], 'login'>;

export interface Ceremony {
  readonly id: string;
  readonly challenge: Buffer;
  /** RFC 3339 */
  readonly expiresAt: string;
}

/** @param about whose it is, where that is known already; `entry`: what was asked for, kept until it is taken up. */
export async function beginCeremony(
  ctx: Ctx,
  purpose: Purpose,
  about: { readonly accountId?: string; readonly entry?: unknown } = {},
): Promise<Ceremony> {
  const { world } = ctx.house;
  const id = challengeId(world.random(tokenBytes));
  const challenge = world.random(passkeyChallengeBytes);
  const expiresAt = new Date(ctx.now.getTime() + passkeyChallengeMs);
  await ctx.touch((tx) =>
    insertChallenge(tx, {
      idHash: tokenHash(id),
      purpose,
      accountId: about.accountId ?? null,
      askedBy: ctx.actor.id,
      entry: about.entry ?? {},
      webauthn: challenge.toString('base64url'),
      createdAt: ctx.now,
      expiresAt,
    }),
  );
  return { id, challenge, expiresAt: expiresAt.toISOString() };
}

/** A ceremony that was taken up: what it was about, and the challenge that the answer must have signed. */
export interface TakenUp {
  readonly accountId: string | null;
  readonly entry: unknown;
  readonly challenge: string;
}

/**
 * Takes it up, before its answer is judged: whatever that says, there is no second try with this challenge. Only for
 * the caller who began it, and only for what it was begun for.
 */
export async function takeUpCeremony(ctx: Ctx, id: string, purpose: Purpose): Promise<TakenUp | undefined> {
  const idHash = tokenHash(id);
  const row = await openChallenge(ctx.read, idHash, ctx.now);
  if (row?.purpose !== purpose || row.askedBy !== ctx.actor.id || row.webauthn === null) return undefined;
  const { webauthn: challenge } = row;
  const mine = await ctx.touch((tx) => spendChallenge(tx, idHash, ctx.now));
  return mine && { accountId: row.accountId, entry: row.entry, challenge };
}
