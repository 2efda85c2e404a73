/** Keeps and lists public keys of an account, whoever asks for it. */
import type { AuditEvent } from '../../domain/event.ts';
import { done, type Outcome, refuse } from '../../domain/refusal.ts';
import { type SshKey, sshKeyFrom } from '../../domain/ssh-key.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import type { ListOf, NewSshKey, SshKeyView } from '../../protocol/own-access.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { credentialsOf } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import {
  countSshKeys,
  insertSshKey,
  revokeExpiredKeys,
  type SshKeyRow,
  sshKeysOf,
} from '../../store/ssh-keys.ts';
import { type Ctx, unchanged, type Written } from '../context.ts';
import { ownEnd, ownLogin } from './own-login.ts';
import { tellOwner } from './tell-owner.ts';

export const mostSshKeys = 50;

type About = Pick<AuditEvent, 'accountId' | 'sessionId' | 'source'>;

export function sshKeyView(row: SshKeyRow, login: string): SshKeyView {
  const at = (moment: Date | null) => moment?.toISOString() ?? null;
  return {
    ...{ id: row.id, login, type: row.type, fingerprint: row.fingerprint, label: row.label },
    ...{ source: row.source, created_at: row.createdAt.toISOString(), expires_at: at(row.expiresAt) },
    last_used_at: at(row.lastUsedAt),
  };
}

/** Under the account's lock. `from`: where it was done, for the owner's letter. */
export async function keepSshKey(
  tx: Tx,
  ctx: Ctx,
  account: AccountRow,
  input: NewSshKey,
  about: About,
  from: { readonly source?: string; readonly userAgent?: string } = {},
): Promise<Written<Outcome<SshKeyView>>> {
  const read = sshKeyFrom(input.key);
  if (!read.ok) {
    return unchanged(refuse('invalid_field', { errors: [{ path: 'key', message: read.fault }] }));
  }
  const end = ownEnd(input.expires_at, ctx.now);
  if (!end.ok) return unchanged(end);
  const owned = await ownLogin(tx, account, 'ssh', input.login);
  if (!owned.ok) return unchanged(owned);
  await revokeExpiredKeys(tx, owned.value.id, ctx.now);
  if ((await countSshKeys(tx, account.id)) >= mostSshKeys) {
    return unchanged(refuse('limit_reached', { detail: `An account has ${mostSshKeys} at the most.` }));
  }
  const row = rowOf(ctx, account, owned.value.id, input, read.key, end.value);
  if (!(await insertSshKey(tx, row))) {
    return unchanged(refuse('limit_reached', { detail: 'This login has that key already.' }));
  }
  const { login } = owned.value;
  await tellOwner(tx, ctx, account.id, {
    ...{ kind: 'access_made', what: 'ssh_key', store: 'ssh', login, label: row.label },
    ...(end.value === null ? {} : { expiresAt: end.value }),
    ...from,
  });
  const made = sshKeyView(row, login);
  return { value: done(made), events: [{ kind: 'ssh_key.made', ...about, detail: made }] };
}

function rowOf(
  ctx: Ctx,
  account: AccountRow,
  credentialId: string,
  input: NewSshKey,
  key: SshKey,
  expiresAt: Date | null,
): SshKeyRow {
  // What stands behind a key was written by whatever program made it.
  const comment = key.comment.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, ' ').slice(0, 64);
  return {
    id: idFrom('sshKey', ctx.house.world.random(idBytes)),
    ...{ accountId: account.id, credentialId, type: key.type, key: key.key, fingerprint: key.fingerprint },
    label: input.label ?? (comment === '' ? key.type : comment),
    ...{ source: input.source ?? null, createdAt: ctx.now, expiresAt, lastUsedAt: null, revokedAt: null },
  };
}

export async function sshKeyViews(ctx: Ctx, accountId: string): Promise<ListOf<SshKeyView>> {
  const [rows, credentials] = await Promise.all([
    sshKeysOf(ctx.read, accountId),
    credentialsOf(ctx.read, accountId),
  ]);
  const items = rows.flatMap((row) => {
    const of = credentials.find((each) => each.id === row.credentialId);
    return of === undefined ? [] : [sshKeyView(row, of.login)];
  });
  return { items, next_cursor: null };
}
