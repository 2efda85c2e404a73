/** Keys for machines and tokens for people, made at the server's own shell. Each is shown once. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom, tokenBytes, tokenFrom, tokenHash } from '../domain/token.ts';
import type { ClientScope, Role } from '../protocol/api.ts';
import {
  anyOperator,
  insertClient,
  insertOperator,
  revokeClientNamed,
  revokeOperatorNamed,
  setOperatorEmail,
} from '../store/principals.ts';
import { disableWebhooksOf } from '../store/webhooks.ts';
import { type Ctx, unchanged } from './context.ts';

/** `gatehouse operator create` */
export async function createOperator(
  ctx: Ctx,
  input: { readonly login: string; readonly role: Role },
): Promise<Outcome<{ id: string; login: string; role: Role; token: string }>> {
  if (ctx.principal.kind !== 'console') return refuse('not_allowed');
  const { world } = ctx.house;
  const id = idFrom('operator', world.random(idBytes));
  const token = tokenFrom('operator', world.random(tokenBytes));
  return ctx.act<Outcome<{ id: string; login: string; role: Role; token: string }>>(async (tx) => {
    const row = await insertOperator(tx, { id, ...input, tokenHash: tokenHash(token), createdAt: ctx.now });
    if (row === undefined) return unchanged(refuse('login_taken'));
    return {
      value: done({ id, ...input, token }),
      events: [{ kind: 'operator.created', detail: { id, ...input } }],
    };
  });
}

export interface NewClient {
  readonly name: string;
  readonly scopes: readonly ClientScope[];
  /** Binds an agent's key to one host name. */
  readonly host?: string;
}

/** `gatehouse client create` */
export async function createClient(
  ctx: Ctx,
  input: NewClient,
): Promise<Outcome<{ id: string; name: string; scopes: readonly ClientScope[]; key: string }>> {
  if (ctx.principal.kind !== 'console') return refuse('not_allowed');
  const { world } = ctx.house;
  const id = idFrom('client', world.random(idBytes));
  const key = tokenFrom('client', world.random(tokenBytes));
  const { name, scopes, host } = input;
  type Answer = Outcome<{ id: string; name: string; scopes: readonly ClientScope[]; key: string }>;
  return ctx.act<Answer>(async (tx) => {
    const row = await insertClient(tx, {
      id,
      name,
      scopes: [...scopes],
      host: host ?? null,
      keyHash: tokenHash(key),
      createdAt: ctx.now,
    });
    if (row === undefined)
      return unchanged(refuse('login_taken', { detail: 'A client of this name exists.' }));
    const detail = { id, name, scopes, host };
    return { value: done({ id, name, scopes, key }), events: [{ kind: 'client.created', detail }] };
  });
}

/** Whether anybody of the staff exists yet. */
export async function staffExists(ctx: Ctx): Promise<boolean> {
  return anyOperator(ctx.read);
}

/** `gatehouse client revoke NAME`: the key is refused from now on, its order streams end, and its webhooks are disabled. */
export async function revokeClient(ctx: Ctx, name: string): Promise<Outcome<{ id: string; name: string }>> {
  if (ctx.principal.kind !== 'console') return refuse('not_allowed');
  return ctx.act<Outcome<{ id: string; name: string }>>(async (tx) => {
    const row = await revokeClientNamed(tx, name, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found', { detail: `There is no client ${name}.` }));
    const value = { id: row.id, name };
    const shut = await disableWebhooksOf(tx, row.id, ctx.now);
    const because = 'client_revoked';
    return {
      value: done(value),
      events: [
        { kind: 'client.revoked', detail: value },
        ...shut.map(({ id }) => ({ kind: 'webhook.disabled' as const, detail: { id, because } })),
      ],
    };
  });
}

/** `gatehouse operator revoke LOGIN` */
export async function revokeOperator(
  ctx: Ctx,
  login: string,
): Promise<Outcome<{ id: string; login: string }>> {
  if (ctx.principal.kind !== 'console') return refuse('not_allowed');
  return ctx.act<Outcome<{ id: string; login: string }>>(async (tx) => {
    const row = await revokeOperatorNamed(tx, login, ctx.now);
    if (row === undefined)
      return unchanged(refuse('not_found', { detail: `There is no operator ${login}.` }));
    const value = { id: row.id, login };
    return { value: done(value), events: [{ kind: 'operator.revoked', detail: value }] };
  });
}

/** `gatehouse operator email LOGIN [ADDRESS]`: where the staff is told of what it should look at. */
export async function setEmailOfOperator(
  ctx: Ctx,
  login: string,
  email: string | null,
): Promise<Outcome<{ id: string; login: string; email: string | null }>> {
  if (ctx.principal.kind !== 'console') return refuse('not_allowed');
  return ctx.act<Outcome<{ id: string; login: string; email: string | null }>>(async (tx) => {
    const row = await setOperatorEmail(tx, login, email);
    if (row === undefined)
      return unchanged(refuse('not_found', { detail: `There is no operator ${login}.` }));
    const event = { kind: 'operator.email_set', detail: { id: row.id, login, set: email !== null } } as const;
    return { value: done({ id: row.id, login, email }), events: [event] };
  });
}
