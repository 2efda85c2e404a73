/** One guess at a login: its one spelling, its door and source, and the digest that tells it from other guesses. */
import { createHmac } from 'node:crypto';
import { type Channel, channelNamed, defaultChannel, type StoreName } from '../../domain/channels/index.ts';
import { canonicalLogin } from '../../domain/login.ts';
import { normalPassword } from '../../domain/password.ts';
import { canonicalAddress, type SourcePrefixes, sourcePrefixes } from '../../domain/source.ts';
import type { GuessBudget } from '../../domain/throttle.ts';
import type { BudgetKeys } from '../../store/attempts.ts';

export interface Guess {
  readonly store: StoreName;
  readonly login: string;
  readonly password: string;
  readonly channel: Channel;
  readonly source: string | undefined;
  readonly prefixes: SourcePrefixes;
  /** The door says that the name does not exist; only the source is counted then. */
  readonly nameUnknown: boolean;
  /** Whether whoever asks can put a question back to the person. */
  readonly canAsk: boolean;
}

export function guessFrom(input: {
  readonly store: StoreName;
  readonly login: string;
  readonly password?: string | undefined;
  readonly channel?: string | undefined;
  readonly source_ip?: string | undefined;
  readonly name_unknown?: boolean | undefined;
  readonly can_ask?: boolean | undefined;
}): Guess {
  const source = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const channel = channelNamed(input.channel ?? '') ?? defaultChannel(input.store);
  return {
    store: input.store,
    login: canonicalLogin(input.login),
    password: input.password ?? '',
    channel,
    source,
    prefixes: sourcePrefixes(source),
    nameUnknown: input.name_unknown === true,
    canAsk: input.can_ask ?? channel.canAsk,
  };
}

/**
 * A keyed digest of the guess, cut to 48 bits: enough to tell wrong secrets apart, worthless to whoever steals the
 * table. The store is left out: the same wrong secret tried on every door is one guess.
 */
export function guessDigest(key: Buffer, guess: Guess): string {
  const secret = guess.nameUnknown ? '' : normalPassword(guess.password);
  const mac = createHmac('sha256', key).update(`${guess.login.length}:${guess.login}:${secret}`);
  return mac.digest().subarray(0, 6).toString('base64url');
}

/** The place that a good login makes its owner's. None at a door for the host alone: everybody comes from there. */
export const placeOf = ({ source, channel, prefixes }: Guess): string | undefined =>
  source === undefined || channel.loopbackOnly === true ? undefined : prefixes.host;

/** Where each budget of this guess is kept. */
export function budgetKeys(guess: Guess, kinds: readonly GuessBudget[]): BudgetKeys {
  const keys: Readonly<Record<GuessBudget, string>> = {
    pair: `pair:${guess.login}|${guess.prefixes.host}`,
    name: `name:${guess.login}`,
    strangers: `strangers:${guess.login}|${guess.store}`,
    familiar: `familiar:${guess.login}|${guess.store}`,
    source: `source:${guess.prefixes.host}`,
    network: `network:${guess.prefixes.network}`,
    absent: `absent:${guess.login}|${guess.prefixes.host}`,
  };
  return Object.fromEntries(kinds.map((kind) => [kind, keys[kind]]));
}
