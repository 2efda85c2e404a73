/** The service without an agent: what daemons need that call it by themselves. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../support/build.ts';
import { endAll, freePort, type Program, start } from './processes.ts';
import { cliFile, openService, type Service } from './service.ts';

export interface Front extends Omit<Service, 'closeService' | 'setPasswords'> {
  /** Readable by every user of the machine. */
  readonly folder: string;
  /** The key that the daemons have: scope `authenticate`. */
  readonly key: string;
  /** An agent for the host of that name, with the same state each time. `more`: its environment besides. */
  startAgent(host: string, more?: Readonly<Record<string, string>>): Promise<Program>;
  /** An account with a password in each of these stores. */
  addAccount(login: string, passwords: Readonly<Record<string, string>>): Promise<string>;
  /** A panel session as the panel opens it: its token. */
  panelSession(login: string, password: string): Promise<string>;
  /** Shuts a login for strangers after so many wrong guesses, for long; `null`: as it was. */
  lockAfter(failures: number | null): Promise<void>;
  /** A file of `deploy/`, with what a site changes in it. */
  deployed(path: string, changes: Readonly<Record<string, string>>): string;
  close(): Promise<void>;
}

/** A file of `deploy/`, with what a site changes in it. */
export function deployedFile(path: string, changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(`${projectRoot}/deploy/${path}`, 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`deploy/${path} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The programs that a test needs. In CI their absence is a failure, not a skip. */
export function missingPrograms(programs: readonly string[]): string | undefined {
  const absent = programs.filter((program) => !existsSync(program));
  if (process.getuid?.() !== 0) absent.push('root');
  if (absent.length === 0) return undefined;
  const sentence = `real daemons are not tested here: missing ${absent.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(sentence);
  return sentence;
}

/**
 * `origin`: as browsers see the site; the service's own address unless said. `more`: the service's environment besides.
 * `daemons`: how sessions are ended at daemons, by host.
 */
export async function openFront(
  origin?: string,
  more: Readonly<Record<string, string>> = {},
  daemons: object = {},
): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-front-'));
  chmodSync(folder, 0o755);
  writeFileSync(`${folder}/daemons.json`, JSON.stringify(daemons), { mode: 0o600 });
  const { closeService, setPasswords, ...service } = await openService(folder, (port) => ({
    GATEHOUSE_ORIGIN: origin ?? `http://localhost:${port}`,
    TRUSTED_PROXIES: '127.0.0.1',
    GATEHOUSE_DAEMONS_FILE: `${folder}/daemons.json`,
    ...more,
  }));
  const { url, client, call, addClient } = service;
  const key = await addClient('daemons', 'authenticate');
  let agentKey: string | undefined;
  const startAgent: Front['startAgent'] = async (host, more = {}) => {
    agentKey ??= await addClient('agents', 'agent', 'authenticate', 'messages');
    const agent = start(process.execPath, [cliFile, 'agent'], {
      env: {
        ...{ ...process.env, LOG_LEVEL: 'info', GATEHOUSE_URL: url, GATEHOUSE_KEY: agentKey },
        GATEHOUSE_HOST: host,
        GATEHOUSE_PAM_ADDRESS: `127.0.0.1:${await freePort()}`,
        GATEHOUSE_PAM_KEY_FILE: `${folder}/pam-${host}.key`,
        GATEHOUSE_STATE_DIR: `${folder}/agent-${host}`,
        ...more,
      },
    });
    await agent.says(/answers PAM on/);
    return agent;
  };

  return {
    ...{ ...service, folder, key, startAgent },
    addAccount: async (login, passwords) => {
      const made = await call<{ id: string }>('POST', '/v1/accounts', { login });
      await setPasswords(made.body.id, passwords);
      return made.body.id;
    },
    panelSession: async (login, password) => {
      const body = { store: 'panel', login, password };
      const answer = await call<{ session?: { token: string } }>('POST', '/v1/authenticate', body, client);
      if (answer.body.session === undefined) throw new Error(JSON.stringify(answer.body));
      return answer.body.session.token;
    },
    lockAfter: async (failures) => {
      const body = { throttle: { lock_failures: failures, free_failures: failures } };
      const { status } = await call('PATCH', '/v1/policy', body);
      if (status !== 200) throw new Error(`the policy was refused: ${status}`);
    },
    deployed: deployedFile,
    close: async () => {
      await closeService();
      await endAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
