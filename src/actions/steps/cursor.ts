/** Where a list goes on: a place in an order, as callers carry it. */
import { done, type Outcome, refuse } from '../../domain/refusal.ts';

export const cursorOf = (seq: number) => Buffer.from(String(seq)).toString('base64url');

/** Undefined without a cursor: from the beginning. */
export function placeOf(cursor: string | undefined): Outcome<number | undefined> {
  if (cursor === undefined) return done(undefined);
  const seq = Number(Buffer.from(cursor, 'base64url').toString());
  if (Number.isSafeInteger(seq) && seq > 0) return done(seq);
  return refuse('invalid_field', { errors: [{ path: 'cursor', message: 'is not one that was given out' }] });
}
