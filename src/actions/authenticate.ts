/** Log in: book the guess, judge it outside any transaction, then check again and open, all under one lock. */
import type { AuditEvent } from '../domain/event.ts';
import { channelAllowed, type Policy } from '../domain/policy.ts';
import { done, type LoginRefusal, loginRefusals, type Outcome, refuse } from '../domain/refusal.ts';
import { HashingBusy } from '../hashing/admission.ts';
import { logins } from '../metrics.ts';
import type { AuthenticateAnswer, AuthenticateRequest } from '../protocol/api.ts';
import type { AccountRow } from '../store/accounts.ts';
import { type CredentialRow, loginNamed, markUsed, rehash } from '../store/credentials.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import {
  type Booking,
  bookAttempt,
  confirmAttempt,
  releaseAttempt,
  settleAttempt,
} from './steps/book-attempt.ts';
import { type Guess, guessFrom } from './steps/guess.ts';
import { boundElsewhere, boundHost, mayNot } from './steps/may.ts';
import { clearEntry, type Entry, type Opened, openSession } from './steps/open-session.ts';

interface Found {
  readonly credential: CredentialRow;
  readonly account: AccountRow;
}

type Verdict =
  | {
      readonly ok: true;
      readonly found: Found;
      readonly better: { hash: string; scheme: string } | undefined;
    }
  | { readonly ok: false; readonly reason: LoginRefusal; readonly account?: AccountRow };

/**
 * `POST /v1/authenticate` (contract section 5). Answers a decision for every name alike; refuses with `busy` when
 * the hash queue is full. ASVS 5.0 6.3.1, 6.3.8; NIST 800-63B-4 3.2.2.
 */
export async function authenticate(
  ctx: Ctx,
  input: AuthenticateRequest,
): Promise<Outcome<AuthenticateAnswer>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const elsewhere = input.host === undefined ? undefined : boundElsewhere(ctx, input.host);
  if (elsewhere) return elsewhere;
  if (boundHost(ctx) !== undefined && (input.store === 'panel' || input.open_session === true)) {
    return refuse('not_allowed', { detail: 'A key that is bound to a host opens no sessions by token.' });
  }
  const guess = guessFrom(input);
  if (guess.channel.store !== guess.store) {
    const message = `the channel ${guess.channel.name} belongs to the store ${guess.channel.store}`;
    return refuse('invalid_field', { errors: [{ path: 'channel', message }] });
  }
  if (!guess.nameUnknown && input.password === undefined) {
    return refuse('invalid_field', { errors: [{ path: 'password', message: 'is missing' }] });
  }
  const { policy } = await policyInForce(ctx.read);
  if (!channelAllowed(policy, guess.channel.name)) {
    return done(await told(ctx, guess, { ok: false, reason: 'channel_refused' }));
  }
  const booking = await bookAttempt(ctx, guess, policy);
  if (!booking.admitted) {
    logins.inc({ store: guess.store, decision: 'throttled' });
    return done({ decision: 'throttled', retry_after_seconds: booking.retryAfterSeconds });
  }
  const verdict = await judge(ctx, guess).catch((error: unknown) => busyOr(error));
  if (verdict instanceof HashingBusy) {
    // Only what was never judged is taken back: any other fault leaves the guess counted.
    await releaseAttempt(ctx, guess, booking, policy);
    return refuse('busy', { retryAfterSeconds: verdict.retryAfterSeconds });
  }
  if (verdict.ok) return done(await letIn(ctx, input, guess, verdict, booking, policy));
  await confirmAttempt(ctx, guess, booking, policy);
  return done(await told(ctx, guess, verdict, booking));
}

function busyOr(error: unknown): HashingBusy {
  if (error instanceof HashingBusy) return error;
  throw error;
}

/** Why this login may not come in whatever its password; undefined when the password decides. */
function shut(found: Found | undefined, guess: Guess): LoginRefusal | undefined {
  if (guess.nameUnknown) return 'name_unknown_at_door';
  if (found === undefined) return 'unknown_login';
  if (found.account.status === 'active') return undefined;
  return found.account.status === 'closed' ? 'account_closed' : 'account_suspended';
}

/**
 * Judges the password. A name that cannot log in is judged against a decoy of the same cost, by the same
 * single-flight, so that neither time nor load tells it from one that can.
 */
async function judge(ctx: Ctx, guess: Guess): Promise<Verdict> {
  const { hashing, verified } = ctx.house;
  const found = await loginNamed(ctx.read, guess.store, guess.login);
  const reason = shut(found, guess);
  const claim = { store: guess.store, login: guess.login, password: guess.password };
  if (found === undefined || reason !== undefined) {
    const decoy = () => hashing.decoy(guess.password).then(() => false);
    await verified.check({ ...claim, epoch: -1, stored: '' }, decoy);
    return {
      ok: false,
      reason: reason ?? 'unknown_login',
      ...(found === undefined ? {} : { account: found.account }),
    };
  }
  let outdated = false;
  const { hash, epoch } = found.credential;
  const verdict = await verified.check({ ...claim, epoch, stored: hash }, async () => {
    const judged = await hashing.verify(guess.password, hash);
    outdated = judged.outdated;
    return judged.ok;
  });
  if (!verdict.ok) return { ok: false, reason: 'wrong_password', account: found.account };
  return { ok: true, found, better: outdated ? await betterHash(ctx, guess) : undefined };
}

/** The same secret in the current scheme; undefined when the pool has no time for it: there will be another login. */
async function betterHash(ctx: Ctx, guess: Guess): Promise<{ hash: string; scheme: string } | undefined> {
  try {
    return await ctx.house.hashing.create(guess.password);
  } catch (error) {
    if (error instanceof HashingBusy) return undefined;
    throw error;
  }
}

/** Refuses, and says why in the audit log alone. */
async function told(
  ctx: Ctx,
  guess: Guess,
  verdict: Extract<Verdict, { ok: false }>,
  booking?: Booking,
): Promise<AuthenticateAnswer> {
  const about = {
    ...(verdict.account === undefined ? {} : { accountId: verdict.account.id }),
    ...(guess.source === undefined ? {} : { source: guess.source }),
  };
  const detail = { store: guess.store, channel: guess.channel.name, login: guess.login };
  const events: AuditEvent[] = [
    { kind: 'login.refused', ...about, detail: { ...detail, reason: verdict.reason } },
  ];
  for (const limit of booking?.closed ?? []) {
    events.push({ kind: 'login.throttled', ...about, detail: { ...detail, limit } });
  }
  await ctx.act(async () => ({ value: undefined, events }));
  logins.inc({ store: guess.store, decision: 'deny' });
  const reason = loginRefusals[verdict.reason];
  if (reason !== 'channel_refused') return { decision: 'deny', reason };
  return { decision: 'deny', reason, message: `This door is closed. Use ${guess.channel.insteadUse}.` };
}

async function letIn(
  ctx: Ctx,
  input: AuthenticateRequest,
  guess: Guess,
  verdict: Extract<Verdict, { ok: true }>,
  booking: Booking,
  policy: Policy,
): Promise<AuthenticateAnswer> {
  const { credential, account } = verdict.found;
  const entry: Entry = {
    accountId: account.id,
    login: guess.login,
    channel: guess.channel,
    profile: input.profile,
    method: 'password',
    verified: { credentialId: credential.id, epoch: credential.epoch },
    host: input.host,
    source: guess.source,
    userAgent: input.user_agent,
    device: input.profile === 'public' ? undefined : input.device,
  };
  const wanted = input.open_session ?? guess.store === 'panel';
  const outcome = await ctx.act<Opened | 'no session' | { refused: LoginRefusal }>(async (tx) => {
    const cleared = await clearEntry(tx, entry);
    const at = { accountId: account.id, ...(guess.source === undefined ? {} : { source: guess.source }) };
    const detail = { store: guess.store, channel: guess.channel.name, login: guess.login };
    if ('refused' in cleared) {
      const event: AuditEvent = {
        kind: 'login.refused',
        ...at,
        detail: { ...detail, reason: cleared.refused },
      };
      return { value: cleared, events: [event] };
    }
    // A public computer is nobody's own place.
    const rememberFor = input.profile === 'public' ? undefined : credential.id;
    const [opened] = await Promise.all([
      wanted ? openSession(tx, ctx, entry, cleared) : undefined,
      settleAttempt(tx, ctx, guess, booking, policy, rememberFor),
      markUsed(tx, credential.id, ctx.now),
    ]);
    const events: AuditEvent[] = [{ kind: 'login.allowed', ...at, detail }];
    if (verdict.better && (await rehash(tx, credential.id, credential.hash, verdict.better))) {
      events.push({
        kind: 'credential.rehashed',
        ...at,
        detail: { ...detail, scheme: verdict.better.scheme },
      });
    }
    if (opened === undefined) return { value: 'no session' as const, events };
    return { value: opened, events: [...events, ...opened.events] };
  });
  if (typeof outcome === 'object' && 'refused' in outcome) {
    logins.inc({ store: guess.store, decision: 'deny' });
    return refusalAnswer(outcome.refused);
  }
  logins.inc({ store: guess.store, decision: 'allow' });
  return allowAnswer(guess, verdict.found, outcome === 'no session' ? undefined : outcome);
}

function refusalAnswer(refused: LoginRefusal): AuthenticateAnswer {
  return { decision: 'deny', reason: loginRefusals[refused] };
}

function allowAnswer(guess: Guess, found: Found, opened: Opened | undefined): AuthenticateAnswer {
  const { account, credential } = found;
  const unix =
    account.unixUid === null || account.unixGid === null || account.unixHome === null
      ? undefined
      : { uid: account.unixUid, gid: account.unixGid, home: account.unixHome, shell: account.unixShell };
  return {
    decision: 'allow',
    account: { id: account.id, login: account.login },
    login: guess.login,
    ...(unix === undefined ? {} : { unix }),
    ...(opened?.token === undefined ? {} : { session: openedView(guess, opened, opened.token) }),
    verified: { credential_id: credential.id, epoch: credential.epoch },
    notices: [],
  };
}

function openedView(guess: Guess, opened: Opened, token: string) {
  return {
    id: opened.id,
    token,
    channel: guess.channel.name,
    idle_expires_at: new Date(Math.min(opened.openedAt + opened.idleMs, opened.absoluteAt)).toISOString(),
    absolute_expires_at: new Date(opened.absoluteAt).toISOString(),
    idle_seconds: opened.idleMs / 1000,
    absolute_seconds: (opened.absoluteAt - opened.openedAt) / 1000,
  };
}
