import { listAgents } from '../actions/agents.ts';
import type { Ctx } from '../actions/context.ts';
import type { AgentList } from '../protocol/agent.ts';
import { type Terminal, table, tell } from './output.ts';

/** `gatehouse agents`: the hosts with an agent, as `GET /v1/agents`. */
export async function agents(ctx: Ctx, terminal: Terminal): Promise<number> {
  return tell(terminal, await listAgents(ctx), agentLines);
}

function agentLines({ items, service_version }: AgentList): string[] {
  if (items.length === 0) return ['no agent has ever reported'];
  const rows = items.map((each) => [
    each.host,
    each.connected ? 'connected' : 'AWAY',
    each.last_contact_at,
    each.same_version ? each.version : `${each.version} (service: ${service_version})`,
    String(each.live_sessions),
    String(each.pending_ends),
  ]);
  return table([['host', 'state', 'last heard of', 'release', 'live', 'ends not proved'], ...rows]);
}
