/** `$y$` and `$gy$`: yescrypt, of today's Linux distributions. Only libcrypt computes them. */
import { type CryptParams, cryptScheme } from './crypt-scheme.ts';
import { digitOf } from './crypt-text.ts';
import { memoryFault } from './memory.ts';

interface Costs {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly t: number;
  /** Fields that libcrypt leaves to other builds of yescrypt: hash upgrades, a table in ROM. */
  readonly rest: boolean;
}

/** A number in as few characters as it needs, the way yescrypt writes them; `at` moves on. */
function numberAt(text: string, at: { index: number }, min: number): number {
  let [value, start, end, characters, bits] = [min, 0, 47, 1, 0];
  const first = digitOf(text[at.index++]);
  if (first < 0) return Number.NaN;
  while (first > end) {
    value += (end + 1 - start) * 2 ** bits;
    start = end + 1;
    end = start + Math.floor((62 - end) / 2);
    characters += 1;
    bits += 6;
  }
  value += (first - start) * 2 ** bits;
  for (let left = characters - 1; left > 0; left -= 1) {
    const next = digitOf(text[at.index++]);
    bits -= 6;
    value += next < 0 ? Number.NaN : next * 2 ** bits;
  }
  return value;
}

/** The costs of a parameter text such as `j9T`; undefined when it is none. */
function costsOf(text: string): Costs | undefined {
  const at = { index: 0 };
  numberAt(text, at, 0);
  const N = 2 ** numberAt(text, at, 1);
  const r = numberAt(text, at, 1);
  const have = at.index < text.length ? numberAt(text, at, 1) : 0;
  const p = have & 1 ? numberAt(text, at, 2) : 1;
  const t = have & 2 ? numberAt(text, at, 1) : 0;
  if (!Number.isFinite(N * r * p * (t + 1))) return undefined;
  const rest = have > 3;
  return !rest && at.index !== text.length ? undefined : { N, r, p, t, rest };
}

const form = /^(\$g?y\$([./A-Za-z0-9]{3,24})\$[./A-Za-z0-9]{0,86})\$([./A-Za-z0-9]{43})$/;

function faultOf({ setting }: CryptParams): string | undefined {
  const costs = costsOf(setting.split('$')[2] ?? '');
  if (costs === undefined) return 'The parameters of yescrypt cannot be read.';
  const { N, r, p, t, rest } = costs;
  if (rest) return 'Parameters of yescrypt that libcrypt does not compute.';
  return memoryFault('yescrypt', 128 * N * r, 128 * N * r * p * (t + 1));
}

const kind = (name: string, mark: string) =>
  cryptScheme({
    name,
    labels: [],
    parse(text) {
      const [, setting, params, digest] = form.exec(text) ?? [];
      if (setting === undefined || digest === undefined || !text.startsWith(`$${mark}$`)) return null;
      const { N, r, p, t } = costsOf(params ?? '') ?? { N: 0, r: 0, p: 0, t: 0 };
      return { setting, digest, count: 128 * N * r * p * (t + 1) };
    },
    outOfBounds: faultOf,
    rounds: ({ count }) => count / 43_000,
  });

export const yescrypt = [kind('yescrypt', 'y'), kind('gost-yescrypt', 'gy')];
