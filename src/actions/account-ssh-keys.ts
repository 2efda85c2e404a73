/** Public keys of an account, by the staff or its panel. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { ListOf, NewSshKey, SshKeyView } from '../protocol/own-access.ts';
import { accountById, lockAccount } from '../store/accounts.ts';
import { revokeSshKey } from '../store/ssh-keys.ts';
import { type Ctx, unchanged } from './context.ts';
import { keepSshKey, sshKeyViews } from './steps/keep-ssh-key.ts';
import { mayNot } from './steps/may.ts';
import { notSoSoon } from './steps/recovery-separation.ts';

const staff = { scopes: ['accounts'], roles: ['admin', 'support'] } as const;

/** `POST /v1/accounts/{id}/ssh-keys`; its owner is told. A key stands in for a password: not within a day of a factor removed. */
export async function addSshKey(ctx: Ctx, accountId: string, input: NewSshKey): Promise<Outcome<SshKeyView>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  return ctx.act<Outcome<SshKeyView>>(async (tx) => {
    const account = await lockAccount(tx, accountId);
    if (account === undefined) return unchanged(refuse('not_found'));
    if (account.status === 'closed') return unchanged(refuse('account_closed'));
    const soon = await notSoSoon(tx, ctx, accountId, 'password');
    if (soon) return unchanged(soon);
    return keepSshKey(tx, ctx, account, input, { accountId });
  });
}

/** `GET /v1/accounts/{id}/ssh-keys` */
export async function listSshKeys(ctx: Ctx, accountId: string): Promise<Outcome<ListOf<SshKeyView>>> {
  const no = mayNot(ctx, { scopes: ['accounts'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  if ((await accountById(ctx.read, accountId)) === undefined) return refuse('not_found');
  return done(await sshKeyViews(ctx, accountId));
}

/** `DELETE /v1/accounts/{id}/ssh-keys/{key}` */
export async function removeSshKey(ctx: Ctx, accountId: string, id: string): Promise<Outcome<undefined>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  return ctx.act<Outcome<undefined>>(async (tx) => {
    await lockAccount(tx, accountId);
    const row = await revokeSshKey(tx, accountId, id, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found'));
    const detail = { id, fingerprint: row.fingerprint };
    return { value: done(undefined), events: [{ kind: 'ssh_key.revoked', accountId, detail }] };
  });
}
