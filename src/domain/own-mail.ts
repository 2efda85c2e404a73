/** How a mail of the house is known again when somebody asks about it: by its words, all of them and no others. */
import { createHash } from 'node:crypto';

/**
 * SHA-256 over subject and text without what transport changes: white space and line ends. One word more or less is
 * another mail; what nobody changed opens nothing but our own pages.
 */
export function ownMailDigest(subject: string, text: string): Buffer {
  const words = (part: string) => part.normalize('NFC').replace(/\s+/gu, '');
  return createHash('sha256')
    .update(`${words(subject)}\n${words(text)}`)
    .digest();
}
