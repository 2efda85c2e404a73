/** What to say of a hash that no scheme claims: the mistakes that are made often get their own sentence. */
import { labelled } from './label.ts';

const clear = ['PLAIN', 'CLEAR', 'CLEARTEXT', 'PLAIN-TRUNC'];

const known: readonly (readonly [form: RegExp, sentence: string])[] = [
  [/^\$2x\$/, 'A $2x$ hash was made by a broken bcrypt; its owner needs a new password.'],
  [/^\$argon2d\$/, 'Argon2d is not for passwords, and not verified.'],
  [
    /^\$argon2(i|id)\$(?!v=19\$m=\d+,t=\d+,p=\d+\$)/,
    'Argon2 is verified in its version 1.3 (v=19) with m, t and p alone.',
  ],
  [/^\*[0-9A-Fa-f]{40}$/, "A password of MySQL's own users is not verified."],
];

/** A sentence for whoever brought it. It never quotes the hash. */
export function whyUnknown(stored: string, supported: readonly string[]): string {
  const { label, rest } = labelled(stored);
  if (label !== undefined && clear.includes(label)) {
    return 'A password in clear text is not taken: hash it first, for example with bcrypt.';
  }
  const found = known.find(([form]) => form.test(rest));
  return found?.[1] ?? `Unknown scheme; supported are: ${supported.join(', ')}.`;
}
