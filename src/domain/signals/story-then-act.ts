import { aboutMailing, negated, ordered, pairs, together } from '../reading/grammar.ts';
import { type Hit, quoted, type Reading } from '../reading/read.ts';
import { url } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** A reason to worry and, close to it, the order that would help: the shape of nearly all such messages. */
export const storyThenAct: Signal = {
  name: 'story-then-act',
  says: 'It gives a reason to worry and, right with it, tells you what to do about it.',
  speaks: 'for',
  weigh(reading) {
    const reasons = reasonsOf(reading);
    if (reasons.length === 0) return undefined;
    const joined = together(reading, reasons, actsOf(reading), 60, true);
    const best = joined.reduce<(typeof joined)[number] | undefined>(
      (near, each) => (near === undefined || each.apart < near.apart ? each : near),
      undefined,
    );
    if (!best) return undefined;
    const density = Math.min(1, joined.length / 6);
    const closeness = best.apart <= 15 ? 1 : best.apart <= 35 ? 0.8 : 0.6;
    return found(
      closeness * (0.5 + 0.5 * density),
      quoted(reading, best.first.from, best.first.to),
      quoted(reading, best.second.from, best.second.to),
    );
  },
};

const span = ({ first, second }: { first: Hit; second: Hit }): Hit => ({
  notion: first.notion,
  from: Math.min(first.from, second.from),
  to: Math.max(first.to, second.to),
});

function reasonsOf(reading: Reading): Hit[] {
  const accounts = reading.hits('account');
  return [
    ...(['threat', 'mailbox', 'alarm'] as const).flatMap((notion) =>
      together(reading, reading.hits(notion), accounts, 8).map(span),
    ),
    ...reading.hits('expiry'),
  ].sort((a, b) => a.from - b.from);
}

/** Orders to go, to log in, to prove; and bare addresses to follow. */
function actsOf(reading: Reading): Hit[] {
  const things = [...reading.hits('account'), ...reading.hits('details'), ...reading.hits('you')].sort(
    (a, b) => a.from - b.from,
  );
  const acts = [
    ...pairs(reading, reading.hits('go'), reading.hits('here'), 6).map(span),
    ...pairs(reading, reading.hits('prove'), things, 3).map(span),
    ...pairs(reading, reading.hits('prove'), reading.hits('here'), 5).map(span),
    ...pairs(
      reading,
      reading.hits('login'),
      [...reading.hits('prove'), ...reading.hits('keep'), ...reading.hits('here')].sort(
        (a, b) => a.from - b.from,
      ),
      8,
    ).map(span),
  ];
  reading.tokens.words.forEach((word, at) => {
    if (word === url && acts.length < 2_000) acts.push({ notion: 'here', from: at, to: at + 1 });
  });
  return acts
    .filter(
      ({ from, to }) =>
        !negated(reading, from, 4) && ordered(reading, from) && !aboutMailing(reading, from, to),
    )
    .sort((a, b) => a.from - b.from);
}
