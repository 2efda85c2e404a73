import { found, type Signal, whole } from './signal.ts';

/** A mailing list, an answer, quoted lines: people talking, perhaps about passwords. */
export const conversation: Signal = {
  name: 'conversation',
  says: 'It is part of a conversation or a mailing list.',
  speaks: 'against',
  weigh({ message }) {
    const { marks, text } = message;
    const quotes = quotedLines(text);
    const strength = (marks.list ? 0.6 : 0) + (marks.reply ? 0.4 : 0) + (quotes >= 2 ? 0.5 : 0);
    if (strength === 0) return undefined;
    const why = [marks.list && 'mailing list', marks.reply && 'answer', quotes >= 2 && 'quoted lines'];
    return found(strength, whole('headers', why.filter(Boolean).join(', ')));
  },
};

/** Lines that begin with `>`, up to five; a signed text (PGP) counts as written by a person too. */
function quotedLines(text: string): number {
  let quotes = text.includes('-----BEGIN PGP') ? 2 : 0;
  for (let at = text.indexOf('\n'); at >= 0 && quotes < 5; at = text.indexOf('\n', at + 1)) {
    const next = text.charCodeAt(at + 1) === 32 ? text.charAt(at + 2) : text.charAt(at + 1);
    if (next === '>' || next === '|') quotes++;
  }
  return quotes;
}
