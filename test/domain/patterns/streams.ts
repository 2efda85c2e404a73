/** Streams of observations, in the words of the tests: `at` in seconds, places by number. */
import type { Observation } from '../../../src/domain/patterns/observation.ts';

const t0 = Date.UTC(2026, 0, 12, 9);
const ms = (seconds: number) => t0 + seconds * 1000;
export const placeNo = (n: number) => `203.0.${113 + Math.floor(n / 250)}.${n % 250}/32`;

export const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

export const guess = (at: number, login: string, place: number, more: object = {}): Observation => ({
  ...{ kind: 'guess', at: ms(at), login, accountId: `acc_${login}`, place: placeNo(place) },
  ...{ known: false, repeated: false, ...more },
});
export const entered = (at: number, login: string, place: number, more: object = {}): Observation => ({
  ...{ kind: 'entered', at: ms(at), login, accountId: `acc_${login}`, place: placeNo(place) },
  ...{ known: false, factor: false, ...more },
});
export const prompt = (at: number, login: string, place: number, more: object = {}): Observation => ({
  ...{ kind: 'prompt', at: ms(at), accountId: `acc_${login}`, place: placeNo(place), known: false, ...more },
});
export const wrongCode = (at: number, login: string, place: number, more: object = {}): Observation => ({
  ...{
    kind: 'code_refused',
    at: ms(at),
    accountId: `acc_${login}`,
    place: placeNo(place),
    known: false,
    ...more,
  },
});
export const reset = (at: number, login: string, place: number | undefined): Observation => ({
  ...{ kind: 'reset_asked', at: ms(at), accountId: `acc_${login}`, name: login },
  place: place === undefined ? undefined : placeNo(place),
});
export const resetUnknown = (at: number, name: string, place: number): Observation => ({
  ...{ kind: 'reset_asked', at: ms(at), name, place: placeNo(place) },
});
export const resetUsed = (at: number, login: string): Observation => ({
  ...{ kind: 'reset_used', at: ms(at), accountId: `acc_${login}` },
});
export const wrongProof = (at: number, login: string, session: string): Observation => ({
  ...{ kind: 'proof_refused', at: ms(at), accountId: `acc_${login}`, sessionId: session },
});
export const secretAsked = (at: number, by: string): Observation => ({
  ...{ kind: 'secret_asked', at: ms(at), by, medium: 'email' },
});
