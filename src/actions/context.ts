/** What an action is handed: who asks, when, and the two ways to the database. */
import type { Disconnector } from '../disconnect/disconnector.ts';
import type { Actor, AuditEvent } from '../domain/event.ts';
import type { RelyingParty } from '../domain/passkey.ts';
import type { Policy } from '../domain/policy.ts';
import type { SessionFacts } from '../domain/session.ts';
import type { Afterwards } from '../hashing/afterwards.ts';
import type { Hashing } from '../hashing/pool.ts';
import type { Verified } from '../hashing/verified.ts';
import type { Judging } from '../judging/judging.ts';
import type { MailRoom } from '../mail/mail-room.ts';
import type { Courier } from '../outbound/courier.ts';
import { appendEvents } from '../store/audit.ts';
import type { CallingClient, Checks } from '../store/checks.ts';
import { type Database, isDeadlock, type Reader, type Tx } from '../store/db.ts';
import type { OperatorRow } from '../store/principals.ts';
import type { Touches } from '../store/touches.ts';
import type { Strength } from '../strength/strength.ts';
import type { World } from '../world.ts';

/** The house's fittings, made once by the roof. */
export interface House {
  readonly world: World;
  readonly database: Database;
  readonly checks: Checks;
  readonly touches: Touches;
  readonly hashing: Hashing;
  readonly verified: Verified;
  /** Keys the digests that tell wrong secrets apart; useless without the key ring. */
  readonly digestKey: Buffer;
  /** Seals what must be read again; bound to what it is about. See `domain/seal`. */
  readonly sealer: Sealer;
  /** Scheme, host and port under which browsers know us: for links and passkeys, never a request's Host. */
  readonly origin: string;
  /** The domain that passkeys are bound to, and the pages that may use them. */
  readonly passkeys: RelyingParty;
  /** How mail leaves; what is written for it waits in the outbox (`steps/tell-owner`). */
  readonly mail: MailRoom;
  /** How sessions are ended at daemons that no agent of ours is beside. */
  readonly disconnector: Disconnector;
  /** How webhooks leave; what is written for them waits in their outbox (`store/audit`). */
  readonly courier: Courier;
  /** What a chosen password is worth. */
  readonly strength: Strength;
  /** Reads and judges messages. */
  readonly judging: Judging;
  /** What the detector is told of this host. */
  readonly detector: DetectorSettings;
  /** Takes work that nobody waits for and that may be dropped. */
  readonly afterwards: Afterwards;
}

export interface DetectorSettings {
  /** Domains that the host itself sends from and serves. */
  readonly ownDomains: readonly string[];
  /** authserv-ids of the boundary whose Authentication-Results count (RFC 8601). */
  readonly authservIds: readonly string[];
}

export interface Sealer {
  seal(about: string, plain: Buffer): Buffer;
  /** @throws when it was sealed about something else, under an unknown key, or changed since. */
  open(about: string, box: Buffer): Buffer;
}

export type Principal =
  | { readonly kind: 'client'; readonly client: CallingClient }
  | { readonly kind: 'operator'; readonly operator: Pick<OperatorRow, 'id' | 'login' | 'role'> }
  | { readonly kind: 'session'; readonly session: SessionFacts; readonly policy: Policy }
  /** Whoever is at one of our public pages: what he may do is in the mailed token that he shows. */
  | { readonly kind: 'visitor' }
  /** Someone at the server's own shell: whoever can read the keys can do anything. */
  | { readonly kind: 'console'; readonly user: string }
  /** The house itself, by the clock. */
  | { readonly kind: 'system' };

export interface Written<T> {
  readonly value: T;
  readonly events: readonly AuditEvent[] | typeof undo;
}

const undo = Symbol('undo');

/** For `act`: undoes whatever the transaction did, and answers. A refusal that changes nothing needs no event. */
export function unchanged<T>(value: T): Written<T> {
  return { value, events: undo };
}

export interface Ctx {
  readonly house: House;
  readonly principal: Principal;
  readonly actor: Actor;
  /** One moment for the whole request. */
  readonly now: Date;
  readonly requestId: string;
  readonly read: Reader;
  /** One transaction: the change and the events that describe it. Without an event there is no change. */
  act<T>(work: (tx: Tx) => Promise<Written<T>>): Promise<T>;
  /** A transaction that is counted, not told: guess counters, last-seen, tidying. `unchanged` undoes it. */
  touch<T>(work: (tx: Tx) => Promise<T | Written<T>>): Promise<T>;
}

function actorOf(principal: Principal): Actor {
  switch (principal.kind) {
    case 'client':
      return { kind: 'client', id: principal.client.id };
    case 'operator':
      return { kind: 'operator', id: principal.operator.id };
    case 'session':
      return { kind: 'session', id: principal.session.id };
    case 'visitor':
      return { kind: 'visitor', id: 'page' };
    case 'console':
      return { kind: 'console', id: principal.user };
    case 'system':
      return { kind: 'system', id: 'system' };
  }
}

/** Enters the house as somebody, at this moment. */
export function enter(house: House, principal: Principal, requestId: string): Ctx {
  const now = house.world.now();
  const actor = actorOf(principal);
  const { drizzle } = house.database;
  return {
    house,
    principal,
    actor,
    now,
    requestId,
    read: drizzle,
    act: (work) =>
      transact(drizzle, async (tx) => {
        const written = await work(tx);
        if (written.events === undo) return written;
        if (written.events.length === 0) throw new Error('a change without an event is undone');
        await appendEvents(tx, house.world, { actor, at: now, requestId }, written.events);
        return written;
      }),
    touch: (work) =>
      transact(drizzle, async (tx) => {
        const value = await work(tx);
        return isUndone(value) ? value : { value, events: [] };
      }),
  };
}

function isUndone<T>(value: T | Written<T>): value is Written<T> {
  return typeof value === 'object' && value !== null && 'events' in value && value.events === undo;
}

/** Two transactions that wait for each other: the database ends one of them, and that one is simply done again. */
const triesAtDeadlock = 5;

async function transact<T>(database: Database['drizzle'], work: (tx: Tx) => Promise<Written<T>>): Promise<T> {
  for (let tries = 1; ; tries++) {
    let undone: Written<T> | undefined;
    try {
      return await database.transaction(async (tx) => {
        const written = await work(tx);
        if (written.events !== undo) return written.value;
        undone = written;
        return tx.rollback();
      });
    } catch (error) {
      if (undone !== undefined) return undone.value;
      if (!isDeadlock(error) || tries === triesAtDeadlock) throw error;
    }
  }
}
