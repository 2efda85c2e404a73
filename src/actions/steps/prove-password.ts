/** A session's holder shows its password again: booked and judged like a login, so that a stolen session is no oracle. */
import type { Policy } from '../../domain/policy.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { SessionFacts } from '../../domain/session.ts';
import { HashingBusy } from '../../hashing/admission.ts';
import type { CredentialRow } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { lockVerified } from '../../store/entry.ts';
import type { Ctx } from '../context.ts';
import {
  askAbout,
  type Booking,
  bookAttempt,
  confirmAttempt,
  releaseAttempt,
  settleAttempt,
} from './book-attempt.ts';
import { type Guess, guessFrom } from './guess.ts';
import { judgeSecret, shownAppPassword } from './judge-secret.ts';

export interface PasswordProof {
  readonly right: true;
  readonly credential: CredentialRow;
  /** Settles the booking; false when the credential was changed since. */
  stands(tx: Tx): Promise<boolean>;
}

export interface NoProof {
  readonly right: false;
  /** Undefined when the password was judged wrong; else why it was not judged. */
  readonly unjudged?: { ok: false; refusal: Refusal };
}

/** @param session one that was opened by a login with a password. */
export async function provePassword(
  ctx: Ctx,
  session: SessionFacts,
  password: string,
): Promise<PasswordProof | NoProof> {
  const { store, login, channel, sourceIp } = session;
  const guess = guessFrom({ store, login, channel, password, ...(sourceIp && { source_ip: sourceIp }) });
  const read = await askAbout(ctx, guess);
  const { policy, found, factors } = read;
  const booking = await bookAttempt(ctx, guess, policy, read);
  if (!booking.admitted) {
    const { retryAfterSeconds } = booking;
    return { right: false, unjudged: refuse('too_many', { retryAfterSeconds, detail: tooMany }) };
  }
  try {
    const judged = await judgeSecret(
      ctx,
      guess,
      found,
      factors,
      await shownAppPassword(ctx, guess, found, false),
    );
    // An app password opens a program's door; it never speaks for the owner.
    const own = judged.ok && judged.appPassword === undefined;
    if (own && judged.credential.id === session.credentialId) {
      return proofOf(ctx, judged.credential, guess, booking, policy);
    }
  } catch (error) {
    if (!(error instanceof HashingBusy)) throw error;
    await releaseAttempt(ctx, guess, booking, policy);
    const { retryAfterSeconds } = error;
    return { right: false, unjudged: refuse('busy', { retryAfterSeconds }) };
  }
  await confirmAttempt(ctx, guess, booking, policy);
  return { right: false };
}

const tooMany = 'Too many wrong passwords: wait a little.';

function proofOf(
  ctx: Ctx,
  credential: CredentialRow,
  guess: Guess,
  booking: Booking,
  policy: Policy,
): PasswordProof {
  return {
    right: true,
    credential,
    stands: async (tx) => {
      const now = await lockVerified(tx, credential.id);
      if (now.credential?.epoch !== credential.epoch) return false;
      await settleAttempt(tx, ctx, guess, booking, policy, undefined);
      return true;
    },
  };
}
