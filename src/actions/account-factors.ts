import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { FactorsView } from '../protocol/factors.ts';
import { accountById } from '../store/accounts.ts';
import type { Ctx } from './context.ts';
import { factorsView } from './steps/factors-view.ts';
import { mayNot } from './steps/may.ts';
import { ownerSession } from './steps/own-change.ts';

/** `GET /v1/me/factors`. */
export async function ownFactors(ctx: Ctx): Promise<Outcome<FactorsView>> {
  const owner = ownerSession(ctx);
  return owner.ok ? done(await factorsView(ctx.read, owner.value.accountId)) : owner;
}

/** `GET /v1/accounts/{id}/factors`. */
export async function factorsOfAccount(ctx: Ctx, accountId: string): Promise<Outcome<FactorsView>> {
  const no = mayNot(ctx, { scopes: ['accounts'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  if ((await accountById(ctx.read, accountId)) === undefined) return refuse('not_found');
  return done(await factorsView(ctx.read, accountId));
}
