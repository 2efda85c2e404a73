/** For every pattern: just under each of its thresholds, at it, far over it, and what only looks like it. */

import type { PatternName } from '../../../src/domain/patterns/index.ts';
import type { Observation } from '../../../src/domain/patterns/observation.ts';
import {
  entered,
  guess,
  prompt,
  reset,
  resetUnknown,
  resetUsed,
  secretAsked,
  times,
  wrongCode,
  wrongProof,
} from './streams.ts';

type Stream = readonly Observation[];

export interface Fixtures {
  readonly under: Readonly<Record<string, Stream>>;
  readonly at: Readonly<Record<string, Stream>>;
  readonly over: Readonly<Record<string, Stream>>;
  readonly innocent: Readonly<Record<string, Stream>>;
}

/** `users` logins from `place`, `each` of them with so many wrong passwords, `apart` seconds between any two. */
const sprayed = (users: number, each: number, place: (n: number) => number, apart = 30): Stream =>
  times(each * users, (i) => guess(i * apart, `user${i % users}`, place(i)));
const one = () => 1;

const office: Stream = times(200, (i) => [
  guess(i * 15, `clerk${i % 100}`, 1, { known: true }),
  entered(i * 15 + 4, `clerk${i % 100}`, 1, { known: true }),
]).flat();
const carrier: Stream = times(150, (i) => [
  guess(i * 20, `phone${i}`, 1),
  entered(i * 20 + 9, `phone${i}`, 1),
]).flat();
const oldClient: Stream = times(500, (i) => guess(i * 60, 'old', 1, { repeated: i > 0 }));
const oldClients: Stream = times(100, (i) =>
  times(40, (n) => guess(n * 300 + i, `old${i}`, i, { known: true, repeated: n > 0 })),
)
  .flat()
  .sort((a, b) => a.at - b.at);

const agency: Stream = times(120, (i) =>
  guess(i * 20, `site${i % 40}`, 1, { known: true, repeated: i >= 40 }),
);
const helpDesk: Stream = times(30, (i) => [
  reset(i * 100, `user${i}`, 1),
  resetUsed(i * 100 + 90, `user${i}`),
]).flat();

/** An ordinary day: nobody attacks anything. */
export const ordinary: Readonly<Record<string, Stream>> = {
  office,
  carrier,
  oldClient,
  oldClients,
  agency,
  helpDesk,
};

export const fixtures: Readonly<Record<PatternName, Fixtures>> = {
  reset_flood: {
    under: {
      'four in the hour': times(4, (i) => reset(i * 600, 'ann', i)),
      'five, the first of them longer ago than an hour': times(5, (i) => reset(i * 900, 'ann', 1)),
      'eleven in a day': times(11, (i) => reset(i * 7000, 'ann', i)),
    },
    at: {
      'five in the hour': times(5, (i) => reset(i * 899, 'ann', 1)),
      'five that do not say whence': times(5, (i) => reset(i * 60, 'ann', undefined)),
      'twelve in a day, one every two hours': times(12, (i) => reset(i * 7200, 'ann', i)),
    },
    over: { 'three hundred in the hour, each from elsewhere': times(300, (i) => reset(i * 10, 'ann', i)) },
    innocent: {
      'forgotten three times, and used each time': times(9, (i) => [
        reset(i * 300, 'ann', 1),
        resetUsed(i * 300 + 60, 'ann'),
      ]).flat(),
      'many accounts, one each': times(50, (i) => reset(i * 60, `user${i}`, i)),
    },
  },
  reset_spray: {
    under: {
      'nine names from one place': times(9, (i) => resetUnknown(i * 60, `user${i}`, 1)),
      '39 names from everywhere': times(39, (i) => reset(i * 60, `user${i}`, i)),
    },
    at: {
      'ten names from one place, most of them nobody’s': times(10, (i) =>
        i < 3 ? reset(i * 60, `user${i}`, 1) : resetUnknown(i * 60, `user${i}`, 1),
      ),
      '40 names from five places': times(40, (i) => reset(i * 60, `user${i}`, i % 5)),
    },
    over: { 'a thousand names, each from elsewhere': times(1000, (i) => resetUnknown(i, `user${i}`, i)) },
    innocent: {
      'a help desk that sends links to thirty customers, who use them': helpDesk,
      'one name again and again': times(100, (i) => reset(i * 30, 'ann', i)),
    },
  },
  prompt_bombing: {
    under: {
      'four prompts': times(4, (i) => prompt(i * 60, 'ann', 1)),
      'seven wrong codes': times(7, (i) => wrongCode(i * 20, 'ann', 1)),
      'five, over more than ten minutes': times(5, (i) => prompt(i * 150, 'ann', 1)),
    },
    at: {
      'five prompts in ten minutes': times(5, (i) => prompt(i * 149, 'ann', 1)),
      'eight wrong codes at one prompt': times(8, (i) => wrongCode(i * 20, 'ann', 1)),
    },
    over: { 'forty prompts, each from elsewhere': times(40, (i) => prompt(i * 3, 'ann', i)) },
    innocent: {
      'the owner at home, whose clock is wrong': times(20, (i) =>
        wrongCode(i * 20, 'ann', 1, { known: true }),
      ),
      'a program that opens eight connections at once': times(8, (i) => prompt(i / 10, 'ann', 1)),
      'a success between': times(8, (i) => [
        prompt(i * 60, 'ann', 1),
        entered(i * 60 + 20, 'ann', 1, { factor: true }),
      ]).flat(),
    },
  },
  flood_then_success: {
    under: {
      'a code after four prompts': [
        ...times(4, (i) => prompt(i * 60, 'ann', 1)),
        entered(300, 'ann', 1, { factor: true }),
      ],
      'a password after nine wrong ones': [
        ...times(9, (i) => guess(i * 60, 'ann', i)),
        entered(600, 'ann', 9),
      ],
      'after ten from four places': [
        ...times(10, (i) => guess(i * 60, 'ann', i % 4)),
        entered(700, 'ann', 9),
      ],
      'a place that tried four others': [
        ...times(4, (i) => guess(i * 60, `user${i}`, 1)),
        entered(300, 'ann', 1),
      ],
      'a reset after four': [...times(4, (i) => reset(i * 60, 'ann', 1)), resetUsed(300, 'ann')],
    },
    at: {
      'a code after five prompts': [
        ...times(5, (i) => prompt(i * 60, 'ann', 1)),
        entered(310, 'ann', 1, { factor: true }),
      ],
      'a password after ten wrong ones from five places': [
        ...times(10, (i) => guess(i * 60, 'ann', i % 5)),
        entered(700, 'ann', 9),
      ],
      'a place that tried five others': [
        ...times(5, (i) => guess(i * 60, `user${i}`, 1)),
        entered(400, 'ann', 1),
      ],
      'a reset after five': [...times(5, (i) => reset(i * 60, 'ann', 1)), resetUsed(400, 'ann')],
    },
    over: {
      'a list of stolen passwords, one of which fits': [
        ...times(200, (i) => guess(i * 5, `user${i}`, 1)),
        entered(1001, 'ann', 1),
      ],
    },
    innocent: {
      'the owner comes home while strangers guess': [
        ...times(100, (i) => guess(i * 10, 'ann', i)),
        entered(1001, 'ann', 200, { known: true }),
      ],
      'an office with typing errors, and a new clerk': [...office, entered(3100, 'newcomer', 1)],
      'a carrier that many customers share': carrier,
      'an old client, and its owner on a journey': [...oldClient.slice(0, 60), entered(3601, 'old', 2)],
    },
  },
  password_spray: {
    under: {
      'four logins': sprayed(4, 5, one, 60),
      'fourteen tries': sprayed(5, 3, one, 60).slice(0, 14),
      'within five minutes': sprayed(5, 3, one, 20),
      'one try each at nineteen logins': sprayed(19, 1, one, 600),
      'from five places, 24 tries': sprayed(8, 3, (i) => i % 5, 60).slice(0, 24),
    },
    at: {
      'five logins, three tries each': sprayed(5, 3, one, 60),
      'from five places, 25 tries': sprayed(8, 4, (i) => i % 5, 60).slice(0, 25),
      'twenty logins over a day, from one place': sprayed(20, 1, one, 4000),
    },
    over: {
      'each try from elsewhere': sprayed(100, 3, (i) => i, 10),
      'names that nobody has': times(300, (i) =>
        guess(i * 10, `nobody${i % 100}`, i, { accountId: undefined }),
      ),
    },
    innocent: {
      'an office': office,
      'a carrier that many customers share': carrier,
      'an old client': oldClient,
      'a hundred old clients': oldClients,
      'an agency whose saved passwords were all changed': agency,
      'one login under attack': times(60, (i) => guess(i * 30, 'ann', i)),
    },
  },
  credential_stuffing: {
    under: {
      '24 tries': sprayed(24, 1, one, 10),
      'fourteen logins': sprayed(14, 2, one, 10),
      'from everywhere, 39 tries': sprayed(39, 1, (i) => i, 10),
    },
    at: {
      '25 tries at 25 logins': sprayed(25, 1, one, 30),
      'from everywhere, 40 tries': sprayed(40, 1, (i) => i, 20),
    },
    over: { 'a thousand logins, each from elsewhere': sprayed(1000, 1, (i) => i, 1) },
    innocent: {
      'an office': office,
      'a carrier that many customers share': carrier,
      'a hundred old clients': oldClients,
      'an agency whose saved passwords were all changed': times(60, (i) =>
        guess(i * 5, `site${i}`, 1, { known: true }),
      ),
    },
  },
  staff_request: {
    under: { none: [reset(0, 'ann', 1)] },
    at: { one: [secretAsked(0, 'operator:opr_1')] },
    over: { fifty: times(50, (i) => secretAsked(i * 60, 'client:cli_1')) },
    innocent: { 'resets that customers asked for': times(4, (i) => reset(i * 900, 'ann', 1)) },
  },
  repeated_prompt: {
    under: {
      five: times(5, (i) => wrongProof(i * 10, 'ann', 'ses_1')),
      'six, over more than fifteen minutes': times(6, (i) => wrongProof(i * 180, 'ann', 'ses_1')),
    },
    at: { six: times(6, (i) => wrongProof(i * 179, 'ann', `ses_${i % 2}`)) },
    over: { sixty: times(60, (i) => wrongProof(i * 10, 'ann', `ses_${i}`)) },
    innocent: { 'one each, of many customers': times(60, (i) => wrongProof(i, `user${i}`, `ses_${i}`)) },
  },
};
