/**
 * What the patterns look at: what is on record anyway (audit events), in the few words that they need. A place is one
 * subscriber, as throttling counts it (`domain/source`).
 */
import { sourcePrefixes } from '../source.ts';

interface At {
  /** ms since 1970 */
  readonly at: number;
}

/** A wrong secret, or a name that nobody has. `repeated`: this very secret was wrong before, as an old mail client's is. */
export interface GuessSeen extends At {
  readonly kind: 'guess';
  readonly login: string;
  readonly accountId?: string | undefined;
  readonly place: string | undefined;
  /** The login came in well from there lately. */
  readonly known: boolean;
  readonly repeated: boolean;
}
export interface EnteredSeen extends At {
  readonly kind: 'entered';
  readonly login: string;
  readonly accountId: string;
  readonly place: string | undefined;
  readonly known: boolean;
  /** Whether a second factor was shown. */
  readonly factor: boolean;
}
/** A right password that a second factor was asked for; or a factor that was not right. */
export interface PromptSeen extends At {
  readonly kind: 'prompt' | 'code_refused';
  readonly accountId: string;
  readonly place: string | undefined;
  readonly known: boolean;
}
/** A mail that was asked for: for an account, or for a name that nobody has. */
export interface ResetSeen extends At {
  readonly kind: 'reset_asked';
  readonly accountId?: string | undefined;
  readonly name: string;
  readonly place: string | undefined;
}
export interface ResetAnsweredSeen extends At {
  readonly kind: 'reset_used';
  readonly accountId: string;
}
/** Somebody in a live session was asked who he is, and was not right. */
export interface ProofSeen extends At {
  readonly kind: 'proof_refused';
  readonly accountId: string;
  readonly sessionId?: string | undefined;
}
/** A message of the staff, or of a machine in their name, that asks a customer for a secret. */
export interface SecretAskedSeen extends At {
  readonly kind: 'secret_asked';
  readonly by: string;
  readonly accountId?: string | undefined;
  readonly medium: string;
}

export type Observation =
  | GuessSeen
  | EnteredSeen
  | PromptSeen
  | ResetSeen
  | ResetAnsweredSeen
  | ProofSeen
  | SecretAskedSeen;

/** An audit event as it was written. */
export interface EventRow {
  /** ms since 1970 */
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly accountId: string | null;
  readonly sessionId: string | null;
  readonly source: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Reset requests keep the place itself, logins the address. */
function placeOf(source: string | null): string | undefined {
  if (source === null) return undefined;
  return source.includes('/') ? source : sourcePrefixes(source).host;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

const secretWrong = [
  ...['unknown_login', 'wrong_password', 'name_unknown_at_door'],
  ...['account_suspended', 'account_closed', 'credential_locked'],
];
const factorWrong = ['wrong_code', 'unknown_passkey', 'wrong_passkey', 'challenge_over'];

type Reader = (event: EventRow, detail: Readonly<Record<string, unknown>>) => Observation | undefined;

function refused(event: EventRow, detail: Readonly<Record<string, unknown>>): Observation | undefined {
  const { at, accountId } = event;
  const reason = text(detail.reason);
  const where = { at, place: placeOf(event.source), known: detail.known === true };
  if (event.sessionId !== null) return accountId === null ? undefined : proof(event, detail);
  if (factorWrong.includes(reason)) {
    return accountId === null ? undefined : { kind: 'code_refused', accountId, ...where };
  }
  if (!secretWrong.includes(reason)) return undefined;
  const whose = accountId === null ? {} : { accountId };
  const repeated = detail.repeated === true;
  return { kind: 'guess', login: text(detail.login), repeated, ...whose, ...where };
}

const proof: Reader = ({ at, accountId, sessionId }) =>
  accountId === null
    ? undefined
    : { kind: 'proof_refused', at, accountId, sessionId: sessionId ?? undefined };

const reset: Reader = ({ at, accountId, source }, detail) => ({
  kind: 'reset_asked',
  at,
  name: text(detail.login) || text(detail.name),
  place: placeOf(source),
  ...(accountId === null ? {} : { accountId }),
});

const byKind: Readonly<Record<string, Reader>> = {
  'login.refused': refused,
  'login.allowed': ({ at, accountId, source }, detail) => {
    const method = text(detail.method);
    // Neither shows the password: an app password is no guess, and a grant was approved for its place.
    if (accountId === null || method === 'app_password' || method.endsWith('grant')) return undefined;
    // Nobody guesses a signature: whoever shows one is the owner, wherever he is.
    const known = detail.known === true || method.includes('passkey');
    const where = { place: placeOf(source), known };
    const factor = /totp|recovery_code|passkey/.test(method);
    return { kind: 'entered', at, login: text(detail.login), accountId, factor, ...where };
  },
  'login.challenged': ({ at, accountId, source }, detail) =>
    accountId === null
      ? undefined
      : { kind: 'prompt', at, accountId, place: placeOf(source), known: detail.known === true },
  'reset.asked': reset,
  'reset.mailed': reset,
  'reset.used': ({ at, accountId }) =>
    accountId === null ? undefined : { kind: 'reset_used', at, accountId },
  'session.proof_refused': proof,
  'message.refused': ({ at, accountId }, detail) => ({
    kind: 'secret_asked',
    at,
    by: text(detail.by),
    medium: text(detail.medium),
    ...(accountId === null ? {} : { accountId }),
  }),
};

const readers = new Map(Object.entries(byKind));

/** The kinds of audit events that say something here. */
export const observedKinds: readonly string[] = [...readers.keys()];

/** What an audit event says to the patterns; undefined when nothing. */
export function observationFrom(event: EventRow): Observation | undefined {
  return readers.get(event.kind)?.(event, event.detail ?? {});
}
