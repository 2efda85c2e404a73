/** A session that lives in a process of a host: opened by its agent, while the daemon waits. */
import { done, loginRefusals, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { OpenAnswer, OpenedSession, OpenRequest } from '../protocol/agent.ts';
import type { Tx } from '../store/db.ts';
import { liveByProcess } from '../store/sessions.ts';
import { type Ctx, unchanged, type Written } from './context.ts';
import { type HostDoor, hostDoor, type Owner, refusedAtDoor } from './steps/host-door.ts';
import { clearEntry, type Entry, openSession } from './steps/open-session.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * `POST /v1/agent/sessions`. What was verified at the login is checked again. A process has one session: asked twice,
 * because an answer was lost or the host looked around meanwhile, the answer is the same session.
 */
export async function openHostSession(ctx: Ctx, input: OpenRequest): Promise<Outcome<OpenAnswer>> {
  const door = await hostDoor(ctx, input);
  if (!door.ok) return door;
  const { owner } = door.value;
  if (owner === undefined) return done({ decision: 'unknown' });
  const entry = entryOf(ctx, input, door.value, owner);
  return ctx.act((tx) => open(tx, ctx, input, entry, owner));
}

function entryOf(ctx: Ctx, input: OpenRequest, { channel }: HostDoor, owner: Owner): Entry {
  const opened = input.opened_at === undefined ? undefined : new Date(input.opened_at);
  return {
    accountId: owner.account.id,
    login: owner.login,
    channel,
    profile: 'standard',
    method: input.method,
    verified: verifiedOf(input, owner),
    host: input.host,
    source: input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip),
    sourcePort: input.source_port,
    process: input.process,
    adopted: input.adopted,
    openedAt: opened !== undefined && opened < ctx.now ? opened : undefined,
  };
}

/**
 * The credential that the session stands and falls with. A key on the host needs none; whatever else comes without
 * having been judged here, such as a session that is taken up, is bound to the credential of its name as it is now.
 */
function verifiedOf(input: OpenRequest, { credential }: Owner): Entry['verified'] {
  const { verified } = input;
  if (verified !== undefined) return { credentialId: verified.credential_id, epoch: verified.epoch };
  if (input.method === 'publickey' || credential === undefined) return undefined;
  return { credentialId: credential.id, epoch: credential.epoch };
}

async function open(
  tx: Tx,
  ctx: Ctx,
  input: OpenRequest,
  entry: Entry,
  owner: Owner,
): Promise<Written<Outcome<OpenAnswer>>> {
  const cleared = await clearEntry(tx, entry, ctx.now);
  const there = 'refused' in cleared ? undefined : await liveByProcess(tx, input.host, input.process);
  const anothers =
    there !== undefined && (there.accountId !== entry.accountId || there.login !== entry.login);
  const refused = 'refused' in cleared ? cleared.refused : anothers ? 'changed_meanwhile' : undefined;
  if ('refused' in cleared || refused !== undefined) {
    const reason = refused ?? 'changed_meanwhile';
    const answer: OpenAnswer = { decision: 'deny', reason: loginRefusals[reason] };
    return { value: done(answer), events: [refusedAtDoor(input, owner, reason)] };
  }
  const view = (session: {
    id: string;
    openedAt: number;
    idleMs: number;
    absoluteAt: number;
  }): OpenedSession => ({
    id: session.id,
    account_id: entry.accountId,
    login: entry.login,
    store: entry.channel.store,
    channel: entry.channel.name,
    opened_at: iso(session.openedAt),
    idle_seconds: session.idleMs / 1000,
    absolute_expires_at: iso(session.absoluteAt),
  });
  if (there !== undefined) return unchanged(done({ decision: 'allow', session: view(there) }));
  const session = await openSession(tx, ctx, entry, cleared);
  return { value: done({ decision: 'allow', session: view(session) }), events: session.events };
}
