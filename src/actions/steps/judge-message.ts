/** Judges a message with what the house knows of whom it is for: open links, announced contacts, its own mail. */

import { contactCodeHash } from '../../domain/contact.ts';
import type { Judgement } from '../../domain/judgement.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { weights } from '../../domain/signals/weights.ts';
import { sketchSeeds } from '../../domain/sketch.ts';
import {
  type Explanation,
  explanation,
  type Known,
  nobodyAsked,
  onItsWayMs,
} from '../../domain/solicited.ts';
import { tokenHash } from '../../domain/token.ts';
import { withOffsets } from '../../domain/training.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { JudgingJob } from '../../judging/job.ts';
import { NotJudged } from '../../judging/judging.ts';
import { type AccountRow, accountById, accountByLogin, accountsByEmail } from '../../store/accounts.ts';
import { openContacts } from '../../store/contacts.ts';
import { loginsNamed } from '../../store/credentials.ts';
import type { Reader } from '../../store/db.ts';
import { tokensKnown } from '../../store/mailed-tokens.ts';
import { mailsTo } from '../../store/mails.ts';
import { policyInForce } from '../../store/policy.ts';
import { trainedWeights } from '../../store/trainings.ts';
import type { Ctx } from '../context.ts';

export interface Judged {
  readonly judgement: Judgement;
  readonly verdict: Verdict;
  /** Whom it is for, where that is a customer of ours; several logins may share an address. */
  readonly accounts: readonly AccountRow[];
  readonly explained: Explanation | undefined;
  readonly policy: Policy;
  /** In the queue and in the thread that judges. */
  readonly tookMs: number;
}

const later = { detail: 'The message could not be judged; try again.', retryAfterSeconds: 5 };
const noVerdict: Readonly<Record<NotJudged['why'], Refusal>> = {
  busy: { refused: 'busy', ...later },
  unavailable: { refused: 'unavailable', ...later },
  unjudgeable: {
    refused: 'unjudgeable',
    detail: 'Judging it takes too long or too much memory, as somebody may intend; do not send it again.',
  },
};

/**
 * @param names whom it is for: logins and addresses; the headers are looked at where there are none.
 * @param reporter who tells of it, maybe in words of his own; then it is for him.
 */
export async function judgeMessage(
  ctx: Ctx,
  message: JudgingJob['message'],
  names: readonly string[],
  at: Date,
  reporter?: AccountRow,
): Promise<Judged | { readonly refusal: Refusal }> {
  const { detector, judging, origin } = ctx.house;
  const { policy } = await policyInForce(ctx.read);
  const recipientDomains = names.flatMap((name) => /@([^@\s]+)$/.exec(name)?.[1]?.toLowerCase() ?? []);
  const setting = {
    ...{ ownDomains: detector.ownDomains, recipientDomains, house: origin },
    told: reporter !== undefined,
  };
  const trained = await trainedWeights(ctx.read);
  const scale = {
    threshold: policy.messages.threshold / 100,
    weights: trained === undefined ? weights : withOffsets(weights, trained.offsets),
  };
  const { authservIds } = detector;
  const seeds = sketchSeeds(ctx.house.digestKey);
  const begun = ctx.house.world.monotonicMs();
  let judgement: Judgement;
  try {
    judgement = await judging.judge({ message, setting, scale, seeds, authservIds });
  } catch (error) {
    if (!(error instanceof NotJudged)) throw error;
    return { refusal: noVerdict[error.why] };
  }
  const tookMs = ctx.house.world.monotonicMs() - begun;
  const accounts =
    reporter === undefined
      ? await addressed(ctx.read, names.length > 0 ? names : judgement.about.recipients)
      : [reporter];
  const { known, knownTokens } = await knownOf(ctx, judgement, accounts, at);
  const { about, claims } = judgement;
  const unasked = nobodyAsked(about, claims, known, knownTokens);
  return {
    judgement,
    verdict: (unasked ? judgement.ifNobodyAsked : undefined) ?? judgement.verdict,
    accounts,
    explained: explanation(about, claims, known, at, about.outright),
    policy,
    tookMs,
  };
}

/** Who is looked up: a mail to a crowd is not a customer's own. */
const mostNames = 20;
const mostAccounts = 20;

/** `anna+lists@host` is anna's, too. */
const spelt = (name: string) => [...new Set([name, name.replace(/\+[^@]*@/, '@')])];

/** Accounts by login, by the login of a credential, or by address. */
async function addressed(reader: Reader, names: readonly string[]): Promise<AccountRow[]> {
  const found = new Map<string, AccountRow>();
  for (const name of names.slice(0, mostNames).flatMap((each) => spelt(each.toLowerCase()))) {
    const own = await accountByLogin(reader, name);
    const byLogin = await loginsNamed(reader, name);
    const owners = await Promise.all(byLogin.map(({ accountId }) => accountById(reader, accountId)));
    const byMail = name.includes('@') ? await accountsByEmail(reader, name, mostAccounts) : [];
    for (const account of [own, ...owners, ...byMail])
      if (account !== undefined && account.status !== 'closed') found.set(account.id, account);
  }
  return [...found.values()].slice(0, mostAccounts);
}

/** Asked of where nobody is known: that somebody is must not be told by the time it takes. */
const nobody = ['acc_nobody'];

/** What the house knows of these accounts that bears on this message. */
async function knownOf(
  ctx: Ctx,
  { claims, codes }: Judgement,
  accounts: readonly AccountRow[],
  at: Date,
): Promise<{ known: Known[]; knownTokens: number }> {
  const ids = accounts.length === 0 ? nobody : accounts.map(({ id }) => id);
  const tokens = await tokensKnown(ctx.read, claims.tokens.map(tokenHash));
  const written = await mailsTo(ctx.read, ids, new Date(at.getTime() - onItsWayMs));
  const announced = await openContacts(ctx.read, ids, at);
  const said = (accountId: string, codeHash: Buffer) =>
    codes.some((code) => contactCodeHash(ctx.house.digestKey, accountId, code).equals(codeHash));
  return {
    known: accounts.map(({ id }) => {
      const mine = written.filter(({ accountId }) => accountId === id);
      return {
        wroteThis:
          claims.words !== undefined &&
          mine.some(({ textDigest }) => textDigest?.toString('hex') === claims.words),
        wroteLately: mine.length > 0,
        mailedToken: tokens.some(({ accountId }) => accountId === id),
        contacts: announced
          .filter(({ accountId }) => accountId === id)
          .map(({ medium, createdAt, expiresAt, codeHash }) => ({
            ...{ medium, createdAt, expiresAt },
            said: said(id, codeHash),
          })),
      };
    }),
    // A link that confirms an address went to one that is nobody's yet.
    knownTokens: accounts.length > 0 ? 0 : tokens.filter(({ purpose }) => purpose === 'email').length,
  };
}
