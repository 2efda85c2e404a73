/** Finds the sessions that began unseen, while the agent was away or not yet there, and puts them before the service. */
import type { Log } from '../log.ts';
import type { HelloAnswer, HostSession, OpenRequest, ProcessRef } from '../protocol/agent.ts';
import { carryOut, type EndTools } from './carry-out.ts';
import { type HostFacts, ownRoot } from './cgroup-place.ts';
import { within } from './deadline.ts';
import { type Door, doors, type FoundSession } from './doors/index.ts';
import type { Arrival, Greetings } from './greetings.ts';
import { peerOf, readSockets } from './hands-activity.ts';
import { isPopulated } from './hands-cgroups.ts';
import { listedBy } from './hands-lists.ts';
import { isLive, isOfThisHost, processTable } from './hands-processes.ts';
import { servesAsNamed } from './named-process.ts';
import type { Opening } from './opening.ts';
import type { SocketReading } from './proc-text.ts';
import { keyOf, type Refused } from './refused.ts';
import type { Registry } from './registry.ts';
import type { Reports } from './reports.ts';
import { gone, type SessionEntry } from './session-entry.ts';
import { literalAddress } from './source-address.ts';
import type { Strangers } from './strangers.ts';
import type { TimeShift } from './time-shift.ts';

export interface AdoptParts {
  readonly hostName: string;
  readonly greetings: Greetings;
  readonly host: HostFacts;
  readonly log: Log;
  readonly opening: Opening;
  readonly refused: Refused;
  readonly registry: Registry;
  readonly reports: Reports;
  readonly shift: TimeShift;
  readonly strangers: Strangers;
  readonly tools: EndTools;
  /** How a look is put in turn with whatever else compares notes. */
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
}

const openTimeoutMs = 10_000;

interface Found {
  readonly door: Door;
  readonly session: FoundSession;
  readonly process: ProcessRef;
}

/**
 * Every session of a known daemon that the registry lacks: opened as adopted, left alone if nobody's, ended if refused.
 * Those that `ripe` holds back are left for another look. Whoever came in by a port that is to be asked first has a
 * turn of its own after that: nothing else waits for the port.
 */
export async function adoptMissed(
  parts: AdoptParts,
  stop: AbortSignal,
  ripe: (process: ProcessRef) => boolean = () => true,
): Promise<void> {
  const unplaced = await adoptPlaced(parts, stop, ripe, true);
  if (unplaced.length === 0) return;
  const keys = new Set(unplaced.map(({ process }) => keyOf(process)));
  void parts.greetings.ask(unplaced, stop).then(async () => {
    if (stop.aborted) return;
    await parts.inTurn(async () => {
      await adoptPlaced(parts, stop, (process) => keys.has(keyOf(process)), false);
    });
  });
}

/** `mayAsk`: those whose port is to be asked first are returned instead. */
async function adoptPlaced(
  parts: AdoptParts,
  stop: AbortSignal,
  ripe: (process: ProcessRef) => boolean,
  mayAsk: boolean,
): Promise<(Found & Arrival)[]> {
  const found = await findSessions(parts, true);
  await endThoseRefused(parts, found);
  parts.strangers.keep(found.map(({ process }) => process));
  const missed = found.filter(
    ({ process }) =>
      !parts.registry.byProcess(process) && !parts.refused.has(process) && isOfThisHost(process.pid),
  );
  const due = missed.filter(({ process }) => ripe(process));
  const seen = found.filter(({ door, process }) => door.greeted && openedByPam(parts, process));
  if (due.length === 0 && seen.length === 0) return [];
  const sockets = await readSockets();
  for (const { door, process } of seen) {
    const [entry, port] = [openedByPam(parts, process), peerOf(process.pid, sockets)];
    if (entry && port) parts.greetings.learn(door, port, entry);
  }
  const unplaced: (Found & Arrival)[] = [];
  for (const each of due) {
    if (stop.aborted) return [];
    const port = peerOf(each.process.pid, sockets);
    if (mayAsk && parts.greetings.isDue(each.door, port)) {
      unplaced.push({ ...each, port });
      continue;
    }
    const asked = question(parts, each, port);
    if (asked) await adopt(parts, asked, stop);
  }
  return unplaced;
}

function openedByPam(parts: AdoptParts, process: ProcessRef): SessionEntry | undefined {
  const entry = parts.registry.byProcess(process);
  return entry && !entry.adopted && !entry.gone ? entry : undefined;
}

/**
 * Ends the processes that were refused a session and went on without one. The service is not asked again: as a session
 * found running, which nobody saw prove anything, it might let in what it just refused.
 */
export async function endRefused(parts: AdoptParts): Promise<void> {
  if (parts.refused.remaining() > 0) await endThoseRefused(parts, await findSessions(parts, false));
}

async function endThoseRefused(parts: AdoptParts, found: readonly Found[]): Promise<void> {
  for (const { process } of found.filter((each) => parts.refused.has(each.process))) {
    await endUnwanted(parts, process).catch((error: unknown) => {
      parts.log.error({ pid: process.pid, error: String(error) }, 'a refused session could not be ended');
    });
  }
}

/** `listed`: the lists of daemons are looked at, too. */
async function findSessions(parts: AdoptParts, listed: boolean): Promise<Found[]> {
  const rows = await processTable();
  const found = await Promise.all(
    doors.map(async (door) => {
      const all = [...door.find(rows), ...(listed ? await listedBy(door, rows) : [])];
      return all.map((session) => ({ door, session }));
    }),
  );
  const starts = new Map(rows.map((row) => [row.pid, row.start]));
  return found.flat().flatMap(({ door, session }) => {
    const start = starts.get(session.pid);
    if (start === undefined) return [];
    const process = { pid: session.pid, start, boot_id: parts.tools.boot };
    // Its number may be another's by now.
    return isLive(process) && !parts.opening.isOpening(process) ? [{ door, session, process }] : [];
  });
}

async function adopt(parts: AdoptParts, asked: OpenRequest, stop: AbortSignal): Promise<void> {
  const { login, process } = asked;
  try {
    const opened = await within(openTimeoutMs, stop, (signal) => parts.opening.open(asked, signal));
    const fresh = opened.decision !== 'unknown' || parts.strangers.isNew(process);
    if (fresh) {
      const about = { login, pid: process.pid, decision: opened.decision };
      parts.log.info(about, 'found a session that began unseen');
    }
    // A login that the service does not know may be an operator's own shell: none of our business.
    if (opened.decision === 'deny') await endUnwanted(parts, process);
  } catch (error) {
    parts.log.warn({ login, error: String(error) }, 'a session that began unseen could not be reported yet');
  }
}

async function endUnwanted(parts: AdoptParts, process: ProcessRef): Promise<void> {
  if (parts.registry.byProcess(process)?.gone === null) return;
  const cgroup = parts.opening.placeOf(`unwanted-${process.pid}-${process.start}`, process) ?? null;
  const ended = await carryOut({ process, cgroup, adopted: true }, parts.tools);
  parts.log.warn({ pid: process.pid, ...ended }, 'ended a session that the service refused');
}

/** Undefined where it is not certain of which store the login is: it might be another account's there. */
function question(
  parts: AdoptParts,
  { door, session, process }: Found,
  peer: SocketReading | undefined,
): OpenRequest | undefined {
  const address = literalAddress(session.sourceIp) ?? literalAddress(peer?.peer);
  const place = parts.greetings.placeOf(door, peer);
  if (place === undefined) {
    parts.log.warn({ pid: process.pid, daemon: door.name }, 'found a session whose protocol is not certain');
    return undefined;
  }
  return {
    host: parts.hostName,
    store: place.store,
    channel: session.channel ?? place.channel,
    login: session.login,
    method: 'other',
    process,
    adopted: true,
    ...(address ? { source_ip: address } : {}),
    ...(peer && peer.peer === address ? { source_port: peer.peerPort } : {}),
  };
}

/**
 * Compares notes after hello. The service's clocks hold. What it believes to be live and is unknown here is taken
 * up if it lives (its state file was lost, or the answer to its open), and reported gone if not. What is live here
 * and was not in its list is reported as seen: the answer to that tells whether the service knows it.
 */
export async function compareNotes(
  parts: AdoptParts,
  answer: HelloAnswer,
  sent: readonly string[],
): Promise<void> {
  const listed = new Set<string>();
  for (const session of answer.sessions) {
    listed.add(session.id);
    await parts.registry.lanes.run(session.id, () => settle(parts, session, 'lost'));
  }
  for (const id of sent) {
    const entry = parts.registry.get(id);
    if (listed.has(id) || !entry || entry.gone) continue;
    parts.reports.seen({ session_id: id, last_seen_at: parts.shift.toService(entry.lastActivityAt) });
  }
}

/** A daemon began a session, and told of it as it did: gone already means that it ended by itself. */
export function takeUp(parts: AdoptParts, session: HostSession): Promise<void> {
  return parts.registry.lanes.run(session.id, () => settle(parts, session, 'closed'));
}

async function settle(parts: AdoptParts, session: HostSession, whenGone: 'lost' | 'closed'): Promise<void> {
  const { registry, opening, tools, host } = parts;
  const entry = registry.get(session.id);
  if (entry) {
    const clocks = parts.shift.clocksOf(session);
    const same = clocks.idleMs === entry.clocks.idleMs && clocks.absoluteAt === entry.clocks.absoluteAt;
    if (!entry.gone && !same) await registry.put({ ...entry, clocks });
    return;
  }
  if (opening.isOpening(session.process)) return;
  const process = session.process;
  const ownPath = host.mount === undefined ? undefined : `${ownRoot(host.mount, host)}/${session.id}`;
  const leftOver = ownPath !== undefined && isPopulated(ownPath);
  // Another boot id: this host was restarted, and nothing of before lives. It cannot be a namesake's, which would be
  // reported lost while it lives: hello is answered 409 while another machine of this name is there.
  const alive = process !== null && process.boot_id === tools.boot && (isLive(process) || leftOver);
  if (!alive || process === null)
    return reportGone(parts, session.id, whenGone, ownPath !== undefined && !leftOver);
  if (session.followed && servesAsNamed(process) === false)
    return parts.log.error({ session: session.id, pid: process.pid }, 'no session of a daemon');
  const taken = opening.entryOf(session, process, whenGone === 'lost');
  const cgroup = leftOver && ownPath ? { path: ownPath, own: true } : taken.cgroup;
  const found = { ...taken, cgroup, lastActivityAt: Date.parse(session.last_seen_at) };
  // It may end at this very moment; the watch then finds it over.
  await (isLive(process) ? opening.register(found).catch(() => {}) : registry.put(found));
}

function reportGone(parts: AdoptParts, id: string, reason: 'lost' | 'closed', proved: boolean): void {
  const at = parts.tools.world.now().getTime();
  const detail = 'not on this host any more when the agent looked';
  parts.reports.gone(gone(id, { at, reason, proved, detail }, parts.shift));
}
