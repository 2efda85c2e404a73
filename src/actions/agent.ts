/** What a host's agent asks and reports (contract section 7). It speaks for its own host and no other. */
import { channelNamed, type StoreName, storeNames } from '../domain/channels/index.ts';
import type { AuditEvent } from '../domain/event.ts';
import { canonicalLogin } from '../domain/login.ts';
import { channelAllowed, type Policy } from '../domain/policy.ts';
import { done, type LoginRefusal, loginRefusals, type Outcome, refuse } from '../domain/refusal.ts';
import { clocksInForce, type SessionFacts } from '../domain/session.ts';
import { canonicalAddress } from '../domain/source.ts';
import type {
  AccountAnswer,
  AccountRequest,
  ClocksEvent,
  HelloAnswer,
  HelloRequest,
  OpenAnswer,
  OpenRequest,
  OrderEvent,
  ReportsAnswer,
  ReportsRequest,
} from '../protocol/agent.ts';
import { type AccountRow, accountByLogin } from '../store/accounts.ts';
import { loginNamed } from '../store/credentials.ts';
import { heardFrom, saveHost } from '../store/hosts.ts';
import { policyInForce } from '../store/policy.ts';
import { knownOnHost, liveOnHost, pendingOnHost, setChannel, settleDoor } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { leaseMs } from './steps/grace.ts';
import { boundElsewhere, mayNot } from './steps/may.ts';
import { clearEntry, type Entry, openSession } from './steps/open-session.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** An agent's key may be bound to a host; it then cannot speak for another. */
export function mayNotSpeakFor(ctx: Ctx, host: string) {
  return mayNot(ctx, { scopes: ['agent'] }) ?? boundElsewhere(ctx, host);
}

interface Owner {
  readonly account: AccountRow;
  readonly login: string;
}

/** Whose login this is on that store: by a credential of the store, or by the account's own name. */
async function ownerOf(ctx: Ctx, store: StoreName, text: string): Promise<Owner | undefined> {
  const login = canonicalLogin(text);
  const named = await loginNamed(ctx.read, store, login);
  const account = named?.account ?? (await accountByLogin(ctx.read, login));
  return account === undefined ? undefined : { account, login };
}

function storeNamed(name: string): StoreName | undefined {
  return storeNames.find((each) => each === name);
}

/** `POST /v1/agent/account`: may this login come in by this door now, however it was proved? */
export async function judgeAccount(ctx: Ctx, input: AccountRequest): Promise<Outcome<AccountAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const store = storeNamed(input.store);
  const channel = channelNamed(input.channel);
  if (store === undefined || channel?.store !== store) return badDoor(input);
  const owner = await ownerOf(ctx, store, input.login);
  if (owner === undefined) return done({ decision: 'unknown' });
  const { policy } = await policyInForce(ctx.read);
  const refused = refusalFor(owner.account, channelAllowed(policy, channel.name));
  if (refused === undefined) return done({ decision: 'allow' });
  await ctx.act(async () => ({ value: undefined, events: [refusedEvent(input, owner, refused)] }));
  return done({ decision: 'deny', reason: loginRefusals[refused] });
}

function badDoor(input: { store: string; channel: string }) {
  const message = `there is no channel ${input.channel} of a store ${input.store}`;
  return refuse('invalid_field', { errors: [{ path: 'channel', message }] });
}

function refusalFor(account: AccountRow, open: boolean): LoginRefusal | undefined {
  if (account.status === 'suspended') return 'account_suspended';
  if (account.status === 'closed') return 'account_closed';
  return open ? undefined : 'channel_refused';
}

function refusedEvent(input: AccountRequest | OpenRequest, owner: Owner, reason: LoginRefusal): AuditEvent {
  const { store, channel, host, method } = input;
  return {
    kind: 'login.refused',
    accountId: owner.account.id,
    ...(input.source_ip === undefined ? {} : { source: input.source_ip }),
    detail: { store, channel, host, method, login: owner.login, reason },
  };
}

/** `POST /v1/agent/sessions`: opens a session that lives in a process of the agent's host. */
export async function openHostSession(ctx: Ctx, input: OpenRequest): Promise<Outcome<OpenAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const store = storeNamed(input.store);
  const channel = channelNamed(input.channel);
  if (store === undefined || channel?.store !== store) return badDoor(input);
  const owner = await ownerOf(ctx, store, input.login);
  if (owner === undefined) return done({ decision: 'unknown' });
  const opened = input.opened_at === undefined ? undefined : new Date(input.opened_at);
  const entry: Entry = {
    accountId: owner.account.id,
    login: owner.login,
    channel,
    profile: 'standard',
    method: input.method,
    verified: input.verified && {
      credentialId: input.verified.credential_id,
      epoch: input.verified.epoch,
    },
    host: input.host,
    source: input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip),
    sourcePort: input.source_port,
    process: input.process,
    adopted: input.adopted,
    openedAt: opened !== undefined && opened < ctx.now ? opened : undefined,
  };
  return ctx.act<Outcome<OpenAnswer>>(async (tx) => {
    const cleared = await clearEntry(tx, entry);
    if ('refused' in cleared) {
      const answer: OpenAnswer = { decision: 'deny', reason: loginRefusals[cleared.refused] };
      return { value: done(answer), events: [refusedEvent(input, owner, cleared.refused)] };
    }
    const session = await openSession(tx, ctx, entry, cleared);
    const answer: OpenAnswer = {
      decision: 'allow',
      session: {
        id: session.id,
        account_id: owner.account.id,
        login: owner.login,
        store,
        channel: channel.name,
        opened_at: iso(session.openedAt),
        idle_seconds: session.idleMs / 1000,
        absolute_expires_at: iso(session.absoluteAt),
      },
    };
    return { value: done(answer), events: session.events };
  });
}

function hostView(facts: SessionFacts, policy: Policy): HelloAnswer['sessions'][number] {
  const { idleMs, absoluteAt } = clocksInForce(facts, policy);
  const { process } = facts;
  return {
    id: facts.id,
    login: facts.login,
    store: facts.store,
    channel: facts.channel,
    idle_seconds: idleMs / 1000,
    absolute_expires_at: iso(absoluteAt),
    opened_at: iso(facts.openedAt),
    last_seen_at: iso(facts.lastSeenAt),
    process: process && { pid: process.pid, start: process.start, boot_id: process.boot },
  };
}

/** `POST /v1/agent/hello`: both sides learn what the other believes to be live. */
export async function greetAgent(ctx: Ctx, input: HelloRequest): Promise<Outcome<HelloAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const { policy } = await policyInForce(ctx.read);
  const sessions = await ctx.act(async (tx) => {
    const { host, version, boot_id: bootId } = input;
    await saveHost(tx, { name: host, clientId: ctx.actor.id, bootId, version, lastContactAt: ctx.now });
    const detail = { host, version, boot_id: bootId, sessions: input.sessions.length };
    return { value: await liveOnHost(tx, host), events: [{ kind: 'agent.connected', detail }] };
  });
  return done({
    server_time: ctx.now.toISOString(),
    lease_seconds: leaseMs / 1000,
    sessions: sessions.map((facts) => hostView(facts, policy)),
  });
}

/** The orders that a host still has to carry out. For the stream: authorised when it was opened. */
export async function ordersFor(ctx: Ctx, host: string): Promise<OrderEvent[]> {
  const pending = await pendingOnHost(ctx.read, host);
  return pending.map((facts) => ({
    session_id: facts.id,
    order_id: facts.orderId,
    reason: facts.endReason ?? 'ended',
    process: facts.process && {
      pid: facts.process.pid,
      start: facts.process.start,
      boot_id: facts.process.boot,
    },
  }));
}

/** The clocks in force of a host's live sessions, after the policy changed. */
export async function clocksFor(ctx: Ctx, host: string): Promise<ClocksEvent> {
  const { policy } = await policyInForce(ctx.read);
  const live = await liveOnHost(ctx.read, host);
  return {
    sessions: live.map((facts) => {
      const { id, idle_seconds, absolute_expires_at } = hostView(facts, policy);
      return { session_id: id, idle_seconds, absolute_expires_at };
    }),
  };
}

/** Their streams stand: these hosts are in reach, though nothing happens there. */
export async function hostsHeard(ctx: Ctx, hosts: readonly string[]): Promise<void> {
  await heardFrom(ctx.house.database, hosts, ctx.now, leaseMs / 10);
}

/**
 * `POST /v1/agent/reports`: what was seen, what is gone, what became of orders. Repeats change nothing; sessions
 * of other hosts are answered as unknown.
 */
export async function takeReports(ctx: Ctx, input: ReportsRequest): Promise<Outcome<ReportsAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const ids = [...input.seen, ...input.gone, ...input.receipts].map((each) => each.session_id);
  const known = await knownOnHost(ctx.read, input.host, ids);
  const ours = <T extends { session_id: string }>(list: readonly T[]) =>
    list.filter((each) => known.has(each.session_id));
  for (const { session_id: id, last_seen_at: at } of ours(input.seen)) {
    ctx.house.touches.note(id, Math.min(Date.parse(at), ctx.now.getTime()));
  }
  await recordReports(ctx, input.host, {
    seen: ours(input.seen),
    gone: ours(input.gone),
    receipts: ours(input.receipts),
  });
  await hostsHeard(ctx, [input.host]);
  const unknown = [...new Set(ids.filter((id) => !known.has(id)))];
  return done({ accepted: ids.length - unknown.length, unknown });
}

async function recordReports(
  ctx: Ctx,
  host: string,
  reports: Pick<ReportsRequest, 'seen' | 'gone' | 'receipts'>,
): Promise<void> {
  const renamed = reports.seen.filter(({ channel }) => channel !== undefined && channelNamed(channel));
  if (renamed.length > 0) {
    await ctx.touch(async (tx) => {
      for (const each of renamed) await setChannel(tx, host, each.session_id, each.channel ?? '');
    });
  }
  if (reports.gone.length + reports.receipts.length === 0) return;
  await ctx.act(async (tx) => {
    const events: AuditEvent[] = [];
    for (const gone of reports.gone) {
      const state = gone.proved ? 'ended' : 'not_proven';
      const door = { state, at: new Date(gone.at), detail: gone.detail } as const;
      const accountId = await settleDoor(tx, host, gone.session_id, door, gone.reason);
      if (accountId === undefined) continue;
      const detail = { host, reason: gone.reason, proved: gone.proved };
      events.push({ kind: 'session.ended', accountId, sessionId: gone.session_id, detail });
    }
    for (const receipt of reports.receipts) {
      const door = { state: receipt.state, at: new Date(receipt.at), detail: receipt.detail };
      const accountId = await settleDoor(tx, host, receipt.session_id, door);
      if (accountId === undefined) continue;
      const detail = { host, state: receipt.state, detail: receipt.detail };
      events.push({ kind: 'order.receipt', accountId, sessionId: receipt.session_id, detail });
    }
    return events.length === 0 ? unchanged(undefined) : { value: undefined, events };
  });
}
