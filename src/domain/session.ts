/**
 * The life of a session: two stored clocks, an epoch, and what ends it. Nothing here reads a clock: `now` is an
 * argument, and expiry is decided when it is asked, never by a sweep.
 */
import type { StoreName } from './channels/index.ts';
import type { Policy, Profile } from './policy.ts';

/** Why a session is over. The first five are what a check answers; the rest stand in the list and the receipts. */
export const endReasons = [
  'idle',
  'absolute',
  'ended',
  'credential_changed',
  'account_suspended',
  'logoff',
  'closed',
  'replaced',
  'lost',
] as const;
export type EndReason = (typeof endReasons)[number];

/** What `sessions/check` may say of a dead session (contract section 6). */
export type CheckReason =
  | 'unknown'
  | 'idle'
  | 'absolute'
  | 'ended'
  | 'credential_changed'
  | 'account_suspended';

export interface Clocks {
  /** Span in ms that may pass without activity. */
  readonly idleMs: number;
  /** Moment, in ms since 1970, beyond which nothing keeps it alive. */
  readonly absoluteAt: number;
}

export interface StoredClocks {
  readonly store: StoreName;
  readonly profile: Profile;
  readonly openedAt: number;
  readonly lastSeenAt: number;
  readonly idleMs: number;
  readonly absoluteAt: number;
}

/** The clocks that a session is opened with. */
export function openingClocks(policy: Policy, store: StoreName, profile: Profile, openedAt: number): Clocks {
  const clock = policy.stores[store][profile];
  return { idleMs: clock.idle_seconds * 1000, absoluteAt: openedAt + clock.absolute_seconds * 1000 };
}

/** The clocks in force: the policy can shorten what is stored, never lengthen it. */
export function clocksInForce(session: StoredClocks, policy: Policy): Clocks {
  const clock = policy.stores[session.store][session.profile];
  return {
    idleMs: Math.min(session.idleMs, clock.idle_seconds * 1000),
    absoluteAt: Math.min(session.absoluteAt, session.openedAt + clock.absolute_seconds * 1000),
  };
}

/** When a session runs out, in ms since 1970: idle end (never past the absolute one) and absolute end. */
export function endsAt(session: StoredClocks, policy: Policy): { idleAt: number; absoluteAt: number } {
  const { idleMs, absoluteAt } = clocksInForce(session, policy);
  return { idleAt: Math.min(session.lastSeenAt + idleMs, absoluteAt), absoluteAt };
}

/** Which clock has run out at `now`, if any. At the very millisecond of its end a session is over. */
export function expiryReason(
  session: StoredClocks,
  policy: Policy,
  now: number,
): 'idle' | 'absolute' | undefined {
  const { idleMs, absoluteAt } = clocksInForce(session, policy);
  if (now >= absoluteAt) return session.lastSeenAt + idleMs < absoluteAt ? 'idle' : 'absolute';
  return now >= session.lastSeenAt + idleMs ? 'idle' : undefined;
}

export interface Standing {
  readonly endReason: EndReason | undefined;
  /** Matched by a bulk logoff whose tidying has not reached this row yet. */
  readonly cutOff: boolean;
  readonly credentialCurrent: boolean;
  readonly accountOpen: boolean;
}

const told: Readonly<Record<EndReason, CheckReason>> = {
  idle: 'idle',
  absolute: 'absolute',
  ended: 'ended',
  credential_changed: 'credential_changed',
  account_suspended: 'account_suspended',
  logoff: 'ended',
  closed: 'ended',
  replaced: 'ended',
  lost: 'ended',
};

/** Why a session is dead at `now`; undefined while it lives. */
export function deathReason(
  session: StoredClocks & Standing,
  policy: Policy,
  now: number,
): CheckReason | undefined {
  if (session.endReason !== undefined) return told[session.endReason];
  if (session.cutOff) return 'ended';
  if (!session.accountOpen) return 'account_suspended';
  if (!session.credentialCurrent) return 'credential_changed';
  return expiryReason(session, policy, now);
}

/**
 * How stale a stored last-seen may grow before it is written again, in ms: at most 10 s, and a tenth of the
 * idle clock where that is short, so that writing behind never ends a session that is in use.
 */
export function touchEveryMs(idleMs: number): number {
  return Math.min(10_000, idleMs / 10);
}

/** The receipt of a session's door. `unreachable` is never stored: it is how a pending door of a silent host reads. */
export type DoorState = 'open' | 'pending' | 'ended' | 'not_proven';

/** All that the house knows of a session. Moments are ms since 1970. */
export interface SessionFacts extends StoredClocks, Standing {
  readonly id: string;
  readonly seq: number;
  readonly accountId: string;
  readonly accountLogin: string;
  readonly credentialId: string | null;
  readonly login: string;
  readonly channel: string;
  readonly host: string | null;
  readonly sourceIp: string | null;
  readonly sourcePort: number | null;
  readonly userAgent: string | null;
  readonly endedAt: number | null;
  readonly orderId: string | null;
  readonly doorState: DoorState | null;
  readonly doorAt: number | null;
  readonly doorDetail: string | null;
  /** Its daemon's own name for it, where that daemon asked about the login and follows it. */
  readonly doorRef: string | null;
  readonly process: { readonly pid: number; readonly start: string; readonly boot: string } | null;
}
