/** Runs the host agent until it is stopped. */
import type { AgentConfig } from '../agent/config-shape.ts';
import { hostAgent } from '../agent/host-agent.ts';
import { log } from '../log.ts';
import { systemWorld } from '../world.ts';

/** Resolves once the PAM module of this host can ask. Throws when the address is taken or the key is unfit. */
export async function runAgent(config: AgentConfig): Promise<{ stop(): Promise<void> }> {
  const agent = await hostAgent(config, systemWorld, log.child({ part: 'agent', host: config.host }));
  const port = await agent.start();
  if (config.milter) log.info({ milter: config.milter.address }, 'the host agent answers the mail server');
  log.info({ port, service: config.url }, 'the host agent answers the PAM module');
  return { stop: () => agent.stop() };
}
