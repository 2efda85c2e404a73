/** What every question of a host's agent begins with: for whom it speaks, by which door, and whose login it is. */
import { type Channel, channelNamed, type StoreName, storeNames } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { canonicalLogin } from '../../domain/login.ts';
import { done, type LoginRefusal, type Outcome, refuse } from '../../domain/refusal.ts';
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

/** The door that an agent asks about, and whose login it is there: a credential's, or the account's own name. */
export async function hostDoor(ctx: Ctx, asked: Question): Promise<Outcome<HostDoor>> {
  const no = mayNotSpeakFor(ctx, asked.host);
  if (no) return no;
  const store = storeNames.find((each) => each === asked.store);
  const channel = channelNamed(asked.channel);
  // Sessions of the panel live by a token and by no process: an agent that opened some would push the owner's out.
  if (store === undefined || channel?.store !== store || channel.endedBy !== 'process') {
    const message = `hosts have no channel ${asked.channel} of a store ${asked.store}`;
    return refuse('invalid_field', { errors: [{ path: 'channel', message }] });
  }
  const login = canonicalLogin(asked.login);
  const named = await loginNamed(ctx.read, store, login);
  const account = named?.account ?? (await accountByLogin(ctx.read, login));
  const owner = account && { account, login, credential: named?.credential };
  return done({ store, channel, owner });
}

/** A refusal at a host's door, for the audit log. */
export function refusedAtDoor(asked: Question, owner: Owner | undefined, reason: LoginRefusal): AuditEvent {
  const { store, channel, host, method } = asked;
  return {
    kind: 'login.refused',
    ...(owner === undefined ? {} : { accountId: owner.account.id }),
    ...(asked.source_ip === undefined ? {} : { source: asked.source_ip }),
    detail: { store, channel, host, method, login: owner?.login ?? canonicalLogin(asked.login), reason },
  };
}
