/**
 * Rules for a password that somebody chooses (NIST 800-63B-4 3.1.1.2, ASVS 5.0 V6.2): length, and what attackers try
 * first at that length. No rule asks for kinds of characters, and none asks for another password after a time.
 */

/** Hard byte limit of any password that is accepted for judging. */
export const maxPasswordBytes = 1024;

/** The form in which passwords are measured and hashed: NFC only; no trimming, no case folding. */
export function normalPassword(password: string): string {
  return password.normalize('NFC');
}

/** How common a word or password is: 1 for the commonest; undefined where no list has it. Asked in lower case. */
export type RankOf = (text: string) => number | undefined;

export interface ChosenPassword {
  readonly password: string;
  /** Code points after NFC. */
  readonly minLength: number;
  readonly maxLength: number;
  /** The logins that it is for: none of them may stand in it as a word. */
  readonly logins: readonly string[];
  /** What else an attacker would begin with: parts of login and address, the host's names. */
  readonly context: readonly string[];
}

/**
 * Why a new password is refused: sentences for the person who chose it, all at once; none when it is good. They never
 * quote the password.
 */
export function passwordFaults(chosen: ChosenPassword, rankOf: RankOf): string[] {
  const { minLength, maxLength } = chosen;
  const normal = normalPassword(chosen.password);
  const points = [...normal];
  if (points.length > maxLength || Buffer.byteLength(normal) > maxPasswordBytes) {
    return [`It is longer than ${maxLength} characters.`];
  }
  const faults: string[] = [];
  if (points.length < minLength) {
    faults.push(
      `It has ${points.length} characters; at least ${minLength} are needed. Several words together make a good one.`,
    );
  }
  const forms = formsOf(normal);
  if (forms.some((form) => isListed(form, rankOf))) {
    faults.push(
      'It is, but for additions that everybody makes, on the lists of passwords that attackers try first.',
    );
  }
  if (forms.some((form) => repeats(form, minLength))) faults.push('It repeats itself.');
  if (isWalk(normal.toLowerCase())) faults.push('It follows the keyboard or counts on.');
  const given = contextIn(chosen, forms);
  if (given !== undefined) faults.push(`It is built around "${given}", which an attacker tries first.`);
  return faults;
}

// --- the forms under which a password is looked up ---

/** One sign may stand for two letters: `1` for i and l. */
const leet: readonly Readonly<Record<string, string>>[] = ['i', 'l'].map((one) => ({
  ...{ '0': 'o', '1': one, '3': 'e', '4': 'a', '5': 's', '6': 'g', '7': 't', '8': 'b', '9': 'g' },
  ...{ '@': 'a', $: 's', '!': one, '|': one, '+': 't', '(': 'c' },
}));

const unleet = (text: string, signs: Readonly<Record<string, string>>) =>
  [...text].map((sign) => signs[sign] ?? sign).join('');

const withoutMarks = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '');

/** Additions at both ends that a list need not hold: years, counters, signs. Longer ones may be worth something. */
const decoration = /^[^\p{L}]{0,9}(.*?)[^\p{L}]{0,9}$/su;

function formsOf(normal: string): string[] {
  const lower = normal.toLowerCase();
  const plain = [lower, withoutMarks(lower)];
  const bare = plain.map((form) => decoration.exec(form)?.[1] ?? form);
  const written = [...plain, ...bare];
  const letters = [...written, ...written.flatMap((form) => leet.map((signs) => unleet(form, signs)))];
  const joined = letters.map((form) => form.replaceAll(/[\s._-]/g, ''));
  return [...new Set([...letters, ...joined])].filter((form) => form !== '');
}

/** So common that two of them together are tried, too. */
const commonRank = 3000;

/** On a list as it is, or put together of two that are very common. */
function isListed(form: string, rankOf: RankOf): boolean {
  if (rankOf(form) !== undefined) return true;
  for (let cut = 3; cut <= form.length - 3; cut++) {
    const [left, right] = [rankOf(form.slice(0, cut)), rankOf(form.slice(cut))];
    if (left !== undefined && right !== undefined && Math.max(left, right) <= commonRank) return true;
  }
  return false;
}

/** Whether it is one piece, shorter than a password may be, over and over; the last time perhaps in part. */
function repeats(form: string, minLength: number): boolean {
  const points = [...form];
  if (points.length < 6) return false;
  const longest = Math.min(Math.floor(points.length * 0.6), minLength - 1);
  for (let period = 1; period <= longest; period++) {
    if (points.every((point, at) => at < period || point === points[at - period])) return true;
  }
  return new Set(points).size < 3;
}

/** Rows and columns of the usual keyboards; a walk may go along one of them either way. */
const walks = [
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ...['1234567890', '1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm', '8ik', '9ol', '!@#$%^&*()'],
  ...['йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю'],
];

/** +1 or -1 along a walk or the alphabet, 0 for the same again; undefined when the two do not follow each other. */
function stepOf(from: string, to: string): number | undefined {
  const delta = (to.codePointAt(0) ?? 0) - (from.codePointAt(0) ?? 0);
  if (delta === 0 || (Math.abs(delta) === 1 && /[\p{L}\p{N}]/u.test(from + to))) return delta;
  if (walks.some((walk) => walk.includes(from + to))) return 1;
  return walks.some((walk) => walk.includes(to + from)) ? -1 : undefined;
}

/** How many pieces a text has when every run along a walk, and every repetition, counts as one. */
function piecesOf(text: string): number {
  let pieces = 0;
  let direction: number | undefined;
  const points = [...text];
  for (const [at, point] of points.entries()) {
    const before = points[at - 1];
    const step = before === undefined ? undefined : stepOf(before, point);
    const goesOn = step !== undefined && (direction === undefined || direction === step);
    if (!goesOn) pieces += 1;
    direction = goesOn ? step : undefined;
  }
  return pieces;
}

/** Runs of three and more on average: `qwertyuiop123456`, `1qaz2wsx3edc4rfv`, `aaabbbcccdddeee`. */
const isWalk = (lower: string) => lower.length >= 6 && piecesOf(lower) * 3 <= [...lower].length;

// --- what is known of whom it is for ---

/** What must be left, in pieces, when all that an attacker knows is taken out. */
const leftOver = 8;

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function contextIn(chosen: ChosenPassword, forms: readonly string[]): string | undefined {
  const lower = normalPassword(chosen.password).toLowerCase();
  const own = chosen.logins.find(
    (login) =>
      login.length >= 3 &&
      new RegExp(`(?<!\\p{L})${escaped(login.toLowerCase())}(?!\\p{L})`, 'u').test(lower),
  );
  if (own !== undefined) return own;
  const words = [...new Set([...chosen.logins, ...chosen.context])]
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length);
  for (const form of forms) {
    let left = form;
    for (const word of words) left = left.replaceAll(word, '\0');
    const first = words.find((word) => form.includes(word));
    if (first !== undefined && piecesOf(left.replaceAll(/[^\p{L}\p{N}]/gu, '')) < leftOver) return first;
  }
  return undefined;
}

/** The parts of logins, addresses and names that are worth a look: `alice.jones@host.example` → alice, jones, host. */
export function contextWords(names: readonly string[]): string[] {
  const parts = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(parts.map((part) => part.toLowerCase()))].filter((part) => part.length >= 3);
}
