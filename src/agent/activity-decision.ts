/** What counts as activity. Each reading bounds the last moment from above; the truth is the earliest bound. */

/** The client's connection: not measurable on this host, not there, or when data last moved (ms since 1970). */
export type Wire = 'unmeasured' | 'none' | { readonly receivedAt: number; readonly eitherWayAt: number };

/** Moments in milliseconds since 1970; undefined where there is nothing to read. */
export interface ActivityReadings {
  readonly wire: Wire;
  /** Whether a daemon only relays for the session's programs (sshd), or is itself what serves (FTP). */
  readonly relayed: boolean;
  /** Data on connections that the daemon forwards for the session. */
  readonly forwardedAt: number | undefined;
  /** Last input read from a terminal of the session, as the kernel rounds it; undefined without a terminal. */
  readonly ttyReadAt: number | undefined;
  /** When the input and output of the session's programs, relays left out, last moved; undefined without programs. */
  readonly programsMovedAt: number | undefined;
}

/** The kernel keeps terminal times in steps of 8 s, rounded down (drivers/tty/tty_io.c, tty_update_time). */
const ttyStepMs = 8_000;

/**
 * The last activity known, in milliseconds since 1970. Undefined when nothing could be measured: then the clock goes
 * on from the last known one, since who cannot be watched must not live longer for it.
 *
 * - Without a connection nobody is there, whatever the programs left behind do.
 * - With a terminal somebody must have typed: SSH keepalives are TCP data, so the terminal is asked too, and the
 *   TCP time sharpens its 8 s steps.
 * - Without one (sftp, scp, `ssh host command`): data on the wire while a program of the session reads or writes.
 *   Only keepalives reach the wire of a hung one.
 * - A tunnel in use is activity, also where no program runs at all (`ssh -N`).
 */
export function lastActivity(readings: ActivityReadings): number | undefined {
  const { wire, forwardedAt, ttyReadAt, programsMovedAt } = readings;
  if (wire === 'none') return undefined;
  const eitherWayAt = wire === 'unmeasured' ? undefined : wire.eitherWayAt;
  if (!readings.relayed) return eitherWayAt ?? programsMovedAt;
  if (ttyReadAt !== undefined) {
    const receivedAt = wire === 'unmeasured' ? undefined : wire.receivedAt;
    return latest(forwardedAt, Math.min(ttyReadAt + ttyStepMs, receivedAt ?? Number.POSITIVE_INFINITY));
  }
  if (programsMovedAt === undefined) return forwardedAt;
  return latest(forwardedAt, Math.min(programsMovedAt, eitherWayAt ?? Number.POSITIVE_INFINITY));
}

/**
 * When input was last read from any of a session's terminals, in ms since 1970; undefined without a terminal. Who owns
 * a terminal may set its times (`touch -a`): a time in the future is no reading, and counts as never. What is really
 * typed then sets it right.
 */
export function latestInput(terminals: readonly number[], now: number): number | undefined {
  if (terminals.length === 0) return undefined;
  return Math.max(...terminals.map((readAt) => (readAt > now + ttyStepMs ? 0 : readAt)));
}

function latest(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.max(one, other);
}
