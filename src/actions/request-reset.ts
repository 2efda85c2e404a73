/** A password is forgotten: noted, and nothing else. Whether the name exists is looked up later, by a job. */
import { canonicalLogin } from '../domain/login.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { resetCaps, resetWindowMs } from '../domain/reset.ts';
import { canonicalAddress, sourcePrefixes } from '../domain/source.ts';
import type { ResetAsked, ResetRequest } from '../protocol/recovery.ts';
import { insertResetRequest, requestsFrom } from '../store/reset-requests.ts';
import { type Ctx, unchanged } from './context.ts';
import { mayNot } from './steps/may.ts';

const sentence =
  'If this name is known here and has a mail address, a link is on its way. It works once, for 30 minutes.';

/** Beyond this many from one source in an hour, requests are not even noted: they could only fill the table. */
const notedFromSource = 10 * resetCaps.sourceHour;

/**
 * `POST /v1/password-resets` (contract section 9). The same answer after the same work for every name: one count, one
 * row (ASVS 5.0 6.3.8). Caps are kept where the mail is written (`judge-resets`), so that they tell nothing either.
 */
export async function requestReset(ctx: Ctx, input: ResetRequest): Promise<Outcome<ResetAsked>> {
  const no = mayNot(ctx, { scopes: ['authenticate'], visitors: true });
  if (no) return no;
  const address = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const source = address === undefined ? null : sourcePrefixes(address).host;
  const named = 'login' in input ? `login:${canonicalLogin(input.login)}` : `email:${storable(input.email)}`;
  await ctx.touch(async (tx) => {
    const since = new Date(ctx.now.getTime() - resetWindowMs.source);
    const count = await requestsFrom(tx, source ?? '', since);
    if (count >= notedFromSource) return unchanged(undefined);
    const askedBy = `${ctx.actor.kind}:${ctx.actor.id}`;
    await insertResetRequest(tx, { named, source, askedBy, requestId: ctx.requestId, createdAt: ctx.now });
    return undefined;
  });
  return done({ message: sentence });
}

/** What no column holds is the address of nobody. */
const storable = (email: string) => email.trim().replaceAll(/\0|\p{Surrogate}/gu, '\ufffd');
