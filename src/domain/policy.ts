/**
 * The policy: what an operator may set at run time. One row a setting, with its default and its bounds; the
 * document, its check and its reset to defaults all come from these rows. Spans are seconds.
 */

import { channelNamed, channels, type StoreName, storeNames } from './channels/index.ts';
import { type FlagKind, flagKinds } from './flag.ts';
import { patterns } from './patterns/index.ts';
import type { PatternPolicies } from './patterns/watch.ts';
import { type Clock, clockSettings, type Profile, profiles } from './policy-clocks.ts';
import { isLoopback } from './source.ts';

export { type Clock, type Profile, profiles } from './policy-clocks.ts';

export interface ThrottlePolicy {
  readonly free_failures: number;
  readonly delay_cap_seconds: number;
  readonly lock_failures: number;
  readonly lock_seconds: number;
  readonly window_seconds: number;
  readonly hard_cap: number;
  readonly known_reserve: number;
  readonly known_days: number;
  readonly source_failures: number;
  readonly network_failures: number;
  readonly repeated_guesses: number;
  readonly code_failures: number;
  readonly code_hard_cap: number;
  readonly challenge_tries: number;
}

export interface PasswordPolicy {
  /** Code points, where the password is all that is asked for; and where a second factor is asked for, too. */
  readonly min_length: number;
  readonly min_length_with_factor: number;
  readonly max_length: number;
  /** Days in which a replaced password is recognised, to tell its owner; 0 keeps none. */
  readonly previous_days: number;
}

export interface OperatorMailPolicy {
  /** The pause after the first mail to the staff, and the longest one when it goes on. */
  readonly first_gap_seconds: number;
  readonly longest_gap_seconds: number;
  /** Of which flags the staff is told by mail: from this score on (percent), and of which kinds. */
  readonly least_score: number;
  readonly flags: Readonly<Record<FlagKind, boolean>>;
}

export interface FlagPolicy {
  /** Days for which a resolved flag is kept. */
  readonly keep_days: number;
  /** For how long a confirmed message keeps strangers out of the accounts that it reached; 0: not at all. */
  readonly risk_seconds: number;
}

export interface MessagePolicy {
  /** From which score on a message counts as a request for a password, in percent. */
  readonly threshold: number;
  /** How long the redacted text of a flagged message is kept. */
  readonly keep_days: number;
  /** How long any other judged message leaves figures and a sketch, and never text; 0 keeps nothing. */
  readonly trace_days: number;
}

export interface ChannelPolicy {
  readonly allowed: boolean;
  /** Passwords are taken over encrypted connections alone; whatever is not said to be encrypted is not. */
  readonly encrypted_only?: boolean;
}

export interface Policy {
  readonly stores: Readonly<Record<StoreName, Readonly<Record<Profile, Clock>>>>;
  readonly throttle: ThrottlePolicy;
  readonly password: PasswordPolicy;
  readonly factors: { readonly passkey_first: boolean };
  readonly patterns: PatternPolicies;
  readonly operator_mail: OperatorMailPolicy;
  readonly flags: FlagPolicy;
  readonly messages: MessagePolicy;
  readonly channels: Readonly<Record<string, ChannelPolicy>>;
}

type Setting =
  | { readonly path: string; readonly default: number; readonly min: number; readonly max: number }
  | { readonly path: string; readonly default: boolean }
  | { readonly path: string; readonly default: string; readonly oneOf: readonly string[] };

const minute = 60;
const hour = 3600;
const day = 24 * hour;

const throttleShape: ThrottlePolicy = {
  free_failures: 0,
  delay_cap_seconds: 0,
  lock_failures: 0,
  lock_seconds: 0,
  window_seconds: 0,
  hard_cap: 0,
  known_reserve: 0,
  known_days: 0,
  source_failures: 0,
  network_failures: 0,
  repeated_guesses: 0,
  code_failures: 0,
  code_hard_cap: 0,
  challenge_tries: 0,
};

const passwordShape: PasswordPolicy = {
  min_length: 0,
  min_length_with_factor: 0,
  max_length: 0,
  previous_days: 0,
};

function patternSettings({ name, effect, effects, thresholds }: (typeof patterns)[number]): Setting[] {
  const at = `patterns.${name}`;
  return [
    { path: `${at}.effect`, default: effect, oneOf: effects },
    { path: `${at}.effect_seconds`, default: 30 * minute, min: minute, max: 24 * hour },
    ...Object.entries(thresholds).map(([key, [usual, min, max]]) => ({
      path: `${at}.${key}`,
      default: usual,
      min,
      max,
    })),
  ];
}

export const settings: readonly Setting[] = [
  ...storeNames.flatMap((store) => profiles.flatMap((profile) => clockSettings(store, profile))),
  { path: 'throttle.free_failures', default: 3, min: 1, max: 10 },
  { path: 'throttle.delay_cap_seconds', default: 60, min: 1, max: 3600 },
  { path: 'throttle.lock_failures', default: 10, min: 3, max: 100 },
  { path: 'throttle.lock_seconds', default: 30 * minute, min: 1, max: hour },
  { path: 'throttle.window_seconds', default: 15 * minute, min: 1, max: 24 * hour },
  // NIST 800-63B-4 3.2.2: never more than 100 in a row on one authenticator, over all doors and sources.
  { path: 'throttle.hard_cap', default: 100, min: 10, max: 100 },
  { path: 'throttle.known_reserve', default: 20, min: 1, max: 50 },
  { path: 'throttle.known_days', default: 30, min: 0, max: 90 },
  { path: 'throttle.source_failures', default: 30, min: 1, max: 10_000 },
  { path: 'throttle.network_failures', default: 100, min: 1, max: 100_000 },
  { path: 'throttle.repeated_guesses', default: 200, min: 10, max: 10_000 },
  { path: 'throttle.code_failures', default: 10, min: 3, max: 100 },
  { path: 'throttle.code_hard_cap', default: 50, min: 10, max: 100 },
  { path: 'throttle.challenge_tries', default: 5, min: 1, max: 10 },
  { path: 'password.min_length', default: 15, min: 15, max: 64 },
  // Whether a passkey alone opens the panel: with user verification it is both factors.
  { path: 'factors.passkey_first', default: true },
  { path: 'password.min_length_with_factor', default: 12, min: 8, max: 64 },
  { path: 'password.max_length', default: 128, min: 64, max: 128 },
  { path: 'password.previous_days', default: 14, min: 0, max: 90 },
  ...patterns.flatMap(patternSettings),
  { path: 'operator_mail.first_gap_seconds', default: 5 * minute, min: 10, max: 24 * hour },
  { path: 'operator_mail.longest_gap_seconds', default: 4 * hour, min: 10, max: 24 * hour },
  { path: 'operator_mail.least_score', default: 0, min: 0, max: 100 },
  ...flagKinds.map((kind) => ({ path: `operator_mail.flags.${kind}`, default: true })),
  { path: 'flags.keep_days', default: 90, min: 1, max: 365 },
  { path: 'flags.risk_seconds', default: day, min: 0, max: 7 * day },
  { path: 'messages.threshold', default: 50, min: 5, max: 99 },
  { path: 'messages.keep_days', default: 30, min: 1, max: 365 },
  { path: 'messages.trace_days', default: 7, min: 0, max: 90 },
  ...channels.flatMap(({ name, openByDefault, takesClearText }): Setting[] => [
    { path: `channels.${name}.allowed`, default: openByDefault },
    ...(takesClearText ? [{ path: `channels.${name}.encrypted_only`, default: false }] : []),
  ]),
];

const byPath = new Map(settings.map((setting) => [setting.path, setting]));

/** What differs from the defaults, by dotted path. This is all that is stored. */
export type Overrides = Readonly<Record<string, number | boolean | string>>;

const defaultClock: Clock = { idle_seconds: 1, absolute_seconds: 1, max_sessions: 1 };

/** The whole policy: the defaults with the overrides laid over them. */
export function policyFrom(overrides: Overrides): Policy {
  const at = (path: string): number | boolean | string => {
    const value = overrides[path] ?? byPath.get(path)?.default;
    if (value === undefined) throw new Error(`no setting named ${path}`);
    return value;
  };
  const group = <T extends object>(path: string, shape: T): T =>
    Object.fromEntries(Object.keys(shape).map((key) => [key, at(`${path}.${key}`)])) as T;
  const clocks = (store: StoreName) =>
    Object.fromEntries(
      profiles.map((profile) => [profile, group(`stores.${store}.${profile}`, defaultClock)]),
    ) as Record<Profile, Clock>;
  return {
    stores: Object.fromEntries(storeNames.map((store) => [store, clocks(store)])) as Policy['stores'],
    throttle: group('throttle', throttleShape),
    factors: group('factors', { passkey_first: true }),
    password: group('password', passwordShape),
    patterns: Object.fromEntries(
      patterns.map(({ name, thresholds }) => [
        name,
        group(`patterns.${name}`, { effect: '', effect_seconds: 0, ...thresholds }),
      ]),
    ) as unknown as PatternPolicies,
    operator_mail: {
      ...group('operator_mail', { first_gap_seconds: 0, longest_gap_seconds: 0, least_score: 0 }),
      flags: Object.fromEntries(
        flagKinds.map((kind) => [kind, at(`operator_mail.flags.${kind}`) === true]),
      ) as Record<FlagKind, boolean>,
    },
    flags: group('flags', { keep_days: 0, risk_seconds: 0 }),
    messages: group('messages', { threshold: 0, keep_days: 0, trace_days: 0 }),
    channels: Object.fromEntries(
      channels.map(({ name, takesClearText }) => [
        name,
        group(
          `channels.${name}`,
          takesClearText ? { allowed: true, encrypted_only: false } : { allowed: true },
        ),
      ]),
    ),
  };
}

export type PolicyFault = { readonly path: string; readonly message: string };

const isBranch = (path: string) => settings.some((each) => each.path.startsWith(`${path}.`));

function leaves(patch: Readonly<Record<string, unknown>>, at: string): [string, unknown][] {
  return Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    // A dot within a name is no way down: the document has members, not paths.
    const name = key.includes('.') ? JSON.stringify(key) : key;
    const path = at === '' ? name : `${at}.${name}`;
    const object = typeof value === 'object' && value !== null && !Array.isArray(value);
    return object && isBranch(path) ? leaves(value as Record<string, unknown>, path) : [[path, value]];
  });
}

function fault(path: string, value: unknown): PolicyFault | undefined {
  const setting = byPath.get(path);
  if (value === null && (setting !== undefined || isBranch(path))) return undefined;
  if (setting === undefined) return { path, message: 'there is no such setting' };
  if (typeof setting.default === 'boolean') {
    return typeof value === 'boolean' ? undefined : { path, message: 'must be true or false' };
  }
  if ('oneOf' in setting) {
    const among = typeof value === 'string' && setting.oneOf.includes(value);
    return among ? undefined : { path, message: `must be one of ${setting.oneOf.join(', ')}` };
  }
  if (!('min' in setting)) return undefined;
  const whole = typeof value === 'number' && Number.isInteger(value);
  if (whole && value >= setting.min && value <= setting.max) return undefined;
  return { path, message: `must be a whole number from ${setting.min} to ${setting.max}` };
}

/**
 * Lays a JSON merge patch (RFC 7396) over the overrides; `null` puts a setting, or a whole branch, back to its
 * default. Either every leaf is good and the new overrides come back, or every bad one is named.
 */
export function patchPolicy(
  overrides: Overrides,
  patch: Readonly<Record<string, unknown>>,
): { readonly overrides: Overrides } | { readonly faults: readonly PolicyFault[] } {
  const changes = leaves(patch, '');
  const faults = changes.map(([path, value]) => fault(path, value)).filter((each) => each !== undefined);
  if (faults.length > 0) return { faults };
  const next: Record<string, number | boolean | string> = { ...overrides };
  for (const [path, value] of changes) {
    const under = Object.keys(next).filter((each) => each === path || each.startsWith(`${path}.`));
    for (const each of under) delete next[each];
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') {
      next[path] = value;
    }
  }
  return { overrides: next };
}

/** Whether a channel is open under this policy for somebody at this canonical address. */
export function channelAllowed(policy: Policy, channel: string, source: string | undefined): boolean {
  const allowed = policy.channels[channel]?.allowed ?? false;
  return allowed && (channelNamed(channel)?.loopbackOnly !== true || isLoopback(source));
}

/** Whether a password that came in this way may be looked at under this policy. Not knowing is clear text. */
export function mayComeThisWay(policy: Policy, channel: string, encrypted: boolean | undefined): boolean {
  return policy.channels[channel]?.encrypted_only !== true || encrypted === true;
}
