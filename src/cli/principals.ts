import type { Ctx } from '../actions/context.ts';
import {
  createClient,
  createOperator,
  type NewClient,
  revokeClient,
  revokeOperator,
  setEmailOfOperator,
} from '../actions/principals.ts';
import type { Role } from '../protocol/api.ts';
import { type Terminal, tell } from './output.ts';

/** `gatehouse operator create LOGIN --role R` */
export async function operatorCreate(
  ctx: Ctx,
  terminal: Terminal,
  login: string,
  role: Role,
): Promise<number> {
  return tell(terminal, await createOperator(ctx, { login, role }), (made) => [
    `${made.role} ${made.login} (${made.id})`,
    `token: ${made.token}`,
    'Keep the token now: it is shown this once.',
  ]);
}

/** `gatehouse client create NAME --scope S…` */
export async function clientCreate(ctx: Ctx, terminal: Terminal, input: NewClient): Promise<number> {
  return tell(terminal, await createClient(ctx, input), (made) => [
    `client ${made.name} (${made.id}) with ${made.scopes.join(', ')}`,
    `key: ${made.key}`,
    'Keep the key now: it is shown this once.',
  ]);
}

/** `gatehouse client revoke NAME` */
export async function clientRevoke(ctx: Ctx, terminal: Terminal, name: string): Promise<number> {
  return tell(terminal, await revokeClient(ctx, name), () => [`the key of ${name} is refused from now on`]);
}

/** `gatehouse operator revoke LOGIN` */
export async function operatorRevoke(ctx: Ctx, terminal: Terminal, login: string): Promise<number> {
  return tell(terminal, await revokeOperator(ctx, login), () => [
    `the token of ${login} is refused from now on`,
  ]);
}

/** `gatehouse operator email LOGIN [ADDRESS]` */
export async function operatorEmail(
  ctx: Ctx,
  terminal: Terminal,
  login: string,
  address: string | undefined,
): Promise<number> {
  return tell(terminal, await setEmailOfOperator(ctx, login, address ?? null), (set) => [
    set.email === null ? `${login} is written no mail` : `${login} is written to at ${set.email}`,
  ]);
}
