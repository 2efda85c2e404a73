/** The agents of the hosts: as operators see them, and as one of them may ask about itself. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { AgentList, SelfAnswer, SelfQuery } from '../protocol/agent.ts';
import { allHosts, type HostRow, hostsNamed, sessionsByHost } from '../store/hosts.ts';
import { version } from '../version.ts';
import type { Ctx } from './context.ts';
import { leaseMs } from './steps/grace.ts';
import { mayNotSpeakFor } from './steps/host-door.ts';
import { mayNot } from './steps/may.ts';

/** `GET /v1/agents`: every host that has an agent, with its release, when it was last heard of, and its sessions. */
export async function listAgents(ctx: Ctx): Promise<Outcome<AgentList>> {
  const no = mayNot(ctx, { scopes: ['sessions'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const hosts = await allHosts(ctx.read);
  const counts = new Map((await sessionsByHost(ctx.read)).map((each) => [each.host, each]));
  const items = hosts.map((host) => ({
    host: host.name,
    version: host.version,
    same_version: host.version === version,
    connected: isConnected(host, ctx.now),
    last_contact_at: host.lastContactAt.toISOString(),
    live_sessions: counts.get(host.name)?.live ?? 0,
    pending_ends: counts.get(host.name)?.pending ?? 0,
  }));
  return done({
    service_version: version,
    items: items.sort((one, other) => one.host.localeCompare(other.host)),
  });
}

/**
 * `GET /v1/agent/self`: what the service makes of this key and this host name; nothing is written, so that asking is
 * never taken for the agent itself.
 */
export async function agentSelf(ctx: Ctx, query: SelfQuery): Promise<Outcome<SelfAnswer>> {
  const no = mayNotSpeakFor(ctx, query.host);
  if (no) return no;
  if (ctx.principal.kind !== 'client') return refuse('not_allowed');
  const [host] = await hostsNamed(ctx.read, [query.host]);
  const connected = host !== undefined && isConnected(host, ctx.now);
  return done({
    server_time: ctx.now.toISOString(),
    service_version: version,
    scopes: [...ctx.principal.client.scopes],
    bound_host: ctx.principal.client.host ?? null,
    agent:
      host === undefined
        ? null
        : { version: host.version, last_contact_at: host.lastContactAt.toISOString(), connected },
    taken: connected && query.boot_id !== undefined && host.bootId !== query.boot_id,
  });
}

const isConnected = (host: HostRow, now: Date) => now.getTime() - host.lastContactAt.getTime() < leaseMs;
