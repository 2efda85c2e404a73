/** The only way to daemons that no agent ends: by what they listen to themselves. */

/** A session as its daemon may know it. Moments are ms since 1970. */
export interface FarSession {
  readonly id: string;
  /** As its daemon's feed names it. */
  readonly ref: string;
  readonly login: string;
  readonly channel: string;
  readonly sourceIp: string | null;
  readonly openedAt: number;
}

/**
 * `ended`: the daemon says that it ended it, or lists it no more. `absent`: the daemon knows no such session, which
 * proves its end only once it would have known it.
 */
export interface Told {
  readonly state: 'ended' | 'absent' | 'not_proven' | 'unreachable';
  readonly detail: string;
}

/** Ends one session of a host. `siblings`: all of that login, channel and address that may still be open, it included. */
export type Way = (session: FarSession, siblings: readonly FarSession[]) => Promise<Told>;

export interface Disconnector {
  /** Names of the hosts to which there is a way. */
  readonly hosts: readonly string[];
  wayTo(host: string): Way | undefined;
}

export const noDisconnector: Disconnector = { hosts: [], wayTo: () => undefined };

export function createDisconnector(ways: ReadonlyMap<string, Way>): Disconnector {
  return { hosts: [...ways.keys()], wayTo: (host) => ways.get(host) };
}
