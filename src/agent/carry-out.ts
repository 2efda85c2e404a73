/** Ends one session for good and says whether that is proved. Ending twice, or what is already over, does no harm. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRef } from '../protocol/agent.ts';
import type { World } from '../world.ts';
import {
  isPopulated,
  killCgroup,
  membersOf,
  moveTree,
  pathInHierarchy,
  removeCgroup,
} from './hands-cgroups.ts';
import {
  auditPeersOf,
  cgroupPathOf,
  isLive,
  killMember,
  signalProcess,
  statOf,
  treeOf,
} from './hands-processes.ts';
import { sayOnTerminals } from './hands-terminals.ts';
import type { SessionEntry } from './session-entry.ts';

export type Target = Pick<SessionEntry, 'process' | 'cgroup' | 'adopted'>;

/** What whoever sits at a terminal of the session reads before it closes. */
export const notices = {
  order: 'Gatehouse: you are logged off.',
  idle: 'Gatehouse: you are logged off, since nothing was typed here for too long.',
  absolute: 'Gatehouse: you are logged off, since this session has lasted for as long as it may.',
} as const;

export interface Ended {
  readonly state: 'ended' | 'not_proven';
  readonly detail: string;
}

export interface EndTools {
  readonly world: World;
  /** This boot's id. */
  readonly boot: string;
  /** The agent's own pid: a cgroup that holds it is never killed. */
  readonly agentPid: number;
}

/** What the leader gets to close its session in order: sshd then runs its PAM close, and the client gets a clean end. */
const leaderGraceMs = 250;
/** What a daemon gets to send a notice on: it is among the first to be killed. */
const noticeMs = 30;
/** How long the kernel may take to empty the cgroup; uninterruptible sleep (a dead NFS server) can hold it. */
const proofMs = 5_000;
const lookEveryMs = 5;

/**
 * SIGTERM for the leader and SIGKILL for the other members; the leader's SIGKILL after its grace; `cgroup.kill`, which
 * no forking outruns; then the kernel's `populated 0` is the proof. Before each signal the process is known again by
 * its start time or its cgroup: pids are reused within minutes.
 */
export async function carryOut(target: Target, tools: EndTools, notice?: string): Promise<Ended> {
  const { process, cgroup } = target;
  if (process.boot_id !== tools.boot) return { state: 'ended', detail: 'the host has been restarted since' };
  if (cgroup === null) return carryOutByScan(process, tools);
  if (membersOf(cgroup.path).includes(tools.agentPid)) {
    return { state: 'not_proven', detail: 'the agent itself runs inside this session' };
  }
  const began = tools.world.monotonicMs();
  if (cgroup.own) gather(target, cgroup.path);
  if (notice !== undefined && sayOnTerminals(membersOf(cgroup.path), notice)) await sleep(noticeMs);
  await closeLeader(process, cgroup.path, tools);
  const empty = await emptyCgroup(process, cgroup.path, tools);
  const took = Math.round(tools.world.monotonicMs() - began);
  if (!empty) return { state: 'not_proven', detail: `processes still live after ${took} ms` };
  if (cgroup.own) await removeCgroup(cgroup.path);
  const reach = target.adopted ? '; found running, so what had left its tree before is not covered' : '';
  return { state: 'ended', detail: `cgroup empty after ${took} ms${reach}` };
}

/** A leader outside its cgroup: the agent was stopped between the two steps of an open, or the session was lost. */
function gather(target: Target, path: string): void {
  const outside = isLive(target.process) && cgroupPathOf(target.process.pid) !== pathInHierarchy(path);
  if (outside) moveTree(path, target.process);
}

async function closeLeader(leader: ProcessRef, path: string, tools: EndTools): Promise<void> {
  const asked = signalProcess(leader, 'SIGTERM');
  const within = pathInHierarchy(path);
  for (const pid of membersOf(path)) {
    if (pid !== leader.pid || !isLive(leader)) killMember(pid, within);
  }
  if (asked) await until(() => !isLive(leader), leaderGraceMs, tools);
  signalProcess(leader, 'SIGKILL');
}

async function emptyCgroup(leader: ProcessRef, path: string, tools: EndTools): Promise<boolean> {
  await killCgroup(path);
  const empty = () => !isPopulated(path) && !isLive(leader);
  if (await until(empty, proofMs / 2, tools)) return true;
  await killCgroup(path);
  return until(empty, proofMs / 2, tools);
}

/**
 * Without cgroup v2: chases what it can see. What re-forks faster than a look escapes, so this is never a proof. The
 * leader goes last: with it goes the tree by which the others are found.
 */
async function carryOutByScan(leader: ProcessRef, tools: EndTools): Promise<Ended> {
  if (!isLive(leader))
    return { state: 'not_proven', detail: 'the leader is gone; its children cannot be known' };
  await until(() => !killOthers(leader, tools.agentPid), leaderGraceMs, tools);
  signalProcess(leader, 'SIGTERM');
  await until(() => !isLive(leader), leaderGraceMs, tools);
  killOthers(leader, tools.agentPid);
  signalProcess(leader, 'SIGKILL');
  const gone = await until(() => !isLive(leader), proofMs, tools);
  return {
    state: 'not_proven',
    detail: gone ? 'leader ended; no cgroup v2 to prove the rest' : 'leader still lives',
  };
}

/** Kills what descends from the leader or shares its login; says whether there was anything. */
function killOthers(leader: ProcessRef, agentPid: number): boolean {
  const pids = new Set([...(isLive(leader) ? treeOf(leader.pid) : []), ...auditPeersOf(leader.pid)]);
  const others = [...pids].filter((pid) => pid !== leader.pid && pid !== agentPid);
  const seen = others.flatMap((pid) => ({ pid, start: statOf(pid)?.start ?? '' }));
  return seen.filter((other) => signalProcess(other, 'SIGKILL')).length > 0;
}

async function until(holds: () => boolean, limitMs: number, tools: EndTools): Promise<boolean> {
  const end = tools.world.monotonicMs() + limitMs;
  while (!holds()) {
    if (tools.world.monotonicMs() >= end) return false;
    await sleep(lookEveryMs);
  }
  return true;
}
