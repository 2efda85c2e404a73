/** Public keys of a customer, kept here and served to every host's sshd. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { ListOf, NewSshKey, SshKeyView } from '../protocol/own-access.ts';
import { revokeSshKey } from '../store/ssh-keys.ts';
import { type Ctx, unchanged } from './context.ts';
import { keepSshKey, sshKeyViews } from './steps/keep-ssh-key.ts';
import { aboutMe, changeOwn, fromHere, ownerSession } from './steps/own-change.ts';

/** `POST /v1/me/ssh-keys` */
export function addOwnSshKey(ctx: Ctx, input: NewSshKey): Promise<Outcome<SshKeyView>> {
  return changeOwn<SshKeyView>(ctx, 'any', (tx, me) =>
    keepSshKey(tx, ctx, me.account, input, aboutMe(me), fromHere(me.session)),
  );
}

/** `GET /v1/me/ssh-keys` */
export async function listOwnSshKeys(ctx: Ctx): Promise<Outcome<ListOf<SshKeyView>>> {
  const owner = ownerSession(ctx);
  return owner.ok ? done(await sshKeyViews(ctx, owner.value.accountId)) : owner;
}

/** `DELETE /v1/me/ssh-keys/{id}`: no host lets it in from now on, and what it opened ends at this commit. */
export function revokeOwnSshKey(ctx: Ctx, id: string): Promise<Outcome<undefined>> {
  return changeOwn<undefined>(ctx, 'no', async (tx, me) => {
    const row = await revokeSshKey(tx, me.account.id, id, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found'));
    const detail = { id, fingerprint: row.fingerprint };
    return { value: done(undefined), events: [{ kind: 'ssh_key.revoked', ...aboutMe(me), detail }] };
  });
}
