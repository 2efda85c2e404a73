/** SHELF: what owners are told by mail. A new kind is its file and its line here. */
import { accessMade } from './access-made.ts';
import { emailChanged } from './email-changed.ts';
import { factorChanged } from './factor-changed.ts';
import { newDevice } from './new-device.ts';
import type { About, Letter, NoticeKind } from './notice.ts';
import { oldPassword } from './old-password.ts';
import { passkeyCloned } from './passkey-cloned.ts';
import { passwordChanged } from './password-changed.ts';
import { recoveryCodeUsed } from './recovery-code-used.ts';
import { sentInClear } from './sent-in-clear.ts';

export const noticeKinds = {
  access_made: accessMade,
  email_changed: emailChanged,
  factor_changed: factorChanged,
  new_device: newDevice,
  old_password: oldPassword,
  passkey_cloned: passkeyCloned,
  password_changed: passwordChanged,
  recovery_code_used: recoveryCodeUsed,
  sent_in_clear: sentInClear,
} as const;

type Kinds = typeof noticeKinds;
type FactsOf<K> = K extends NoticeKind<infer F> ? F : never;
type Facts = { [K in keyof Kinds]: FactsOf<Kinds[K]> };
type Told<K extends keyof Kinds> = { [P in K]: { readonly kind: P } & Facts[P] }[K];

/** A kind and its facts: `{ kind: 'new_device', login, store, … }`. */
export type Notice = Told<keyof Kinds>;

/** Each kind beside its own facts, so that one index gives both. */
const kinds: { readonly [K in keyof Kinds]: NoticeKind<Facts[K]> } = noticeKinds;

/** How many notices of this kind an owner gets. */
export const capsOf = (notice: Notice) => noticeKinds[notice.kind].caps;

/** The words of a notice. */
export function letterOf<K extends keyof Kinds>(notice: Told<K>, about: About): Letter {
  return kinds[notice.kind].write(notice, about);
}
