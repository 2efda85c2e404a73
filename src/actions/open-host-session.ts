/** A session that lives in a process of a host: opened by its agent, while the daemon waits. */
import { done, type LoginRefusal, loginRefusals, type Outcome } from '../domain/refusal.ts';
import type { SessionFacts } from '../domain/session.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { OpenAnswer, OpenedSession, OpenRequest } from '../protocol/agent.ts';
import type { Tx } from '../store/db.ts';
import { liveByProcess } from '../store/sessions.ts';
import { markSshKeyUsed, type SshKeyRow } from '../store/ssh-keys.ts';
import { type Ctx, unchanged, type Written } from './context.ts';
import { acceptedKey } from './steps/accepted-key.ts';
import { type HostDoor, hostDoor, type Owner, refusedAtDoor, unknownAtDoor } from './steps/host-door.ts';
import { clearEntry, type Entry, openSession } from './steps/open-session.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * `POST /v1/agent/sessions`. What was verified at the login is checked again. A process has one session: asked twice,
 * because an answer was lost or the host looked around meanwhile, the answer is the same session.
 */
export async function openHostSession(ctx: Ctx, input: OpenRequest): Promise<Outcome<OpenAnswer>> {
  const door = await hostDoor(ctx, input);
  if (!door.ok) return door;
  const { owner, channel } = door.value;
  if (owner === undefined) return done(await unknownAtDoor(ctx, input, channel));
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
    ...accessOf(input),
    verified: verifiedOf(input, owner),
    host: input.host,
    source: input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip),
    sourcePort: input.source_port,
    process: input.process,
    adopted: input.adopted,
    openedAt: opened !== undefined && opened < ctx.now ? opened : undefined,
  };
}

/** What let it in beside or instead of the password, as it was verified at the login. */
function accessOf({ verified, method }: OpenRequest): Pick<Entry, 'access' | 'method'> {
  const { app_password_id: appPasswordId, grant_id: grantId } = verified ?? {};
  if (appPasswordId === undefined && grantId === undefined) return { method };
  const by = appPasswordId === undefined ? `${method}+grant` : 'app_password';
  return { method: by, access: { appPasswordId, grantId } };
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

type Admitted = Exclude<Awaited<ReturnType<typeof clearEntry>>, { refused: LoginRefusal }>;

/** Everything that was verified stands, the key that sshd accepted too; and the process is nobody else's session. */
async function admit(
  tx: Tx,
  ctx: Ctx,
  input: OpenRequest,
  entry: Entry,
  owner: Owner,
): Promise<{ cleared: Admitted; key?: SshKeyRow; there?: SessionFacts } | { refused: LoginRefusal }> {
  const cleared = await clearEntry(tx, entry, ctx.now);
  if ('refused' in cleared) return cleared;
  // `login -f`, a key, or a session found running: whoever let it in, it was not a password that was judged here.
  const byPassword = input.verified !== undefined && input.verified.app_password_id === undefined;
  if (entry.channel.passwordOnly && !byPassword) return { refused: 'not_by_password' };
  const asked = { credentialId: owner.credential?.id, fingerprint: input.ssh_key };
  const key = await acceptedKey(tx, asked, { now: ctx.now, source: entry.source });
  if (key !== undefined && 'refused' in key) return key;
  const there = await liveByProcess(tx, input.host, input.process);
  if (there !== undefined && (there.accountId !== entry.accountId || there.login !== entry.login)) {
    return { refused: 'changed_meanwhile' };
  }
  return { cleared, ...(key ? { key } : {}), ...(there ? { there } : {}) };
}

async function open(
  tx: Tx,
  ctx: Ctx,
  input: OpenRequest,
  entry: Entry,
  owner: Owner,
): Promise<Written<Outcome<OpenAnswer>>> {
  const admitted = await admit(tx, ctx, input, entry, owner);
  if ('refused' in admitted) {
    const answer: OpenAnswer = { decision: 'deny', reason: loginRefusals[admitted.refused] };
    return { value: done(answer), events: [refusedAtDoor(input, owner, admitted.refused)] };
  }
  const { key, there } = admitted;
  if (there !== undefined) return unchanged(done({ decision: 'allow', session: view(entry, there) }));
  if (key !== undefined) await markSshKeyUsed(tx, key.id, ctx.now);
  const until = Math.min(admitted.cleared.until, key?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const tied = { ...entry, sshKeyId: key?.id };
  const session = await openSession(tx, ctx, tied, { ...admitted.cleared, until });
  return { value: done({ decision: 'allow', session: view(entry, session) }), events: session.events };
}

function view(
  entry: Entry,
  session: { id: string; openedAt: number; idleMs: number; absoluteAt: number },
): OpenedSession {
  return {
    id: session.id,
    account_id: entry.accountId,
    login: entry.login,
    store: entry.channel.store,
    channel: entry.channel.name,
    opened_at: iso(session.openedAt),
    idle_seconds: session.idleMs / 1000,
    absolute_expires_at: iso(session.absoluteAt),
  };
}
