/** The end of a good login, whatever proved it: checked again under the account's lock, opened, recorded, answered. */
import { shutDoor } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { type LoginRefusal, loginRefusals } from '../../domain/refusal.ts';
import { logins } from '../../metrics.ts';
import type { AuthenticateAnswer, AuthenticateRequest } from '../../protocol/api.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { markUsed, rehash } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { type Ctx, unchanged } from '../context.ts';
import type { Booking } from './book-attempt.ts';
import { fewCodesNotices } from './few-codes.ts';
import type { Guess } from './guess.ts';
import type { Found } from './judge-secret.ts';
import { tellOfNewPlace } from './new-place.ts';
import { type Cleared, clearEntry, type Door, type Entry, type Opened, openSession } from './open-session.ts';

export interface Coming extends Found {
  readonly guess: Guess;
  readonly entry: Entry & { readonly verified: NonNullable<Entry['verified']> };
  /** Whether a session is to be opened, or the decision alone was asked for. */
  readonly wanted: boolean;
  readonly readOnly?: boolean | undefined;
  /** It is known already that this login came in well from this source lately. */
  readonly known?: boolean;
  readonly better?: { readonly hash: string; readonly scheme: string } | undefined;
  readonly notices?: readonly Notice[];
}

export interface Notice {
  readonly kind: string;
  readonly message: string;
}

/** What must happen in the same transaction, or why it cannot: then all of it is undone, and the refusal is recorded. */
export type Along = (tx: Tx, cleared: Cleared) => Promise<LoginRefusal | undefined>;

/** What is asked of a login, and the daemon's own name for the session that it is to become, where a hook asks. */
export type Asked = AuthenticateRequest & { readonly door?: AtDoor | undefined };

export interface AtDoor extends Door {
  readonly sourcePort?: number | undefined;
}

/** Who comes, by which door, with what. */
export function comingBy(
  guess: Guess,
  input: Omit<Asked, 'password' | 'otp'>,
  { account, credential }: Found,
  by: Pick<Entry, 'method' | 'access' | 'shown'>,
): Coming {
  return {
    account,
    credential,
    guess,
    wanted: input.door !== undefined || (input.open_session ?? guess.store === 'panel'),
    entry: {
      ...by,
      accountId: account.id,
      login: guess.login,
      channel: guess.channel,
      profile: input.profile,
      verified: { credentialId: credential.id, epoch: credential.epoch },
      host: input.host,
      source: guess.source,
      sourcePort: input.door?.sourcePort,
      door: input.door,
      userAgent: input.user_agent,
      device: input.profile === 'public' ? undefined : input.device,
    },
  };
}

export function loginDetail(guess: Guess) {
  return { store: guess.store, channel: guess.channel.name, login: guess.login };
}

export function aboutLogin(account: AccountRow | undefined, guess: Guess) {
  return {
    ...(account === undefined ? {} : { accountId: account.id }),
    ...(guess.source === undefined ? {} : { source: guess.source }),
  };
}

interface Let {
  readonly opened?: Opened;
  readonly notices: readonly Notice[];
}

/** @param settle what a good login leaves behind, whatever else happens in its transaction. */
export async function letIn(
  ctx: Ctx,
  coming: Coming,
  along: Along,
  settle: (tx: Tx) => Promise<void> = async () => {},
): Promise<AuthenticateAnswer> {
  const { guess, account } = coming;
  const outcome = await ctx.act<Let | { refused: LoginRefusal }>(async (tx) => {
    const cleared = await clearEntry(tx, coming.entry, ctx.now);
    if ('refused' in cleared) return unchanged(cleared);
    if (coming.known !== true) {
      await tellOfNewPlace(tx, ctx, guess, coming.credential, coming.entry.userAgent);
    }
    const refused = await along(tx, cleared);
    if (refused !== undefined) return unchanged({ refused });
    const [opened, rehashed] = await Promise.all([
      coming.wanted ? openSession(tx, ctx, coming.entry, cleared) : undefined,
      improve(tx, ctx, coming),
      settle(tx),
    ]);
    const allowed: AuditEvent = {
      kind: 'login.allowed',
      ...aboutLogin(account, guess),
      detail: {
        ...loginDetail(guess),
        method: coming.entry.method,
        ...(coming.known === true ? { known: true } : {}),
      },
    };
    const events = [allowed, ...rehashed, ...(opened?.events ?? [])];
    const notices = coming.entry.shown === 'factor' ? await fewCodesNotices(tx, account.id) : [];
    return { value: { notices, ...(opened === undefined ? {} : { opened }) }, events };
  });
  if ('refused' in outcome) {
    const booked = { knownSource: coming.known === true, repeated: [] };
    return refuseLogin(ctx, guess, { account, reason: outcome.refused, booked });
  }
  logins.inc({ store: guess.store, decision: 'allow' });
  return allowAnswer(coming, outcome);
}

async function improve(
  tx: Tx,
  ctx: Ctx,
  { guess, account, credential, better }: Coming,
): Promise<AuditEvent[]> {
  await markUsed(tx, credential.id, ctx.now);
  if (better === undefined || !(await rehash(tx, credential.id, credential.hash, better))) return [];
  const detail = { ...loginDetail(guess), scheme: better.scheme };
  return [{ kind: 'credential.rehashed', ...aboutLogin(account, guess), detail }];
}

/** Refuses, and says why in the audit log alone. */
export async function refuseLogin(
  ctx: Ctx,
  guess: Guess,
  why: {
    readonly reason: LoginRefusal;
    readonly account?: AccountRow | undefined;
    /** More of why, for the audit log. */
    readonly fault?: string;
    /** Of a guess that was booked: patterns over events leave out what its owner does. */
    readonly booked?: Pick<Booking, 'knownSource' | 'repeated'> | undefined;
  },
  more: readonly AuditEvent[] = [],
): Promise<AuthenticateAnswer> {
  const refused: AuditEvent = {
    kind: 'login.refused',
    ...aboutLogin(why.account, guess),
    detail: {
      ...loginDetail(guess),
      reason: why.reason,
      ...(why.fault === undefined ? {} : { fault: why.fault }),
      ...(why.booked?.knownSource === true ? { known: true } : {}),
      ...((why.booked?.repeated.length ?? 0) > 0 ? { repeated: true } : {}),
    },
  };
  await ctx.act(async () => ({ value: undefined, events: [refused, ...more] }));
  logins.inc({ store: guess.store, decision: 'deny' });
  const reason = loginRefusals[why.reason];
  if (reason !== 'channel_refused') return { decision: 'deny', reason };
  const inClear = `Passwords are not taken in clear text here. Use ${guess.channel.insteadUse}.`;
  const message = why.reason === 'sent_in_clear' ? inClear : shutDoor(guess.channel);
  return { decision: 'deny', reason, message };
}

function allowAnswer(coming: Coming, { opened, notices }: Let): AuthenticateAnswer {
  const { account, credential, guess, entry } = coming;
  const { access } = entry;
  const unix =
    account.unixUid === null || account.unixGid === null || account.unixHome === null
      ? undefined
      : { uid: account.unixUid, gid: account.unixGid, home: account.unixHome, shell: account.unixShell };
  return {
    decision: 'allow',
    account: { id: account.id, login: account.login },
    login: guess.login,
    ...(unix === undefined ? {} : { unix }),
    ...(coming.readOnly === true ? { read_only: true as const } : {}),
    ...(opened?.token === undefined ? {} : { session: openedView(guess, opened, opened.token) }),
    ...(opened === undefined || entry.door === undefined ? {} : { door_session: doorView(opened) }),
    verified: {
      credential_id: credential.id,
      epoch: entry.verified.epoch,
      ...(access?.appPasswordId === undefined ? {} : { app_password_id: access.appPasswordId }),
      ...(access?.grantId === undefined ? {} : { grant_id: access.grantId }),
    },
    notices: [...(coming.notices ?? []), ...notices],
  };
}

function doorView({ id, idleMs, absoluteAt, openedAt }: Opened) {
  return { id, idle_seconds: idleMs / 1000, absolute_seconds: (absoluteAt - openedAt) / 1000 };
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
