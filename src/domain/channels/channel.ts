/** What the house must know about a door. A descriptor holds facts only; nothing elsewhere branches on a name. */

export const storeNames = ['panel', 'ftp', 'ssh', 'mail'] as const;
export type StoreName = (typeof storeNames)[number];

/** What a person is told at a door that is shut. */
export const shutDoor = ({ insteadUse }: Channel): string => `This door is closed. Use ${insteadUse}.`;

export interface Channel {
  readonly name: string;
  /** The credential store whose logins and secrets open this door. */
  readonly store: StoreName;
  /** The channel a store's logins use when a caller names none. */
  readonly storeDefault: boolean;
  /**
   * How a session here is ended for good: `token` sessions die at their next check, `process` sessions live in
   * processes on a host and need its agent to end them and prove it.
   */
  readonly endedBy: 'token' | 'process';
  /** Whether a second factor can be asked for here, unless the caller says that it can. */
  readonly canAsk: boolean;
  /** Whether the door is open unless the policy says otherwise. */
  readonly openByDefault: boolean;
  /** A password may come here in clear text as well as encrypted, and the policy may refuse the former. */
  readonly takesClearText?: true;
  /** Taken from loopback alone, whatever the policy says; what is not known to come from there is refused. */
  readonly loopbackOnly?: true;
  /** Nobody comes in without a password that was judged here: no key, and no daemon's own word for it. */
  readonly passwordOnly?: true;
  /** Said to the caller where the door is shut: what to use instead. */
  readonly insteadUse: string;
}
