/** Bodies that are read as they come, and may break off while they do. */
import type { Refusal } from './refusal.ts';

/** Thrown by a source of bytes that broke off, or went beyond its limit; what came before it is there. */
export class BodyBroken extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super('the source of a body broke off');
    this.name = 'BodyBroken';
    this.refusal = refusal;
  }
}

/** All of it in one piece, for those who need to hold it. @throws BodyBroken */
export async function gathered(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    parts.push(part);
    size += part.length;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
