/** App passwords of a customer: one program at one store, each revocable alone (contract section 9). */
import { appPasswordBytes, appPasswordDigest, appPasswordFrom } from '../domain/app-password.ts';
import type { StoreName } from '../domain/channels/index.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { AppPassword, ListOf, MadeAppPassword, NewAppPassword } from '../protocol/own-access.ts';
import {
  type AppPasswordRow,
  appPasswordsOf,
  countAppPasswords,
  insertAppPassword,
  revokeAppPassword,
} from '../store/app-passwords.ts';
import { credentialsOf } from '../store/credentials.ts';
import { type Ctx, unchanged } from './context.ts';
import { aboutMe, changeOwn, fromHere, ownerSession } from './steps/own-change.ts';
import { ownEnd, ownLogin } from './steps/own-login.ts';
import { tellOwner } from './steps/tell-owner.ts';

/** Enough for every program that one has; more are a script gone wild. */
export const mostAppPasswords = 50;

type Row = Omit<AppPasswordRow, 'secretHash'>;

function view(row: Row, store: StoreName, login: string): AppPassword {
  if (store === 'panel') throw new Error('the panel has no app passwords');
  const at = (moment: Date | null) => moment?.toISOString() ?? null;
  return {
    ...{ id: row.id, store, login, label: row.label, source: row.source, read_only: row.readOnly },
    ...{ created_at: row.createdAt.toISOString(), expires_at: at(row.expiresAt) },
    ...{ last_used_at: at(row.lastUsedAt), last_used_from: row.lastUsedFrom },
  };
}

/** `POST /v1/me/app-passwords`: shown in this answer and never again. */
export async function makeAppPassword(ctx: Ctx, input: NewAppPassword): Promise<Outcome<MadeAppPassword>> {
  const { world, digestKey } = ctx.house;
  const end = ownEnd(input.expires_at, ctx.now);
  if (!end.ok) return end;
  return changeOwn<MadeAppPassword>(ctx, 'any', async (tx, me) => {
    const owned = await ownLogin(tx, me.account, input.store, input.login);
    if (!owned.ok) return unchanged(owned);
    if ((await countAppPasswords(tx, me.account.id)) >= mostAppPasswords) {
      return unchanged(
        refuse('limit_reached', { detail: `An account has ${mostAppPasswords} at the most.` }),
      );
    }
    const { store, login } = owned.value;
    const password = appPasswordFrom(world.random(appPasswordBytes));
    const row = {
      id: idFrom('appPassword', world.random(idBytes)),
      ...{ accountId: me.account.id, credentialId: owned.value.id, label: input.label },
      secretHash: appPasswordDigest(digestKey, store, login, password),
      ...{
        source: input.source ?? null,
        readOnly: input.read_only,
        createdAt: ctx.now,
        expiresAt: end.value,
      },
      ...{ lastUsedAt: null, lastUsedFrom: null, revokedAt: null },
    };
    await insertAppPassword(tx, row);
    await tellOwner(tx, ctx, me.account.id, {
      ...{ kind: 'access_made', what: 'app_password', store, login, label: input.label },
      ...(end.value === null ? {} : { expiresAt: end.value }),
      ...fromHere(me.session),
    });
    const made = view(row, store, login);
    return {
      value: done({ ...made, password }),
      events: [{ kind: 'app_password.made', ...aboutMe(me), detail: made }],
    };
  });
}

/** `GET /v1/me/app-passwords` */
export async function listAppPasswords(ctx: Ctx): Promise<Outcome<ListOf<AppPassword>>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const { accountId } = owner.value;
  const [rows, credentials] = await Promise.all([
    appPasswordsOf(ctx.read, accountId),
    credentialsOf(ctx.read, accountId),
  ]);
  const items = rows.flatMap((row) => {
    const of = credentials.find((each) => each.id === row.credentialId);
    return of === undefined ? [] : [view(row, of.store, of.login)];
  });
  return done({ items, next_cursor: null });
}

/** `DELETE /v1/me/app-passwords/{id}`: refused from now on, and what it opened ends at this commit. */
export function revokeOwnAppPassword(ctx: Ctx, id: string): Promise<Outcome<undefined>> {
  return changeOwn<undefined>(ctx, 'no', async (tx, me) => {
    const row = await revokeAppPassword(tx, me.account.id, id, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found'));
    const detail = { id, label: row.label };
    return { value: done(undefined), events: [{ kind: 'app_password.revoked', ...aboutMe(me), detail }] };
  });
}
