/** Chooses the cgroup of a session. Facts in, choice out: the cases of systemd hosts can be tested without one. */

export interface HostFacts {
  /** Mount point of cgroup v2; undefined on a host without. */
  readonly mount: string | undefined;
  /** The agent's own path in the hierarchy, such as `/system.slice/gatehouse-agent.service`. */
  readonly agentPath: string | undefined;
  /** Set by the operator: where own cgroups go, as an absolute directory. */
  readonly configuredRoot: string | undefined;
}

export interface LeaderFacts {
  /** The leader's path in the hierarchy. */
  readonly path: string | undefined;
  /** Whether that cgroup holds the leader and its descendants alone. */
  readonly alone: boolean;
}

/** `own` cgroups are made and removed by the agent; others belong to systemd and are only used. */
export interface CgroupPlace {
  readonly path: string;
  readonly own: boolean;
}

/**
 * a. A login scope of logind is used as it is: the tree belongs to systemd. Only where it holds nothing but this
 *    session, though: a daemon started by hand from an operator's shell lies in the operator's scope, and ending
 *    that would end the operator.
 * b. Inside a unit of its own (`Delegate=yes`, and `KillMode=process` or its restart would end every customer) the
 *    agent uses its unit's subtree.
 * c. Elsewhere `gatehouse/` at the root of the hierarchy.
 */
export function cgroupPlace(session: string, host: HostFacts, leader: LeaderFacts): CgroupPlace | undefined {
  if (host.mount === undefined) return undefined;
  if (leader.path && leader.alone && isLoginScope(leader.path)) {
    return { path: `${host.mount}${leader.path}`, own: false };
  }
  return { path: `${ownRoot(host.mount, host)}/${session}`, own: true };
}

/** The directory of all cgroups that the agent makes itself. */
export function ownRoot(mount: string, host: HostFacts): string {
  if (host.configuredRoot) return host.configuredRoot;
  const unit = /^(\/(?:[^/]+\/)*[^/]+\.service)(?:\/|$)/.exec(host.agentPath ?? '')?.[1];
  return unit ? `${mount}${unit}/sessions` : `${mount}/gatehouse`;
}

/** Whether a path is one login's scope, as logind names them. */
export function isLoginScope(path: string): boolean {
  return /^\/user\.slice\/user-\d+\.slice\/session-[A-Za-z0-9]+\.scope$/.test(path);
}
