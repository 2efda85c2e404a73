/** Fresh authentication: who holds this session shows again that he is its owner (ASVS 5.0 7.2.4, 7.5.1, 7.5.3). */
import type { PasskeyAnswer } from '../domain/passkey.ts';
import type { Policy } from '../domain/policy.ts';
import { done, type Outcome, type Refusal, refuse } from '../domain/refusal.ts';
import type { SessionFacts } from '../domain/session.ts';
import { tokenBytes, tokenFrom, tokenHash } from '../domain/token.ts';
import type { Reauthenticated, Reauthentication } from '../protocol/factors.ts';
import type { Tx } from '../store/db.ts';
import { policyInForce } from '../store/policy.ts';
import { countProof, forgetProofs, uncountProof } from '../store/proofs.ts';
import { renewSession, tokenHashOf } from '../store/renewals.ts';
import { endSessions, freshnessOf } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { bookCode, settleBookedCode } from './steps/book-code.ts';
import { freshMs } from './steps/fresh.ts';
import { codeKindOf, judgeCode } from './steps/judge-code.ts';
import { judgePasskey, passkeyCloned, usePasskey } from './steps/judge-passkey.ts';
import { ownerSession, stillMe } from './steps/own-change.ts';
import { takeUpCeremony } from './steps/passkey-ceremony.ts';
import { provePassword } from './steps/prove-password.ts';

/** Something that was shown and judged, as far as that goes outside the transaction that it counts in. */
interface Proof {
  readonly method: string;
  readonly shows: readonly ('secret' | 'factor')[];
  /** Spends it; or why it does not hold after all. */
  spend(tx: Tx): Promise<string | undefined>;
  /** After a spending that failed was undone. */
  afterwards?(): Promise<void>;
}

interface Wrong {
  readonly wrong: string;
  readonly fault?: string;
}

type Judged = Proof | Wrong | { readonly unjudged: { ok: false; refusal: Refusal } };

/**
 * `POST /v1/me/reauthenticate`: for five minutes, what weakens the account may be done (`steps/fresh`). The session goes
 * on under a new token; the one that was shown is dead with the answer. Wrong tries count like logins, and so many in a
 * row end the session: it is not in its owner's hands.
 */
export async function reauthenticate(ctx: Ctx, input: Reauthentication): Promise<Outcome<Reauthenticated>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const session = owner.value;
  const oldHash = await tokenHashOf(ctx.read, session.id);
  if (oldHash === undefined) return refuse('not_authenticated');
  const { policy } = await policyInForce(ctx.read);
  const most = policy.throttle.challenge_tries;
  const tried = await ctx.touch((tx) => countProof(tx, session.id, ctx.now));
  const wrong = (reason: string, fault?: string) =>
    refusedProof(ctx, session, { reason, fault, tried, most });
  if (tried > most) return wrong('too_many_tries');
  const proofs: Proof[] = [];
  for (const judge of judgesOf(ctx, session, input, policy)) {
    const judged = await judge();
    if ('unjudged' in judged) {
      await ctx.touch((tx) => uncountProof(tx, session.id));
      return judged.unjudged;
    }
    if ('wrong' in judged) return wrong(judged.wrong, judged.fault);
    proofs.push(judged);
  }
  const renewed = await renew(ctx, session, oldHash, proofs);
  if (!('failed' in renewed)) return renewed;
  await renewed.failed.afterwards?.();
  return wrong(renewed.reason);
}

/** What was shown, each with its judge, in the order in which a login asks. */
function judgesOf(
  ctx: Ctx,
  session: SessionFacts,
  { password, kind, code, challenge_id, response }: Reauthentication,
  policy: Policy,
): (() => Promise<Judged>)[] {
  const judges: (() => Promise<Judged>)[] = [];
  if (password !== undefined) judges.push(() => byPassword(ctx, session, password));
  if (code !== undefined && kind !== 'passkey') {
    judges.push(() => byCode(ctx, session, { kind: kind ?? codeKindOf(code), code }, policy));
  }
  if (challenge_id !== undefined && response !== undefined) {
    judges.push(() => byPasskey(ctx, session, challenge_id, response as PasskeyAnswer));
  }
  return judges;
}

async function byPassword(ctx: Ctx, session: SessionFacts, password: string): Promise<Judged> {
  const proof = await provePassword(ctx, session, password);
  if (!proof.right) {
    return proof.unjudged === undefined ? { wrong: 'wrong_password' } : { unjudged: proof.unjudged };
  }
  const spend = async (tx: Tx) => ((await proof.stands(tx)) ? undefined : 'changed_meanwhile');
  return { method: 'password', shows: ['secret'], spend };
}

async function byCode(
  ctx: Ctx,
  { accountId }: SessionFacts,
  shown: Parameters<typeof judgeCode>[3],
  policy: Policy,
): Promise<Judged> {
  const booked = await bookCode(ctx, accountId, policy);
  if (!booked.admitted) {
    const { retryAfterSeconds } = booked;
    const detail = 'Too many wrong codes: wait a little.';
    return { unjudged: refuse('too_many', { retryAfterSeconds, detail }) };
  }
  const spend = async (tx: Tx) => {
    if (!(await judgeCode(tx, ctx, accountId, shown))) return 'wrong_code';
    await settleBookedCode(tx, ctx, accountId, booked, policy);
    return undefined;
  };
  return { method: shown.kind, shows: ['factor'], spend };
}

async function byPasskey(
  ctx: Ctx,
  { accountId }: SessionFacts,
  challengeId: string,
  answer: PasskeyAnswer,
): Promise<Judged> {
  const ceremony = await takeUpCeremony(ctx, challengeId, 'reauthentication');
  if (ceremony === undefined) return { wrong: 'challenge_over' };
  const judged = await judgePasskey(ctx, accountId, ceremony.challenge, answer);
  if (!judged.ok) return { wrong: judged.reason, fault: judged.fault };
  let cloned = false;
  return {
    method: 'passkey',
    shows: ['secret', 'factor'],
    spend: async (tx) => {
      const fault = await usePasskey(tx, ctx, judged);
      cloned = fault === 'passkey_cloned';
      return fault;
    },
    afterwards: async () => {
      if (cloned) await passkeyCloned(ctx, judged);
    },
  };
}

async function renew(
  ctx: Ctx,
  session: SessionFacts,
  oldHash: Buffer,
  proofs: readonly Proof[],
): Promise<Outcome<Reauthenticated> | { readonly failed: Proof; readonly reason: string }> {
  const token = tokenFrom('session', ctx.house.world.random(tokenBytes));
  return ctx.act<Outcome<Reauthenticated> | { failed: Proof; reason: string }>(async (tx) => {
    const me = await stillMe(tx, ctx, session);
    if ('refusal' in me) return unchanged(me);
    for (const proof of proofs) {
      const reason = await proof.spend(tx);
      if (reason !== undefined) return unchanged({ failed: proof, reason });
    }
    const shown = proofs.flatMap(({ shows }) => shows);
    const renewed = await renewSession(tx, session.id, oldHash, tokenHash(token), {
      ...(shown.includes('secret') ? { freshAt: ctx.now } : {}),
      ...(shown.includes('factor') ? { factorAt: ctx.now } : {}),
    });
    // Two at once with one token: the other has a new one, and this one is no longer good.
    if (!renewed) return unchanged(refuse('not_authenticated'));
    await forgetProofs(tx, session.id);
    const about = { accountId: session.accountId, sessionId: session.id };
    const detail = { methods: proofs.map(({ method }) => method) };
    return {
      value: done({ token, ...(await freshUntil(tx, ctx, session.id)) }),
      events: [{ kind: 'session.reauthenticated', ...about, ...sourceOf(session), detail }],
    };
  });
}

async function freshUntil(tx: Tx, ctx: Ctx, id: string) {
  const at = await freshnessOf(tx, id);
  const until = (shown: Date | null | undefined) => {
    const end = (shown?.getTime() ?? 0) + freshMs;
    return end > ctx.now.getTime() ? new Date(end).toISOString() : null;
  };
  return { fresh_until: until(at?.freshAt), factor_fresh_until: until(at?.factorAt) };
}

const sourceOf = ({ sourceIp }: SessionFacts) => (sourceIp === null ? {} : { source: sourceIp });

/** One answer for everything that can be wrong; the last try that there is ends the session. */
async function refusedProof(
  ctx: Ctx,
  session: SessionFacts,
  why: { reason: string; fault: string | undefined; tried: number; most: number },
): Promise<{ ok: false; refusal: Refusal }> {
  const { reason, fault, tried, most } = why;
  const about = { accountId: session.accountId, sessionId: session.id, ...sourceOf(session) };
  const detail = { reason, tried, ...(fault === undefined ? {} : { fault }) };
  await ctx.act(async (tx) => {
    const over = tried < most ? [] : await endSessions(tx, [session.id], { at: ctx.now, reason: 'ended' });
    const ended = over.map(() => ({
      kind: 'session.ended' as const,
      ...about,
      detail: { reason: 'too many wrong proofs' },
    }));
    return { value: undefined, events: [{ kind: 'session.proof_refused', ...about, detail }, ...ended] };
  });
  return refuse('proof_rejected', {
    detail:
      tried < most ? 'That is not right.' : 'That is not right, and this session is over: log in again.',
  });
}
