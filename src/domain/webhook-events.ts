/**
 * What webhooks may hear: one row an event, with the audit events that it stands for and the facts that leave the
 * house. Whatever is not named here stays inside.
 */
import type { Actor, EventKind } from './event.ts';

interface Told {
  readonly name: string;
  readonly from: readonly EventKind[];
  /** Facts of the audit event that go along, by their names there. */
  readonly facts: readonly string[];
}

const rows = [
  { name: 'account.created', from: ['account.created'], facts: ['login'] },
  { name: 'account.suspended', from: ['account.suspended'], facts: ['reason', 'level'] },
  { name: 'account.resumed', from: ['account.resumed'], facts: [] },
  { name: 'account.closed', from: ['account.closed'], facts: ['reason'] },
  { name: 'account.secured', from: ['account.secured'], facts: [] },
  { name: 'credential.changed', from: ['credential.set', 'reset.used'], facts: ['store', 'login'] },
  { name: 'credential.deleted', from: ['credential.deleted'], facts: ['store', 'login'] },
  { name: 'password.old_used', from: ['password.old_used'], facts: ['store', 'login', 'channel'] },
  { name: 'reset.denied', from: ['reset.denied'], facts: ['store', 'login'] },
  { name: 'email.changed', from: ['email.changed'], facts: [] },
  {
    name: 'session.opened',
    from: ['session.opened', 'session.adopted'],
    facts: ['store', 'channel', 'host', 'method'],
  },
  { name: 'session.ended', from: ['session.ended', 'session.expired'], facts: ['reason', 'host', 'proved'] },
  { name: 'logoff.ordered', from: ['sessions.ended'], facts: ['reason', 'select', 'matched', 'by_channel'] },
  { name: 'logoff.receipt', from: ['order.receipt'], facts: ['host', 'state'] },
  { name: 'factor.added', from: ['factor.added'], facts: ['kind'] },
  { name: 'factor.removed', from: ['factor.removed'], facts: ['kind', 'by', 'reason'] },
  { name: 'recovery_codes.made', from: ['recovery_codes.made'], facts: [] },
  { name: 'passkey.cloned', from: ['passkey.cloned'], facts: ['passkey'] },
  { name: 'app_password.made', from: ['app_password.made'], facts: ['id', 'store', 'login'] },
  { name: 'app_password.revoked', from: ['app_password.revoked'], facts: ['id', 'store', 'login'] },
  { name: 'ssh_key.made', from: ['ssh_key.made'], facts: ['id', 'login', 'fingerprint'] },
  { name: 'ssh_key.revoked', from: ['ssh_key.revoked'], facts: ['id', 'login', 'fingerprint'] },
  { name: 'grant.made', from: ['grant.made'], facts: ['id', 'store', 'source', 'expires_at'] },
  { name: 'grant.revoked', from: ['grant.revoked'], facts: ['id', 'store'] },
  { name: 'flag.raised', from: ['flag.raised'], facts: ['flag', 'kind', 'score', 'count'] },
  { name: 'flag.resolved', from: ['flag.resolved'], facts: ['flag', 'kind', 'state'] },
  { name: 'policy.changed', from: ['policy.changed'], facts: ['version'] },
  { name: 'client.created', from: ['client.created'], facts: ['id', 'name', 'scopes', 'host'] },
  { name: 'client.revoked', from: ['client.revoked'], facts: ['id', 'name'] },
  { name: 'operator.created', from: ['operator.created'], facts: ['id', 'login', 'role'] },
  { name: 'operator.revoked', from: ['operator.revoked'], facts: ['id', 'login'] },
  { name: 'mail.failed', from: ['mail.failed'], facts: ['mail', 'kind', 'tries'] },
  { name: 'webhook.disabled', from: ['webhook.disabled'], facts: ['id', 'because'] },
] as const satisfies readonly Told[];

export type WebhookEvent = (typeof rows)[number]['name'];

/** What an endpoint may ask for. */
export const webhookEvents: readonly WebhookEvent[] = rows.map(({ name }) => name);

/** Everything, also what a later release adds. */
export const everyEvent = '*';

/** Told to one endpoint alone, because somebody asked for it. */
export const testEvent = 'webhook.test';

const test: Told = { name: testEvent, from: ['webhook.tested'], facts: [] };

const byKind = new Map<EventKind, Told>(
  [...rows, test].flatMap((row) => row.from.map((kind) => [kind, row] as const)),
);

/** Under which name an audit event is told; undefined when it stays inside. */
export function toldAs(kind: EventKind): string | undefined {
  return byKind.get(kind)?.name;
}

/** What these names stand for: each under the kind of its audit event. */
export function namesByKind(events: readonly string[]): Partial<Record<EventKind, string>> {
  const heard = rows.filter(({ name }) => events.includes(name) || events.includes(everyEvent));
  return Object.fromEntries(heard.flatMap(({ name, from }) => from.map((kind) => [kind, name])));
}

/** An audit event as it is on record. */
export interface Recorded {
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly actor: Actor;
  readonly accountId: string | null;
  readonly sessionId: string | null;
  readonly orderId: string | null;
  readonly source: string | null;
  readonly detail: unknown;
}

/** The body of a delivery: `{type, timestamp, data}` (Standard Webhooks 1.0), the same bytes for every try. */
export function webhookBody(name: string, event: Recorded): string {
  const facts: readonly string[] = byKind.get(event.kind as EventKind)?.facts ?? [];
  const detail = new Map(Object.entries(event.detail ?? {}));
  const about = {
    account_id: event.accountId,
    session_id: event.sessionId,
    order_id: event.orderId,
    source_ip: event.source,
  };
  const data = {
    event_id: event.id,
    ...Object.fromEntries(Object.entries(about).filter(([, value]) => value !== null)),
    actor: { kind: event.actor.kind, id: event.actor.id },
    ...Object.fromEntries(facts.filter((key) => detail.has(key)).map((key) => [key, detail.get(key)])),
  };
  return JSON.stringify({ type: name, timestamp: event.at.toISOString(), data });
}

const firstGapMs = 5_000;
const longestGapMs = 4 * 3_600_000;
const dayMs = 86_400_000;

/**
 * How long after its `attempts`-th try a delivery waits: 5 s, 15 s, 45 s … at most four hours, each a fifth shorter or
 * longer, so that what failed together does not come back together. Undefined once its day is over.
 *
 * @param waitedMs since it was queued. @param chance 0 to 1.
 */
export function nextTryMs(attempts: number, waitedMs: number, chance: number): number | undefined {
  const gap = Math.min(longestGapMs, firstGapMs * 3 ** Math.min(attempts - 1, 20)) * (0.8 + 0.4 * chance);
  return waitedMs + gap > dayMs ? undefined : Math.round(gap);
}

/** An endpoint through which nothing got for so long is one that nobody looks after. */
export const failingMs = 3 * dayMs;
