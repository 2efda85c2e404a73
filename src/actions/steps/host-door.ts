/** What every question of a host's agent begins with: for whom it speaks, by which door, and whose login it is. */
import { type Channel, channelNamed, type StoreName, storeNames } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { canonicalLogin, isLogin } from '../../domain/login.ts';
import { done, type LoginRefusal, loginRefusals, type Outcome, refuse } from '../../domain/refusal.ts';
import { type AccountRow, accountByLogin } from '../../store/accounts.ts';
import { type CredentialRow, loginNamed } from '../../store/credentials.ts';
import type { Ctx } from '../context.ts';
import { boundElsewhere, mayNot } from './may.ts';

/** An agent's key may be bound to a host; it then cannot speak for another. */
export function mayNotSpeakFor(ctx: Ctx, host: string) {
  return mayNot(ctx, { scopes: ['agent'] }) ?? boundElsewhere(ctx, host);
}

export interface Owner {
  readonly account: AccountRow;
  readonly login: string;
  /** The credential of that name on that store; none where a key on the host is all that the owner has. */
  readonly credential: CredentialRow | undefined;
}

export interface HostDoor {
  readonly store: StoreName;
  readonly channel: Channel;
  /** Undefined: no login of Gatehouse, and so none of its business. */
  readonly owner: Owner | undefined;
}

interface Question {
  readonly host: string;
  readonly store: string;
  readonly channel: string;
  readonly login: string;
  readonly method: string;
  readonly source_ip?: string | undefined;
}

/** The door that an agent asks about; nobody's name is looked up for it. */
export function doorAsked(
  ctx: Ctx,
  asked: Pick<Question, 'host' | 'store' | 'channel'>,
): Outcome<Omit<HostDoor, 'owner'>> {
  const no = mayNotSpeakFor(ctx, asked.host);
  if (no) return no;
  const store = storeNames.find((each) => each === asked.store);
  const channel = channelNamed(asked.channel);
  // Sessions of the panel live by a token and by no process: an agent that opened some would push the owner's out.
  if (store === undefined || channel?.store !== store || channel.endedBy !== 'process') {
    const message = `hosts have no channel ${asked.channel} of a store ${asked.store}`;
    return refuse('invalid_field', { errors: [{ path: 'channel', message }] });
  }
  return done({ store, channel });
}

/** With whose login it is there: a credential's, or the account's own name. */
export async function hostDoor(ctx: Ctx, asked: Question): Promise<Outcome<HostDoor>> {
  const door = doorAsked(ctx, asked);
  if (!door.ok) return door;
  const { store, channel } = door.value;
  const login = canonicalLogin(asked.login);
  const named = await loginNamed(ctx.read, store, login);
  const account = named?.account ?? (await accountByLogin(ctx.read, login));
  const owner = account && { account, login, credential: named?.credential };
  return done({ store, channel, owner });
}

/** Whoever has no login here is none of our business, except where nobody comes in without a password of ours. */
export async function unknownAtDoor(
  ctx: Ctx,
  asked: Question,
  channel: Channel,
): Promise<{ decision: 'unknown' } | { decision: 'deny'; reason: string }> {
  if (channel.passwordOnly !== true) return { decision: 'unknown' };
  const event = refusedAtDoor(asked, undefined, 'unknown_login');
  await ctx.act(async () => ({ value: undefined, events: [event] }));
  return { decision: 'deny', reason: loginRefusals.unknown_login };
}

/** A refusal at a host's door, for the audit log. A name that no account can have is a stranger's text, and left out. */
export function refusedAtDoor(asked: Question, owner: Owner | undefined, reason: LoginRefusal): AuditEvent {
  const { store, channel, host, method } = asked;
  const login = owner?.login ?? canonicalLogin(asked.login);
  return {
    kind: 'login.refused',
    ...(owner === undefined ? {} : { accountId: owner.account.id }),
    ...(asked.source_ip === undefined ? {} : { source: asked.source_ip }),
    detail: { store, channel, host, method, ...(isLogin(login) ? { login } : {}), reason },
  };
}
