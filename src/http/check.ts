/** `POST /v1/sessions/check`: the hot path, written out by hand. No gate, no route table: one body, one look-up. */
import { hash } from 'node:crypto';
import type { Context } from 'hono';
import { checkSession } from '../actions/check-session.ts';
import type { House } from '../actions/context.ts';
import { tokenKind } from '../domain/token.ts';
import { checkRequest } from '../protocol/api.ts';
import { json, problem } from './answer.ts';
import { bodyLimit, parse, readJson } from './body.ts';
import { bearerToken } from './gate.ts';

/** As `domain/token` hashes it, in one call: the object that `createHash` makes costs four times as much. */
const hexHash = (token: string) => hash('sha256', token, 'hex');

export function sessionCheck(house: House, requestId: () => string) {
  return async (c: Context): Promise<Response> => {
    const id = requestId();
    const key = bearerToken(c);
    if (key === undefined || tokenKind(key) !== 'client')
      return problem({ refused: 'not_authenticated' }, id);
    const body = await readJson(c, bodyLimit);
    const input = body.ok ? parse(checkRequest, body.value) : body;
    if (!input.ok) return problem(input.refusal, id);
    const { token, touch } = input.value;
    const sessionHash = tokenKind(token) === 'session' ? hexHash(token) : undefined;
    const outcome = await checkSession(house, hexHash(key), sessionHash, touch);
    return outcome.ok ? json(outcome.value.answer, id) : problem(outcome.refusal, id);
  };
}
