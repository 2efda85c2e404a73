/** Why a login would be refused or allowed now, without a password: for the person at the support desk. */
import type { Channel } from '../domain/channels/index.ts';
import { channelAllowed, type Policy } from '../domain/policy.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { admit, budgetsFor } from '../domain/throttle.ts';
import type { ExplainRequest, Explanation } from '../protocol/api.ts';
import { type AccountRow, accountById } from '../store/accounts.ts';
import { knowsSource, readBudgets } from '../store/attempts.ts';
import { loginNamed } from '../store/credentials.ts';
import { factorsOf, hasSecondFactor } from '../store/factors.ts';
import { grantFor } from '../store/grants.ts';
import { policyInForce } from '../store/policy.ts';
import { liveOf } from '../store/sessions.ts';
import type { Ctx } from './context.ts';
import { budgetKeys, type Guess, guessFrom } from './steps/guess.ts';
import { mayNot } from './steps/may.ts';

type Check = Explanation['checks'][number];

/** `POST /v1/accounts/{id}/explain` (contract section 4). Changes nothing and counts nothing. */
export async function explainLogin(
  ctx: Ctx,
  accountId: string,
  input: ExplainRequest,
): Promise<Outcome<Explanation>> {
  const no = mayNot(ctx, { scopes: ['accounts'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const account = await accountById(ctx.read, accountId);
  if (account === undefined) return refuse('not_found');
  const guess = guessFrom(input);
  const { policy } = await policyInForce(ctx.read);
  const named = await loginNamed(ctx.read, guess.store, guess.login);
  const throttle = await throttleCheck(ctx, guess, policy);
  const owner = named?.account.id === account.id;
  const locked = owner && named.credential.lockedAt !== null;
  const live = await liveOf(ctx.read, account.id, guess.store, policy, ctx.now);
  const allowed = policy.stores[guess.store].standard.max_sessions;
  const fits = guess.channel.store === guess.store;
  const open = channelAllowed(policy, guess.channel.name, guess.source);
  const room = live.length < allowed;
  const checks: Check[] = [
    statusCheck(account),
    {
      name: 'credential',
      ok: owner && !locked,
      detail: locked
        ? `the login ${guess.login} of the store ${guess.store} came in locked: it opens once a new password is set`
        : owner
          ? `the store ${guess.store} has the login ${guess.login}, last changed ${named?.credential.updatedAt.toISOString()}`
          : `this account has no login ${guess.login} in the store ${guess.store}`,
    },
    {
      name: 'channel',
      ok: fits && open,
      detail: fits
        ? `the channel ${guess.channel.name} is ${open ? 'open' : closedBy(guess.channel, policy)}`
        : `the channel ${guess.channel.name} belongs to the store ${guess.channel.store}`,
    },
    throttle.check,
    await factorCheck(ctx, guess, account),
    {
      name: 'sessions',
      ok: true,
      detail: `${live.length} of ${allowed} sessions are open${room ? '' : '; a new one would end the oldest'}`,
    },
  ];
  return done(explanation(checks, throttle.retryAfterSeconds));
}

function closedBy({ name }: Channel, policy: Policy): string {
  return policy.channels[name]?.allowed ? 'open to loopback alone' : 'closed by the policy';
}

function explanation(checks: Check[], retryAfterSeconds: number | undefined): Explanation {
  const wrong = checks.filter((check) => !check.ok);
  const throttledOnly = wrong.length === 1 && wrong[0]?.name === 'throttle';
  const decision = wrong.length === 0 ? 'would_judge' : throttledOnly ? 'throttled' : 'deny';
  const summary =
    wrong.length === 0
      ? 'The right password would be accepted now.'
      : `Refused now: ${wrong.map((check) => check.detail).join('; ')}.`;
  const wait = retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds };
  return { decision, summary, checks, ...wait };
}

function statusCheck(account: AccountRow): Check {
  const why = account.statusReason === null ? '' : ` (${account.statusReason})`;
  return {
    name: 'status',
    ok: account.status === 'active',
    detail: `the account ${account.login} is ${account.status}${why}`,
  };
}

/** What the right password leaves to be shown. */
async function factorCheck(ctx: Ctx, guess: Guess, account: AccountRow): Promise<Check> {
  const said = (ok: boolean, detail: string): Check => ({ name: 'second_factor', ok, detail });
  if (!hasSecondFactor(await factorsOf(ctx.read, account.id))) {
    return said(true, 'the account has no second factor');
  }
  if (guess.canAsk) return said(true, 'the second factor is asked for after the password');
  const grant = guess.source && (await grantFor(ctx.read, account.id, guess.store, guess.source, ctx.now));
  if (grant) return said(true, `the owner approved of this address until ${grant.expiresAt.toISOString()}`);
  return said(
    false,
    'the password alone is not enough here: it takes an app password, the code behind the password, an approved address, or a door that asks for the code',
  );
}

async function throttleCheck(
  ctx: Ctx,
  guess: Guess,
  policy: Policy,
): Promise<{ check: Check; retryAfterSeconds?: number }> {
  const since = new Date(ctx.now.getTime() - policy.throttle.known_days * 86_400_000);
  const known =
    guess.source !== undefined && (await knowsSource(ctx.read, guess, guess.prefixes.host, since));
  const kinds = budgetsFor({ known, nameExistsAtDoor: true, sourceSaid: guess.source !== undefined });
  const budgets = await readBudgets(ctx.read, budgetKeys(guess, kinds));
  const verdict = admit(kinds, budgets, '', policy.throttle, ctx.now.getTime());
  const whence = known ? 'a source that this login used before' : 'a source unknown to this login';
  if (verdict.admitted) {
    return { check: { name: 'throttle', ok: true, detail: `guesses from ${whence} are judged` } };
  }
  const { limit, retryAfterSeconds } = verdict;
  const detail = `too many wrong guesses (${limit}): ${whence} has to wait ${retryAfterSeconds} s`;
  return { check: { name: 'throttle', ok: false, detail }, retryAfterSeconds };
}
