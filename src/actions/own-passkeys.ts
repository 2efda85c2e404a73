/** The customer's passkeys: made by a browser, named, taken away. */
import {
  creationOptions,
  judgeRegistration,
  passkeysAllowed,
  type RegistrationAnswer,
} from '../domain/passkey.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { NewPasskey, PasskeyCeremony, PasskeyMade, PasskeyView } from '../protocol/factors.ts';
import type { Tx } from '../store/db.ts';
import { factorsOf } from '../store/factors.ts';
import {
  deletePasskeys,
  insertPasskey,
  type PasskeyRow,
  passkeysOf,
  renamePasskey,
} from '../store/passkeys.ts';
import { noteShown } from '../store/renewals.ts';
import { type Ctx, unchanged } from './context.ts';
import { dropCodesWithLastFactor } from './steps/drop-codes.ts';
import { passkeyView } from './steps/factors-view.ts';
import { notFresh } from './steps/fresh.ts';
import { giveRecoveryCodes } from './steps/give-recovery-codes.ts';
import { aboutMe, changeOwn, fromHere, type Me, ownerSession } from './steps/own-change.ts';
import { beginCeremony, takeUpCeremony } from './steps/passkey-ceremony.ts';
import { tellOwner } from './steps/tell-owner.ts';

/** `POST /v1/me/passkeys/options`: what `navigator.credentials.create` is to be asked. */
export async function beginOwnPasskey(ctx: Ctx): Promise<Outcome<PasskeyCeremony>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const stale = await notFresh(ctx, 'any');
  if (stale) return stale;
  const { accountId, accountLogin } = owner.value;
  const known = await passkeysOf(ctx.read, accountId);
  if (known.length >= passkeysAllowed) return refuse('limit_reached', { detail: tooMany });
  const ceremony = await beginCeremony(ctx, 'passkey_add', { accountId });
  const options = await creationOptions(
    ctx.house.passkeys,
    { accountId, login: accountLogin },
    ceremony.challenge,
    known,
  );
  return done({ challenge_id: ceremony.id, options: { ...options }, expires_at: ceremony.expiresAt });
}

const tooMany = `An account may have ${passkeysAllowed} passkeys: remove one first.`;

/** `POST /v1/me/passkeys`: it counts from now on. With the first second factor come recovery codes. */
export async function addOwnPasskey(ctx: Ctx, input: NewPasskey): Promise<Outcome<PasskeyMade>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const stale = await notFresh(ctx, 'any');
  if (stale) return stale;
  const ceremony = await takeUpCeremony(ctx, input.challenge_id, 'passkey_add');
  if (ceremony?.accountId !== owner.value.accountId) {
    return refuse('passkey_rejected', {
      detail: 'This was not asked for here, or too long ago. Begin again.',
    });
  }
  const response = input.response as RegistrationAnswer;
  const made = await judgeRegistration(ctx.house.passkeys, ceremony.challenge, response);
  if ('fault' in made) {
    return refuse('passkey_rejected', { detail: 'What the browser sent does not hold. Begin again.' });
  }
  return changeOwn<PasskeyMade>(ctx, 'any', async (tx, me) => {
    if ((await passkeysOf(tx, me.account.id)).length >= passkeysAllowed) {
      return unchanged(refuse('limit_reached', { detail: tooMany }));
    }
    const row = await insertPasskey(tx, {
      id: idFrom('passkey', ctx.house.world.random(idBytes)),
      accountId: me.account.id,
      ...made,
      transports: [...made.transports],
      label: input.label,
      createdAt: ctx.now,
    });
    if (row === undefined) {
      return unchanged(refuse('passkey_rejected', { detail: 'This passkey is registered already.' }));
    }
    return { value: done(await added(tx, ctx, me, row)), events: [addedEvent(me, row)] };
  });
}

async function added(tx: Tx, ctx: Ctx, me: Me, row: PasskeyRow): Promise<PasskeyMade> {
  // Its maker has just shown it, verified by the authenticator: both factors at once.
  await noteShown(tx, me.session.id, { freshAt: ctx.now, factorAt: ctx.now });
  await tell(tx, ctx, me, 'added', row.label);
  const { recoveryCodes } = await factorsOf(tx, me.account.id);
  if (recoveryCodes > 0) return { passkey: passkeyView(row) };
  return { passkey: passkeyView(row), recovery_codes: await giveRecoveryCodes(tx, ctx, me.account.id) };
}

function addedEvent(me: Me, row: PasskeyRow) {
  const detail = { kind: 'passkey', passkey: row.id, label: row.label, change: 'added' };
  return { kind: 'factor.added' as const, ...aboutMe(me), detail };
}

function tell(tx: Tx, ctx: Ctx, me: Me, change: 'added' | 'removed', label: string): Promise<boolean> {
  return tellOwner(tx, ctx, me.account.id, {
    kind: 'factor_changed',
    ...{ factor: 'passkey', change, by: 'owner', label },
    ...fromHere(me.session),
  });
}

/** `GET /v1/me/passkeys`, oldest first. */
export async function ownPasskeys(ctx: Ctx): Promise<Outcome<{ items: PasskeyView[] }>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  return done({ items: (await passkeysOf(ctx.read, owner.value.accountId)).map(passkeyView) });
}

/** `PATCH /v1/me/passkeys/{id}`: another label; nothing else of a passkey can be changed. */
export function renameOwnPasskey(ctx: Ctx, id: string, label: string): Promise<Outcome<PasskeyView>> {
  return changeOwn<PasskeyView>(ctx, 'no', async (tx, me) => {
    const row = await renamePasskey(tx, me.account.id, id, label);
    if (row === undefined) return unchanged(refuse('not_found'));
    const detail = { kind: 'passkey', passkey: id, label };
    return { value: done(passkeyView(row)), events: [{ kind: 'factor.renamed', ...aboutMe(me), detail }] };
  });
}

/** `DELETE /v1/me/passkeys/{id}`: it opens nothing from the next attempt on. */
export function removeOwnPasskey(ctx: Ctx, id: string): Promise<Outcome<undefined>> {
  return changeOwn<undefined>(ctx, 'factor', async (tx, me) => {
    const [row] = await deletePasskeys(tx, me.account.id, id);
    if (row === undefined) return unchanged(refuse('not_found'));
    const codes = await dropCodesWithLastFactor(tx, me.account.id);
    await tell(tx, ctx, me, 'removed', row.label);
    const detail = { kind: 'passkey', passkey: id, label: row.label, by: 'owner', recovery_codes: codes };
    return { value: done(undefined), events: [{ kind: 'factor.removed', ...aboutMe(me), detail }] };
  });
}
