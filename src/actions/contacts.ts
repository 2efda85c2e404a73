/** Contacts that the staff announces, so that a customer can tell a genuine call or message by its code. */
import {
  contactCode,
  contactCodeBytes,
  contactCodeHash,
  contactDefaultMs,
  contactLongestMs,
  readContactCode,
} from '../domain/contact.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { ContactMade, ContactRequest, OwnContact } from '../protocol/messages.ts';
import { lockAccount } from '../store/accounts.ts';
import { contactByCode, contactChecked, insertContact } from '../store/contacts.ts';
import { type Ctx, unchanged } from './context.ts';
import { boundHost, mayNot } from './steps/may.ts';
import { ownerSession } from './steps/own-change.ts';

/** `POST /v1/contacts` */
export async function announceContact(ctx: Ctx, input: ContactRequest): Promise<Outcome<ContactMade>> {
  const no = mayNot(ctx, { scopes: ['messages'], roles: ['admin', 'support'] });
  if (no) return no;
  // The key of a gateway lies on its host: whoever takes that over would explain his own messages by it.
  if (boundHost(ctx) !== undefined) return refuse('not_allowed');
  const now = ctx.now.getTime();
  const expiresAt = new Date(input.expires_at ?? now + contactDefaultMs);
  if (expiresAt.getTime() <= now || expiresAt.getTime() > now + contactLongestMs) {
    const message = 'must be in the future, thirty days ahead at the most';
    return refuse('invalid_field', { errors: [{ path: 'expires_at', message }] });
  }
  return ctx.act<Outcome<ContactMade>>(async (tx) => {
    const account = await lockAccount(tx, input.account_id);
    if (account === undefined || account.status === 'closed') return unchanged(refuse('not_found'));
    const { world, digestKey } = ctx.house;
    const code = contactCode(world.random(contactCodeBytes));
    const plain = readContactCode(code) ?? '';
    const id = idFrom('contact', world.random(idBytes));
    const made = await insertContact(tx, {
      ...{ id, accountId: account.id, medium: input.medium, purpose: input.purpose },
      codeHash: contactCodeHash(digestKey, account.id, plain),
      ...{ announcedBy: `${ctx.actor.kind}:${ctx.actor.id}`, createdAt: ctx.now, expiresAt },
    });
    if (made === undefined) throw new Error('a code of forty random bits was drawn twice for an account');
    const detail = { id, medium: input.medium, purpose: input.purpose, expires_at: expiresAt.toISOString() };
    const event = { kind: 'contact.announced', accountId: account.id, detail } as const;
    return { value: done({ id, code, expires_at: expiresAt.toISOString() }), events: [event] };
  });
}

/** `GET /v1/me/contacts/{code}`: what the staff announced under this code; unknown, over and somebody else's are alike. */
export async function checkContact(ctx: Ctx, typed: string): Promise<Outcome<OwnContact>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const { accountId } = owner.value;
  const nothing = refuse('not_found', {
    detail: 'We announced nothing under this code: whoever gave it to you may not be from us.',
  });
  const code = readContactCode(typed);
  if (code === undefined) return nothing;
  const hash = contactCodeHash(ctx.house.digestKey, accountId, code);
  const row = await contactByCode(ctx.read, accountId, hash, ctx.now);
  if (row === undefined) return nothing;
  if (row.checkedAt === null) {
    await ctx.act(async (tx) => {
      const first = await contactChecked(tx, row.id, ctx.now);
      const event = { kind: 'contact.checked', accountId, detail: { id: row.id } } as const;
      return first ? { value: undefined, events: [event] } : unchanged(undefined);
    });
  }
  return done({
    ...{ id: row.id, medium: row.medium, purpose: row.purpose },
    announced_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    first_checked_at: (row.checkedAt ?? ctx.now).toISOString(),
  });
}
