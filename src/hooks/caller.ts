/** Whose key came along, in whichever way the daemon can send one. */
import type { House, Principal } from '../actions/context.ts';
import { identify } from '../actions/identify.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { tokenKind } from '../domain/token.ts';
import type { Hook, HookCall } from './hook.ts';

type Where = Pick<HookCall, 'header' | 'query'>;

const basic = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i;
const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i;

function fromAuthorization(value: string | undefined): string | undefined {
  const token = bearer.exec(value ?? '')?.[1];
  if (token !== undefined) return token;
  const pair = basic.exec(value ?? '')?.[1];
  return pair === undefined
    ? undefined
    : Buffer.from(pair, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
}

/**
 * The key: `X-Gatehouse-Key`; else what Dovecot calls `X-Api-Key`, a bearer token or the password of basic
 * authentication; else `?key=`, for programs that can send a URL and nothing else. No log of ours has URLs or headers.
 */
function keyOf({ header, query }: Where, keyIn: Hook['keyIn']): string | undefined {
  const own = header('x-gatehouse-key') ?? query('key');
  if (own !== undefined || keyIn === 'own header') return own;
  return header('x-api-key') ?? fromAuthorization(header('authorization'));
}

type Client = Extract<Principal, { kind: 'client' }>;

/** The calling client. Only a client key opens a hook: no operator's token lies about in a daemon's configuration. */
export async function callerOf(house: House, where: Where, keyIn: Hook['keyIn']): Promise<Outcome<Client>> {
  const key = keyOf(where, keyIn);
  if (key === undefined || tokenKind(key) !== 'client') return refuse('not_authenticated');
  const holder = await identify(house, key);
  if (!holder.ok) return holder;
  return holder.value.kind === 'client' ? done(holder.value) : refuse('not_authenticated');
}
