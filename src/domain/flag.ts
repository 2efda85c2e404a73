/** A flag: one unsolicited password request, or a pattern of them, with evidence (contract section 10). */
import { createHash } from 'node:crypto';

export const flagKinds = [
  'message',
  'reset_flood',
  'reset_spray',
  'prompt_bombing',
  'password_spray',
  'credential_stuffing',
  'staff_request',
  'repeated_prompt',
  'flood_then_success',
] as const;
export type FlagKind = (typeof flagKinds)[number];

export const flagStates = ['open', 'confirmed', 'dismissed'] as const;
export type FlagState = (typeof flagStates)[number];

/** What whoever raises a flag says of it: a judged message, or a pattern over events. */
export interface Suspicion {
  readonly kind: FlagKind;
  /**
   * What makes two suspicions the same one: while a flag of this kind and these words is open, it is counted there
   * instead of anew. Ids, addresses and prefixes; kept as a digest.
   */
  readonly same: readonly string[];
  /** 0..1 */
  readonly score: number;
  /** One sentence for operators: no text of a message, no secret. */
  readonly summary: string;
  /** Whom it is aimed at, where that is one account. */
  readonly accountId?: string;
  /** Where it comes from: an address, a prefix, a sender's domain. */
  readonly source?: string;
  /** What it rests on: figures, ids, quotes without secrets. That of the highest score is kept; of equals the latest. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** When what is counted was seen last, `now` where nothing is said; and when it began, the same where nothing is said. */
  readonly firstSeenAt?: Date;
  readonly lastSeenAt?: Date;
  /** How many more times; 1 where nothing is said, 0 where somebody else counts. */
  readonly times?: number;
  /** After a dismissal of the same, nothing is raised for so long (ms). */
  readonly restMs?: number;
}

/** What keeps two suspicions apart or together: SHA-256 over kind and words, in hex. */
export function sameKey({ kind, same }: Pick<Suspicion, 'kind' | 'same'>): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...same]))
    .digest('hex');
}
