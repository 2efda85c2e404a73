import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import type { KeyAnswer, KeyRequest } from '../protocol/agent.ts';
import { policyInForce } from '../store/policy.ts';
import { sshKeyFor } from '../store/ssh-keys.ts';
import type { Ctx } from './context.ts';
import { hostDoor } from './steps/host-door.ts';

const no: Outcome<KeyAnswer> = done({ decision: 'deny' });

/**
 * `POST /v1/agent/ssh-keys`: may this login come in with the key of this fingerprint? sshd asks before the client has
 * signed anything, so nothing is recorded yet, and a no says nothing about why.
 */
export async function authorizedKey(ctx: Ctx, input: KeyRequest): Promise<Outcome<KeyAnswer>> {
  const asked = { host: input.host, login: input.login, store: 'ssh', channel: 'ssh', method: 'publickey' };
  const door = await hostDoor(ctx, asked);
  if (!door.ok) return door;
  const { owner, channel } = door.value;
  if (owner?.credential === undefined || owner.account.status !== 'active') return no;
  const [{ policy }, row] = await Promise.all([
    policyInForce(ctx.read),
    sshKeyFor(ctx.read, owner.credential.id, input.fingerprint, ctx.now),
  ]);
  if (row === undefined || !channelAllowed(policy, channel.name, undefined)) return no;
  const { id, type, key, source } = row;
  const expires_at = row.expiresAt?.toISOString() ?? null;
  return done({ decision: 'allow', key: { id, type, key, source, expires_at } });
}
