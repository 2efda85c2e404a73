/**
 * Secrets that must be read again (code generators, links on their way out): AES-256-GCM under a key of the ring.
 * What a box is about is bound to it, so that one copied to another row does not open (ASVS 5.0 11.3.2, 11.3.4).
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { KeyRing, Pepper } from './keyring.ts';

export const sealNonceBytes = 12;
const tagBytes = 16;
const version = 1;

/** A key of its own for this purpose, from the ring's: rotating the one rotates the other. */
function sealingKey(pepper: Pepper): Buffer {
  return Buffer.from(hkdfSync('sha256', pepper.key, '', 'gatehouse seal', 32));
}

/** @param nonce 12 random bytes, never used twice. @param about what the box belongs to, like `totp:acc_…`. */
export function sealed(ring: Pick<KeyRing, 'pepper'>, nonce: Buffer, about: string, plain: Buffer): Buffer {
  if (nonce.length !== sealNonceBytes) throw new RangeError(`a nonce has ${sealNonceBytes} bytes`);
  const { current } = ring.pepper;
  const id = Buffer.from(current.id);
  const head = Buffer.concat([Buffer.from([version, id.length]), id]);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(current), nonce).setAAD(
    Buffer.concat([head, Buffer.from(about)]),
  );
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
}

/** @throws when the box is of another key, about something else, or changed. */
export function unsealed(ring: Pick<KeyRing, 'pepper'>, about: string, box: Buffer): Buffer {
  const headEnd = 2 + (box[1] ?? 0);
  const bodyAt = headEnd + sealNonceBytes + tagBytes;
  if (box[0] !== version || box.length < bodyAt) throw new Error('not a sealed box');
  const pepper = ring.pepper.byId(box.subarray(2, headEnd).toString());
  if (pepper === undefined) throw new Error('sealed under a key that is not in the ring');
  const nonce = box.subarray(headEnd, headEnd + sealNonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(pepper), nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.concat([box.subarray(0, headEnd), Buffer.from(about)]))
    .setAuthTag(box.subarray(headEnd + sealNonceBytes, bodyAt));
  return Buffer.concat([decipher.update(box.subarray(bodyAt)), decipher.final()]);
}
