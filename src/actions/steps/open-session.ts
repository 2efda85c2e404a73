/**
 * The one place where sessions begin. Whatever was verified a moment ago is checked again here, under the account's
 * lock and in the transaction that inserts the session: a suspension, a new password or a policy change that came
 * between is never overtaken.
 */
import type { Channel } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { channelAllowed, type Policy, type Profile } from '../../domain/policy.ts';
import type { LoginRefusal } from '../../domain/refusal.ts';
import { openingClocks } from '../../domain/session.ts';
import { idBytes, idFrom, tokenBytes, tokenFrom, tokenHash } from '../../domain/token.ts';
import type { AccountRow } from '../../store/accounts.ts';
import type { CredentialRow } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { provisional, supersedeDoor } from '../../store/door-sessions.ts';
import { lockOwner, lockVerified } from '../../store/entry.ts';
import { endSessions, insertSession, liveOf } from '../../store/sessions.ts';
import type { Ctx } from '../context.ts';
import { type Access, accessStands } from './access-stands.ts';

export interface Entry {
  readonly accountId: string;
  readonly login: string;
  readonly channel: Channel;
  readonly profile: Profile;
  readonly method: string;
  /** The credential that was judged and its epoch then; none where a key on the host opened the door. */
  readonly verified: { readonly credentialId: string; readonly epoch: number } | undefined;
  /** What let it in beside the password; the session ends when that does. */
  readonly access?: Access | undefined;
  readonly sshKeyId?: string | undefined;
  /** Whether its holder has shown a secret, and a second factor, just now. */
  readonly shown?: 'secret' | 'factor' | undefined;
  readonly host?: string | undefined;
  readonly source?: string | undefined;
  readonly sourcePort?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly device?: string | undefined;
  /** The session lives in a daemon that is followed by its own feed: its name there. */
  readonly door?: Door | undefined;
  readonly process?: { readonly pid: number; readonly start: string; readonly boot_id: string } | undefined;
  readonly adopted?: boolean | undefined;
  readonly openedAt?: Date | undefined;
}

/** A session as a daemon knows it that no agent of ours follows. */
export interface Door {
  readonly ref: string;
  /** Whether the daemon has still to say that it let the login in: until it does, the session is provisional. */
  readonly provisional: boolean;
}

export interface Cleared {
  readonly account: AccountRow;
  readonly credential: CredentialRow | undefined;
  readonly policy: Policy;
  /** Beyond which nothing keeps the session alive, in ms since 1970. */
  readonly until: number;
}

export interface Opened {
  readonly id: string;
  /** There for sessions that live by a token; sessions in processes have none. */
  readonly token: string | undefined;
  readonly openedAt: number;
  readonly idleMs: number;
  readonly absoluteAt: number;
  readonly events: readonly AuditEvent[];
}

/** Locks the account and checks that it may still come in by this door with what was verified. */
export async function clearEntry(
  tx: Tx,
  entry: Entry,
  now: Date,
): Promise<Cleared | { readonly refused: LoginRefusal }> {
  // One behind the other, in one go: the second is asked only when the account's lock is held.
  const [account, { policy, credential }] = await Promise.all([
    lockOwner(tx, entry.accountId),
    lockVerified(tx, entry.verified?.credentialId),
  ]);
  if (account === undefined) return { refused: 'unknown_login' };
  if (account.status === 'closed') return { refused: 'account_closed' };
  if (account.status !== 'active') return { refused: 'account_suspended' };
  if (!channelAllowed(policy, entry.channel.name, entry.source)) return { refused: 'channel_refused' };
  const until = Number.POSITIVE_INFINITY;
  if (entry.verified === undefined) return { account, credential: undefined, policy, until };
  const stands =
    credential?.epoch === entry.verified.epoch &&
    credential.accountId === account.id &&
    credential.login === entry.login &&
    credential.store === entry.channel.store;
  if (!stands) return { refused: 'changed_meanwhile' };
  if (entry.access === undefined) return { account, credential, policy, until };
  const of = { accountId: account.id, credentialId: credential.id };
  const access = await accessStands(tx, entry.access, of, now);
  return access === false ? { refused: 'changed_meanwhile' } : { account, credential, policy, ...access };
}

/** Makes room for the session `id`: the oldest ones beyond the number that the policy allows end. */
async function replaceOldest(
  tx: Tx,
  ctx: Ctx,
  entry: Entry,
  policy: Policy,
  id: string,
): Promise<AuditEvent[]> {
  const allowed = policy.stores[entry.channel.store][entry.profile].max_sessions;
  const all = await liveOf(tx, entry.accountId, entry.channel.store, policy, ctx.now);
  const live = all.filter((each) => each.id !== id);
  const over = live.slice(0, Math.max(0, live.length + 1 - allowed));
  const ended = await endSessions(
    tx,
    over.map((each) => each.id),
    { at: ctx.now, reason: 'replaced' },
  );
  return ended.map((each) => ({
    kind: 'session.ended' as const,
    accountId: entry.accountId,
    sessionId: each.id,
    detail: { reason: 'replaced', allowed },
  }));
}

/** Opens a session for a cleared entry, in the same transaction. A door's own name for a session is not used twice. */
export async function openSession(tx: Tx, ctx: Ctx, entry: Entry, cleared: Cleared): Promise<Opened> {
  const { world } = ctx.house;
  const openedAt = entry.openedAt ?? ctx.now;
  const usual = openingClocks(cleared.policy, entry.channel.store, entry.profile, openedAt.getTime());
  const clocks = { ...usual, absoluteAt: Math.min(usual.absoluteAt, cleared.until) };
  const id = idFrom('session', world.random(idBytes));
  const atDoor = entry.process !== undefined || entry.door !== undefined;
  const token = atDoor ? undefined : tokenFrom('session', world.random(tokenBytes));
  if (entry.door !== undefined) await supersedeDoor(tx, entry.host ?? '', entry.door.ref, ctx.now);
  const others = await insertSession(tx, {
    id,
    tokenHash: token === undefined ? null : tokenHash(token),
    accountId: cleared.account.id,
    credentialId: cleared.credential?.id ?? null,
    credentialEpoch: cleared.credential?.epoch ?? null,
    login: entry.login,
    store: entry.channel.store,
    channel: entry.channel.name,
    profile: entry.profile,
    method: entry.method,
    appPasswordId: entry.access?.appPasswordId ?? null,
    grantId: entry.access?.grantId ?? null,
    sshKeyId: entry.sshKeyId ?? null,
    freshAt: entry.shown === undefined ? null : openedAt,
    factorAt: entry.shown === 'factor' ? openedAt : null,
    host: entry.host ?? null,
    sourceIp: entry.source ?? null,
    sourcePort: entry.sourcePort ?? null,
    userAgent: entry.userAgent ?? null,
    device: entry.device ?? null,
    openedAt,
    lastSeenAt: ctx.now,
    idleMs: clocks.idleMs,
    absoluteAt: new Date(clocks.absoluteAt),
    pid: entry.process?.pid ?? null,
    pidStart: entry.process?.start ?? null,
    bootId: entry.process?.boot_id ?? null,
    doorRef: entry.door?.ref ?? null,
    adopted: entry.adopted ?? false,
    doorState: atDoor ? 'open' : null,
    doorDetail: entry.door?.provisional === true ? provisional : null,
  });
  // `others` counts what has run out, too: most logins are far from the limit even so.
  const { max_sessions } = cleared.policy.stores[entry.channel.store][entry.profile];
  const replaced = others < max_sessions ? [] : await replaceOldest(tx, ctx, entry, cleared.policy, id);
  const event: AuditEvent = {
    kind: entry.adopted === true ? 'session.adopted' : 'session.opened',
    accountId: cleared.account.id,
    sessionId: id,
    ...(entry.source === undefined ? {} : { source: entry.source }),
    detail: {
      store: entry.channel.store,
      channel: entry.channel.name,
      host: entry.host,
      method: entry.method,
    },
  };
  return { id, token, openedAt: openedAt.getTime(), ...clocks, events: [...replaced, event] };
}
