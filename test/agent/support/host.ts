/** An agent with everything real but the service: sockets, state files, processes, cgroups. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import type { AgentConfig } from '../../../src/agent/config-shape.ts';
import { type HostAgent, hostAgent } from '../../../src/agent/host-agent.ts';
import type { ProcessRef } from '../../../src/protocol/agent.ts';
import { parsePamKey } from '../../../src/protocol/pam.ts';
import { systemWorld } from '../../../src/world.ts';
import { ask } from './pam-peer.ts';
import {
  cgroupRoot,
  endAll,
  eventually,
  removeDirectory,
  startShell,
  temporaryDirectory,
} from './processes.ts';
import { TestService } from './service.ts';

export class TestHost {
  readonly service = new TestService();
  readonly directory = temporaryDirectory();
  readonly lines: string[] = [];
  agent: HostAgent | undefined;
  port = 0;

  get stateDir(): string {
    return `${this.directory}/state`;
  }

  async startAgent(more: Partial<AgentConfig> = {}): Promise<void> {
    const config = {
      url: this.service.url,
      key: 'ghc_test',
      host: 'web1',
      pamAddress: `127.0.0.1:${this.port}`,
      pamKeyFile: `${this.directory}/pam.key`,
      stateDir: this.stateDir,
      cgroupRoot,
      ...more,
    };
    const log = pino({ level: 'info' }, { write: (line: string) => void this.lines.push(line) });
    this.agent = await hostAgent(config, systemWorld, log);
    this.port = await this.agent.start();
  }

  async start(): Promise<void> {
    await this.service.start();
    await this.startAgent();
    await this.ready();
  }

  ready(): Promise<void> {
    return eventually(() => this.agent?.inTouch() === true);
  }

  async stopAgent(): Promise<void> {
    await this.agent?.stop();
    this.agent = undefined;
  }

  async stop(): Promise<void> {
    await this.stopAgent();
    await this.service.stop();
    await endAll();
    removeDirectory(this.directory);
  }

  ask(fields: Record<string, string | number | undefined>): Promise<Readonly<Record<string, string>>> {
    const key = parsePamKey(readFileSync(`${this.directory}/pam.key`, 'utf8'));
    if (!key) throw new Error('no key');
    const question = { service: 'sshd', store: 'ssh', channel: 'ssh', login: 'alice', pid: process.pid };
    return ask(this.port, key, { ...question, rhost: '192.0.2.7', ...fields });
  }

  /** A session as a daemon begins it: the leader asks, and forks what the script says only afterwards. */
  async session(
    script = 'sleep 600',
    fields: Record<string, string> = {},
  ): Promise<{ id: string; leader: ProcessRef; cgroup: string }> {
    const leader = await startShell(`sleep 0.3; ${script}`);
    const answer = await this.ask({ ask: 'open', pid: leader.pid, ...fields });
    if (!answer.session_id) throw new Error(`not opened: ${JSON.stringify(answer)}`);
    return { id: answer.session_id, leader, cgroup: `${cgroupRoot}/${answer.session_id}` };
  }
}
