/** One session as the agent knows it, and as its state file keeps it. Moments are ms since 1970 by this host's clock. */
import { z } from 'zod';
import { type GoneReport, processRef, sessionId } from '../protocol/agent.ts';
import type { TimeShift } from './time-shift.ts';

const goneShape = z.object({
  at: z.number(),
  reason: z.enum(['closed', 'idle', 'absolute', 'lost']),
  proved: z.boolean(),
  detail: z.string(),
});

export const sessionEntry = z.object({
  id: sessionId,
  login: z.string(),
  store: z.string(),
  channel: z.string(),
  process: processRef,
  /** The directory of its cgroup; null on a host without cgroup v2. `own` ones the agent made and removes. */
  cgroup: z.object({ path: z.string(), own: z.boolean() }).nullable(),
  clocks: z.object({ idleMs: z.number(), absoluteAt: z.number() }),
  lastActivityAt: z.number(),
  /** The client's end of the connection, where the daemon told it: behind TLS another process holds the socket. */
  source: z.object({ ip: z.string(), port: z.number() }).nullish(),
  /** Began unseen: what had left its tree before it was found is in no cgroup of ours. */
  adopted: z.boolean(),
  /** It is over, and the service has not yet taken note. */
  gone: goneShape.nullable(),
});

export type SessionEntry = z.infer<typeof sessionEntry>;
export type Gone = z.infer<typeof goneShape>;

/** How the service is told that a session is over. */
export function gone(id: string, over: Gone, shift: TimeShift): GoneReport {
  const { reason, proved } = over;
  return { session_id: id, at: shift.toService(over.at), reason, proved, detail: over.detail.slice(0, 500) };
}
