/** The clocks of sessions, by store and profile: defaults and bounds, in seconds. Rows of `domain/policy`. */
import type { StoreName } from './channels/index.ts';

export const profiles = ['standard', 'public', 'operator'] as const;
export type Profile = (typeof profiles)[number];

export interface Clock {
  readonly idle_seconds: number;
  readonly absolute_seconds: number;
  readonly max_sessions: number;
}

const minute = 60;
const hour = 3600;

/** [idle default, idle max, absolute default, absolute max, parallel sessions] */
type ClockRow = readonly [number, number, number, number, number];

const clockRows: Readonly<Record<StoreName, Readonly<Record<Profile, ClockRow>>>> = {
  panel: {
    standard: [15 * minute, 60 * minute, 8 * hour, 24 * hour, 10],
    public: [5 * minute, 10 * minute, 30 * minute, 60 * minute, 10],
    operator: [10 * minute, 15 * minute, 8 * hour, 12 * hour, 10],
  },
  ftp: {
    // One FTP program opens many connections at once (a mirror with 10 or 30 is common), each a session here.
    standard: [5 * minute, 15 * minute, 12 * hour, 24 * hour, 40],
    public: [5 * minute, 10 * minute, 30 * minute, 60 * minute, 40],
    operator: [5 * minute, 15 * minute, 8 * hour, 12 * hour, 20],
  },
  ssh: {
    standard: [15 * minute, 60 * minute, 12 * hour, 24 * hour, 5],
    public: [5 * minute, 10 * minute, 30 * minute, 60 * minute, 5],
    operator: [10 * minute, 15 * minute, 8 * hour, 12 * hour, 5],
  },
  mail: {
    standard: [30 * minute, 60 * minute, 24 * hour, 24 * hour, 20],
    public: [5 * minute, 10 * minute, 30 * minute, 60 * minute, 20],
    operator: [10 * minute, 15 * minute, 8 * hour, 12 * hour, 20],
  },
};

/** The three settings of one store and profile, by their dotted paths. */
export function clockSettings(store: StoreName, profile: Profile) {
  const [idle, idleMax, absolute, absoluteMax, sessions] = clockRows[store][profile];
  const at = `stores.${store}.${profile}`;
  return [
    { path: `${at}.idle_seconds`, default: idle, min: 1, max: idleMax },
    { path: `${at}.absolute_seconds`, default: absolute, min: 1, max: absoluteMax },
    { path: `${at}.max_sessions`, default: sessions, min: 1, max: 100 },
  ];
}
