/** A day at a web host, in observations: ordinary traffic, and attacks laid over it. Seeded: the same seed, the same day. */
import type { Observation } from '../../src/domain/patterns/observation.ts';

export type Chance = () => number;

/** Mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const hour = 3_600_000;
export const day = 24 * hour;
const second = 1000;
export const start = Date.UTC(2026, 0, 12);

interface Where {
  readonly place: string;
  readonly known: boolean;
}
const login = (n: number) => `user${n}`;
const account = (n: number) => `acc_${n}`;

const guess = (at: number, n: number, { place, known }: Where, repeated = false): Observation => ({
  ...{ kind: 'guess', at, login: login(n), accountId: account(n), place, known, repeated },
});
const entered = (at: number, n: number, { place, known }: Where, factor = false): Observation => ({
  ...{ kind: 'entered', at, login: login(n), accountId: account(n), place, known, factor },
});
const prompt = (at: number, n: number, { place, known }: Where): Observation => ({
  ...{ kind: 'prompt', at, accountId: account(n), place, known },
});
const wrongCode = (at: number, n: number, { place, known }: Where): Observation => ({
  ...{ kind: 'code_refused', at, accountId: account(n), place, known },
});
const reset = (at: number, n: number, place: string): Observation => ({
  ...{ kind: 'reset_asked', at, accountId: account(n), name: login(n), place },
});
const resetUsed = (at: number, n: number): Observation => ({ kind: 'reset_used', at, accountId: account(n) });

/** A moment of an office day more often than of the night. */
function moment(chance: Chance, days: number): number {
  for (;;) {
    const at = chance() * days * day;
    const clock = (at % day) / hour;
    if (chance() < 0.15 + 0.85 * Math.exp(-((clock - 13) ** 2) / 18)) return start + at;
  }
}

/** @param customers each with a home, an office in common with others, or a carrier's address. */
export function ordinaryDays(seed: number, customers: number, days: number): Observation[] {
  const chance = chanceOf(seed);
  const all: Observation[] = [];
  const pick = (n: number) => Math.floor(chance() * n);
  const whereOf = (n: number): Where => {
    const draw = chance();
    if (draw < 0.15) return { place: `carrier${pick(20)}`, known: false };
    if (draw < 0.2) return { place: `journey${pick(1e6)}`, known: false };
    return n % 4 === 0 ? { place: `office${n % 80}`, known: true } : { place: `home${n}`, known: true };
  };
  for (let i = 0; i < customers * days; i++) {
    const n = pick(customers);
    const [where, hasFactor] = [whereOf(n), n % 5 === 0];
    let at = moment(chance, days);
    // Typing errors, one after another, each a different one; then the right one, or a reset, or another day.
    for (let tries = 0; chance() < 0.12 && tries < 4; tries++, at += (3 + chance() * 20) * second) {
      all.push(guess(at, n, where));
    }
    if (chance() < 0.02) {
      for (let mails = chance() < 0.3 ? 2 : 1; mails > 0; mails--, at += 120 * second)
        all.push(reset(at, n, where.place));
      if (chance() < 0.7) all.push(resetUsed(at, n));
      at += 60 * second;
    }
    if (hasFactor) {
      all.push(prompt(at, n, where));
      for (; chance() < 0.08; at += 10 * second) all.push(wrongCode(at + 10 * second, n, where));
    }
    if (chance() < 0.97) all.push(entered(at + 15 * second, n, where, hasFactor));
    if (chance() < 0.01)
      all.push({ kind: 'proof_refused', at: at + 60 * second, accountId: account(n), sessionId: `s${i}` });
  }
  // Old mail clients: the password of last month, every ten minutes, at home and on the telephone.
  for (let c = 0; c < customers / 200; c++) {
    const n = pick(customers);
    for (let at = start + pick(600) * second; at < start + days * day; at += 600 * second) {
      all.push(
        guess(
          at,
          n,
          { place: c % 2 === 0 ? `home${n}` : `carrier${c % 20}`, known: c % 2 === 0 },
          at > start + 600 * second,
        ),
      );
    }
  }
  // Agencies: many accounts in one morning, from the office; some of the saved passwords are no longer right.
  for (let agency = 0; agency < 5; agency++) {
    const at = start + (9 + chance()) * hour;
    for (let i = 0; i < 30; i++) {
      const [n, where] = [pick(customers), { place: `agency${agency}`, known: true }];
      all.push(
        chance() < 0.3 ? guess(at + i * 20 * second, n, where) : entered(at + i * 20 * second, n, where),
      );
    }
  }
  // The noise of the net: bots that try names which nobody has, all day.
  for (let i = 0; i < 40 * days * 4; i++) {
    all.push({
      ...guess(start + chance() * days * day, 0, { place: `bot${pick(2000)}`, known: false }),
      login: `bot-name${pick(300)}`,
      accountId: undefined,
    } as Observation);
  }
  return all.sort((a, b) => a.at - b.at);
}

export interface Attack {
  readonly name: string;
  /** The pattern that must see it; another of its kind counts as well where the two cannot be told apart. */
  readonly patterns: readonly string[];
  /** What a flag of it is about; undefined for everywhere or anything. */
  readonly about?: string;
  readonly stream: readonly Observation[];
}

export function attacks(seed: number, customers: number, begins: number): Attack[] {
  const chance = chanceOf(seed ^ 0x5eed);
  const pick = (n: number) => Math.floor(chance() * n);
  const times = (count: number, apart: number, make: (at: number, i: number) => Observation) =>
    Array.from({ length: count }, (_, i) => make(begins + (i + chance() * 0.5) * apart * second, i));
  const stranger = (i: number): Where => ({ place: `evil${seed}-${i}`, known: false });
  const [victim, first] = [pick(customers), pick(customers)];
  const users = (i: number) => (first + i) % customers;
  const about = account(victim);
  const flood = (count: number, apart: number, places: number) =>
    times(count, apart, (at, i) => reset(at, victim, `evil${i % places}`));
  const spray = (logins: number, count: number, apart: number, places: number) =>
    times(count, apart, (at, i) => guess(at, users(i % logins), stranger(i % places)));
  const bombing = (count: number, apart: number) =>
    times(count, apart, (at, i) => prompt(at, victim, stranger(i % 3)));
  const stuffed = spray(60, 60, 8, 1);
  return [
    { name: 'reset flood, 30 in 10 minutes', patterns: ['reset_flood'], about, stream: flood(30, 20, 1) },
    {
      name: 'reset flood, 8 in the hour, from everywhere',
      patterns: ['reset_flood'],
      about,
      stream: flood(8, 450, 8),
    },
    {
      name: 'reset flood, low and slow: one in 110 minutes',
      patterns: ['reset_flood'],
      about,
      stream: flood(13, 6600, 13),
    },
    {
      name: 'reset flood, lower still: one in 3 hours',
      patterns: ['reset_flood'],
      about,
      stream: flood(8, 10_800, 8),
    },
    {
      name: 'reset spray, 60 names from one place',
      patterns: ['reset_spray'],
      stream: times(60, 20, (at, i) => reset(at, users(i), 'evil')),
    },
    {
      name: 'reset spray, 300 names from 300 places',
      patterns: ['reset_spray'],
      stream: times(300, 10, (at, i) => reset(at, users(i), `evil${i}`)),
    },
    {
      name: 'reset spray, low and slow: 5 names an hour from one place',
      patterns: ['reset_spray'],
      stream: times(40, 720, (at, i) => reset(at, users(i), 'evil')),
    },
    {
      name: 'prompt bombing, 20 in 10 minutes',
      patterns: ['prompt_bombing'],
      about,
      stream: bombing(20, 30),
    },
    {
      name: 'prompt bombing, one in 2 minutes',
      patterns: ['prompt_bombing'],
      about,
      stream: bombing(12, 110),
    },
    {
      name: 'prompt bombing, low and slow: one in 10 minutes',
      patterns: ['prompt_bombing'],
      about,
      stream: bombing(24, 600),
    },
    {
      name: 'prompts, then a code',
      patterns: ['flood_then_success'],
      about,
      stream: [...bombing(10, 30), entered(begins + 320_000, victim, stranger(0), true)],
    },
    {
      name: 'stolen list, one fits',
      patterns: ['flood_then_success'],
      about,
      stream: [...stuffed, entered(begins + 600_000, victim, stranger(0))],
    },
    {
      name: 'spray, 20 logins 3 times from one place',
      patterns: ['password_spray'],
      stream: spray(20, 60, 20, 1),
    },
    {
      name: 'spray, 200 logins 3 times from 100 places',
      patterns: ['password_spray'],
      stream: spray(200, 600, 5, 100),
    },
    {
      name: 'spray, low and slow: 3 logins an hour from one place',
      patterns: ['password_spray'],
      stream: spray(60, 60, 1200, 1),
    },
    {
      name: 'spray, low and slow: 30 tries an hour from 60 places',
      patterns: ['password_spray', 'credential_stuffing'],
      stream: spray(100, 360, 120, 60),
    },
    {
      name: 'stuffing, 200 logins from one place',
      patterns: ['credential_stuffing'],
      stream: spray(200, 200, 4, 1),
    },
    {
      name: 'stuffing, 1000 logins from 500 places',
      patterns: ['credential_stuffing'],
      stream: spray(1000, 1000, 3, 500),
    },
    {
      name: 'stuffing, low and slow: 10 logins an hour from one place',
      patterns: ['credential_stuffing', 'password_spray'],
      stream: spray(100, 100, 360, 1),
    },
    {
      name: 'proofs in a live session, 12 in 10 minutes',
      patterns: ['repeated_prompt'],
      about,
      stream: times(12, 50, (at) => ({ kind: 'proof_refused', at, accountId: about, sessionId: 'ses' })),
    },
    {
      name: 'a message of the staff',
      patterns: ['staff_request'],
      stream: times(1, 1, (at) => ({ kind: 'secret_asked', at, by: 'operator:x', medium: 'ticket' })),
    },
  ];
}
