import { type Hit, quoted, type Reading } from '../reading/read.ts';
import { blank, breaks, colon } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** "User name: ____  Password: ____": a form to be sent back, laid out in text. */
export const fieldsToFill: Signal = {
  name: 'fields-to-fill',
  says: 'It lays out fields for you to fill in, a password among them.',
  speaks: 'for',
  weigh(reading) {
    const secrets = reading.hits('secret').filter((hit) => isEmptyField(reading, hit));
    if (secrets.length === 0) return undefined;
    const others = [...reading.hits('account'), ...reading.hits('details')].filter((hit) =>
      isEmptyField(reading, hit),
    );
    const first = secrets[0];
    if (!first) return undefined;
    const near = others.filter((other) => Math.abs(other.from - first.from) < 40);
    return found(
      near.length > 0 || secrets.length > 1 ? 1 : 0.5,
      ...[...near, ...secrets].slice(0, 4).map(({ from, to }) => quoted(reading, from, to + 1)),
    );
  },
};

/** A colon or a blank after it, and then nothing of its own: the end, a new line, or the next field. */
function isEmptyField(reading: Reading, { to }: Hit): boolean {
  const { words, before } = reading.tokens;
  let at = to;
  if (words[at] !== colon && words[at] !== blank) return false;
  while (words[at] === colon || words[at] === blank) {
    if (words[at] === blank) return true;
    at++;
  }
  if (at >= words.length) return true;
  if ((before[at] ?? 0) >= breaks.line) return !isFilledField(reading, at);
  // The next field follows at once: "Email: Password:".
  return words[at + 1] === colon || words[at + 2] === colon;
}

/** "Login details:" and below it "User name: anna": a heading over what is given. */
function isFilledField(reading: Reading, at: number): boolean {
  const { words, before } = reading.tokens;
  for (let next = at + 1; next < at + 6; next++) {
    if ((before[next] ?? 0) >= breaks.line) return false;
    if (words[next] === colon)
      return next + 1 < words.length && (before[next + 1] ?? 0) < breaks.line && words[next + 1] !== blank;
  }
  return false;
}
