import { together } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "Within 24 hours" beside a threat or an order. */
export const deadline: Signal = {
  name: 'deadline',
  says: 'It presses you for time.',
  speaks: 'for',
  weigh(reading) {
    const pressed = (['threat', 'prove', 'login', 'go'] as const).flatMap((notion) =>
      together(reading, reading.hits('deadline'), reading.hits(notion), notion === 'threat' ? 12 : 6),
    );
    const first = pressed[0];
    if (!first) return undefined;
    return found(Math.min(1, 0.5 + pressed.length * 0.1), quoted(reading, first.first.from, first.second.to));
  },
};
