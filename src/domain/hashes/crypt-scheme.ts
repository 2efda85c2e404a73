/** What the schemes of crypt(3) have in common: brought along, computed from a setting, never stored anew. */
import { cryptPhrase } from './crypt-phrase.ts';
import { withoutLabel } from './label.ts';
import type { HashScheme } from './scheme.ts';

export interface CryptParams {
  /** Scheme, cost and salt: all but the digest. */
  readonly setting: string;
  readonly digest: string;
  /** Rounds, or whatever the scheme counts its cost in. */
  readonly count: number;
}

interface CryptSpec {
  readonly name: string;
  readonly weak?: string;
  /** Its names in braces, besides `{CRYPT}`. */
  readonly labels: readonly string[];
  parse(text: string): CryptParams | null;
  outOfBounds(params: CryptParams): string | undefined;
  /** Rounds of bcrypt that take about as long. */
  rounds(params: CryptParams): number;
  /** Bytes that the scheme reads. */
  readonly reads?: number;
  compute?(phrase: Buffer, setting: string): string;
}

export function cryptScheme(spec: CryptSpec): HashScheme<CryptParams> {
  const labels = ['CRYPT', ...spec.labels];
  return {
    name: spec.name,
    ...(spec.weak === undefined ? {} : { weak: spec.weak }),
    computer: 'crypt',
    recognise: (stored) => {
      const text = withoutLabel(stored, labels);
      return text === undefined ? null : spec.parse(text);
    },
    outOfBounds: spec.outOfBounds,
    outdated: () => true,
    prepare(password, params) {
      const whole = cryptPhrase(password);
      if (whole === undefined) return { never: 'impossible_password' };
      const phrase = spec.reads === undefined ? whole : whole.subarray(0, spec.reads);
      const rounds = Math.round(spec.rounds(params));
      const work = { scheme: spec.name, phrase, setting: params.setting, rounds, guessed: true } as const;
      return { work, expected: params.digest };
    },
    ...(spec.compute === undefined ? {} : { compute: spec.compute }),
  };
}

/** A fault of the count, unless it lies within. */
export function countFault(
  what: string,
  count: number,
  bounds: { readonly min: number; readonly max: number },
): string | undefined {
  if (count >= bounds.min && count <= bounds.max) return undefined;
  return `${what} must be ${bounds.min} to ${bounds.max}; here it is ${count}.`;
}
