/** Runs the host agent until it is stopped, and asks what an agent asks, once. */
import type { AgentConfig } from '../agent/config-shape.ts';
import { within } from '../agent/deadline.ts';
import { hostAgent } from '../agent/host-agent.ts';
import { faultLine, isUnjudgeable, type MailQuestion, type MailVerdict, Service } from '../agent/service.ts';
import { log } from '../log.ts';
import { systemWorld } from '../world.ts';

/** Resolves once the PAM module of this host can ask. Throws when the address is taken or the key is unfit. */
export async function runAgent(config: AgentConfig): Promise<{ stop(): Promise<void> }> {
  const agent = await hostAgent(config, systemWorld, log.child({ part: 'agent', host: config.host }));
  const port = await agent.start();
  if (config.milter) log.info({ milter: config.milter.address }, 'the host agent answers the mail server');
  if (config.extauth) log.info({ socket: config.extauth }, 'the host agent answers Pure-FTPd');
  log.info({ port, service: config.url }, 'the host agent answers the PAM module');
  return { stop: () => agent.stop() };
}

/** Below the minute that a mail server may wait for a program that it pipes to. */
const askedWithinMs = 50_000;

/** Puts one mail before the service. Throws, in one line, when there is no verdict. */
/** @param Refused what is thrown where the request was refused for what it is (422), so that asking again is in vain. */
export function askOnce(
  url: string,
  key: string,
  Refused: new (message: string) => Error = Error,
): (question: MailQuestion) => Promise<MailVerdict> {
  const service = new Service(url, key);
  return (question) =>
    within(askedWithinMs, new AbortController().signal, (signal) => service.scan(question, signal)).catch(
      (error: unknown) => {
        throw new (isUnjudgeable(error) ? Refused : Error)(faultLine(error));
      },
    );
}
