/** Which words of a text nobody chose for a secret: those that phrases of the language files spell, and little words. */
import { languages, type Notion, notions } from '../languages/index.ts';
import { wordsOf } from './lexicon.ts';
import { littleWord, type Reading } from './read.ts';

/** What is known of a word: nothing, that the detector has it, that it asks for something, that it is a little word. */
export const level = { unknown: 0, known: 1, asking: 2, little: 3 } as const;

const listed = (text: string) => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** Words without a meaning of their own, beside those that tell a language. */
const little = listed(
  `a an will would can could may might must shall should do does did done if then than so but because while when where what
  who whom whose which why how i me my mine we us our ours you your he him his she her they them their its yes not no all
  any each every both some more most many much few other another same such only just also too very well still again ever
  into onto up down out off over under about after before since until between through here there now later today please`,
);

/** Words that any text has; too common for many to have chosen one, but not too common for everybody. */
const ordinary = listed(
  `thank thanks dear hello hi get got make made let use used using go going went come want need like see know think say
  said tell told ask asked work works working hours hour days day time minutes user name names support team office company
  customer`,
);

/** Bargains are left out: what is promised there ("jackpot", "bonus") is what people choose. */
const left: readonly Notion[] = ['sale', 'waiting'];
const asking: readonly Notion[] = [
  ...(['give', 'attest', 'enter', 'prove', 'login', 'keep', 'secret', 'you', 'no', 'we'] as const),
  ...(['expiry', 'share', 'deadline'] as const),
];

/** Names of secrets beside those of the language files: abbreviations, and languages that the detector does not read. */
export const moreNames = `pw, pwd, pwds, pass, pws, psw, psswd, passw, pswd, pword, mdp, wachtw, pincode, code, codes, kode, kod, secret, secret word, secret
  name, secret answer, maiden name, first pet, passkey, hasło, hasła, hasłem, heslo, hesla, heslem, lösenord, lösenordet,
  adgangskode, adgangskoden, kodeord, passord, passordet, salasana, salasanani, tunnussana, şifre, şifrem, şifreniz, parola,
  parolam, parolanız, parole, parool, salasõna, κωδικός, κωδικό, κωδικού, συνθηματικό, jelszó, jelszavam, jelszava, पासवर्ड, mật
  khẩu, kata sandi, sandi, kata laluan, kata kunci, lozinka, lozinku, šifra, zaporka, geslo, slaptažodis, contrasenya,
  contrasinal, парола, лозинка, паролі, باسورد, پسورد, رمز, 비번, 暗号, 暗号码, 通行码`;

/** Endings of stems: a stem and any other word behind it (`clos` + `etmonster`) is what somebody made up. */
const longEndings =
  /^(?:\p{L}{0,3}|(?:i?c?)at(?:ion|ions|ing|ed)|ements?|ional|ments?|ungen|iert|ieren|iren|icación|icacion|icacao|azione|ności)$/u;

interface Vocabulary {
  readonly exact: ReadonlySet<string>;
  readonly stems: ReadonlySet<string>;
  readonly longest: number;
}

let vocabulary: Vocabulary | undefined;

function vocabularyOf(): Vocabulary {
  const exact = new Set<string>();
  const stems = new Set<string>();
  const phrases = languages.flatMap(({ words }) =>
    (Object.keys(words) as Notion[]).filter((each) => !left.includes(each)).map((each) => words[each] ?? ''),
  );
  for (const piece of [...phrases, moreNames].join(' ').split(/[\s,]+/)) {
    if (piece === '' || piece === '+') continue;
    const stem = piece.endsWith('*');
    const words = wordsOf(stem ? piece.slice(0, -1) : piece);
    words.forEach((word, i) => void (stem && i === words.length - 1 ? stems : exact).add(word));
  }
  return { exact, stems, longest: Math.max(0, ...[...stems].map(({ length }) => length)) };
}

/** Whether a phrase spells this word: what stands in the gap of one is not spelt. */
function spelt(word: string): boolean {
  vocabulary ??= vocabularyOf();
  if (vocabulary.exact.has(word)) return true;
  for (let length = Math.min(word.length, vocabulary.longest); length > 0; length--)
    if (vocabulary.stems.has(word.slice(0, length)) && longEndings.test(word.slice(length))) return true;
  return false;
}

/** The level of each word of a reading before an offset. */
export function levelsOf(
  reading: Reading,
  names: readonly { from: number; to: number }[],
  limit: number,
): Uint8Array {
  const words = reading.tokens.words.slice(0, firstFrom(reading.tokens.starts, limit));
  const levels = new Uint8Array(words.length);
  for (const notion of Object.keys(notions) as Notion[]) {
    if (left.includes(notion)) continue;
    const to = asking.includes(notion) ? level.asking : level.known;
    for (const hit of reading.hits(notion)) raise(levels, hit, to);
  }
  for (const name of names) raise(levels, name, level.asking);
  const seen = new Map<string, number>();
  words.forEach((word, i) => {
    const own = seen.get(word) ?? ownLevel(word);
    seen.set(word, own);
    if (own === level.little || (own === level.known && levels[i] === 0)) levels[i] = own;
    else if (levels[i] !== 0 && own < 0) levels[i] = 0;
  });
  return levels;
}

function raise(levels: Uint8Array, { from, to }: { from: number; to: number }, level: number): void {
  for (let i = from; i < to; i++) if ((levels[i] ?? 0) < level) levels[i] = level;
}

/** What a word is by itself; -1 where no phrase spells it either. Signs that are read as words are none. */
function ownLevel(word: string): number {
  if (little.has(word) || littleWord(word) || word.startsWith('\u0001')) return level.little;
  if (ordinary.has(word)) return level.known;
  return spelt(word) ? level.unknown : -1;
}

/** The first word that begins at or after an offset. */
export function firstFrom(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
