/**
 * Every expected no. The public hears `public`; the audit log holds the reason itself. Reasons that would tell
 * which names exist share one public answer, in text, status and time (ASVS 5.0 6.3.8).
 */

/** Why a login was refused, and what its caller hears. */
export const loginRefusals = {
  unknown_login: 'invalid_credentials',
  wrong_password: 'invalid_credentials',
  name_unknown_at_door: 'invalid_credentials',
  account_suspended: 'invalid_credentials',
  account_closed: 'invalid_credentials',
  credential_locked: 'invalid_credentials',
  changed_meanwhile: 'invalid_credentials',
  unverifiable_hash: 'invalid_credentials',
  held_back: 'invalid_credentials',
  ssh_key_revoked: 'invalid_credentials',
  ssh_key_expired: 'invalid_credentials',
  ssh_key_outside_source: 'invalid_credentials',
  app_password_expired: 'invalid_credentials',
  app_password_outside_source: 'invalid_credentials',
  app_password_read_only: 'invalid_credentials',
  wrong_code: 'invalid_credentials',
  unknown_passkey: 'invalid_credentials',
  wrong_passkey: 'invalid_credentials',
  passkey_cloned: 'invalid_credentials',
  passkey_alone_refused: 'invalid_credentials',
  challenge_over: 'invalid_credentials',
  not_by_password: 'invalid_credentials',
  second_factor_required: 'second_factor_required',
  channel_refused: 'channel_refused',
  sent_in_clear: 'channel_refused',
} as const;

export type LoginRefusal = keyof typeof loginRefusals;

/** An expected no of any other action. `status` is what the HTTP door answers. */
export const refusals = {
  not_found: { status: 404, title: 'Not found, or not yours' },
  not_allowed: { status: 403, title: 'Your key or role does not allow this' },
  not_authenticated: { status: 401, title: 'No token, or one that is no longer good' },
  fresh_authentication_required: { status: 403, title: 'Show who you are again first' },
  second_factor_missing: { status: 409, title: 'The account has no second factor' },
  proof_rejected: { status: 403, title: 'What was shown is not right' },
  code_rejected: { status: 422, title: 'The code is not right' },
  passkey_rejected: { status: 422, title: 'The passkey cannot be used' },
  limit_reached: { status: 409, title: 'There are as many of these as there may be' },
  recovery_separation: { status: 409, title: 'Not so soon after the other half of a recovery' },
  login_taken: { status: 409, title: 'This login is already taken' },
  host_taken: { status: 409, title: 'Another machine speaks for this host name' },
  account_closed: { status: 409, title: 'The account is closed' },
  password_rejected: { status: 422, title: 'The password cannot be used' },
  link_rejected: { status: 422, title: 'This link is no longer good' },
  hash_rejected: { status: 422, title: 'The hash cannot be used' },
  unjudgeable: { status: 422, title: 'The message cannot be judged, now or later' },
  invalid_field: { status: 422, title: 'A field has a value that cannot be used' },
  unparsable: { status: 400, title: 'The request cannot be read' },
  too_large: { status: 413, title: 'The request is too large' },
  too_many: { status: 429, title: 'Too many requests' },
  flag_resolved: { status: 409, title: 'The flag was resolved already' },
  too_few_judged: { status: 409, title: 'Too few flags were resolved to learn from' },
  nothing_learned: { status: 409, title: 'The resolved flags teach nothing that judges better' },
  webhook_disabled: { status: 409, title: 'The webhook is disabled' },
  import_taken: { status: 409, title: 'Somebody else does this import' },
  idempotency_conflict: { status: 409, title: 'This Idempotency-Key was used for another request' },
  busy: { status: 503, title: 'Too busy to decide' },
  unavailable: { status: 503, title: 'Something that is needed for a decision is down' },
} as const;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  readonly refused: RefusalCode;
  /** One sentence for the caller; never an internal text. */
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly retryAfterSeconds?: number;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refuse(
  refused: RefusalCode,
  more: Omit<Refusal, 'refused'> = {},
): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { refused, ...more } };
}
