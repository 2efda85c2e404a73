/** PostgreSQL and the service as a process, without an agent: what daemons need that call it by themselves. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../support/build.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { endAll, freePort, type Program, start } from './processes.ts';
import type { Answer, SessionSeen } from './site.ts';

export interface Front {
  /** Readable by every user of the machine. */
  readonly folder: string;
  readonly url: string;
  readonly operator: string;
  /** The panel's key. */
  readonly client: string;
  /** The key that the daemons have: scope `authenticate`. */
  readonly key: string;
  readonly port: number;
  service(): Program;
  startService(): Promise<void>;
  /** An agent for the host of that name, with the same state each time. `more`: its environment besides. */
  startAgent(host: string, more?: Readonly<Record<string, string>>): Promise<Program>;
  /** A key with these scopes. */
  addClient(name: string, scopes: readonly string[]): string;
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    bearer?: string,
  ): Promise<Answer<T>>;
  /** An account with a password in each of these stores. */
  addAccount(login: string, passwords: Readonly<Record<string, string>>): Promise<string>;
  /** A panel session as the panel opens it: its token. */
  panelSession(login: string, password: string): Promise<string>;
  /** Shuts a login for strangers after so many wrong guesses, for long; `null`: as it was. */
  lockAfter(failures: number | null): Promise<void>;
  live(filter?: string): Promise<SessionSeen[]>;
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
  const database = await freshDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    GATEHOUSE_DATA_DIR: `${folder}/data`,
    GATEHOUSE_ORIGIN: origin ?? `http://localhost:${port}`,
    TRUSTED_PROXIES: '127.0.0.1',
    GATEHOUSE_DAEMONS_FILE: `${folder}/daemons.json`,
    PORT: String(port),
    HASH_COST: '10',
    LOG_LEVEL: 'info',
    ...more,
  };
  writeFileSync(`${folder}/daemons.json`, JSON.stringify(daemons), { mode: 0o600 });
  const bin = `${projectRoot}/dist/main/cli.js`;
  const cli = (args: string[]) =>
    JSON.parse(execFileSync(process.execPath, [bin, ...args, '--json'], { env, encoding: 'utf8' })) as Record<
      string,
      string
    >;
  const operator = cli(['operator', 'create', 'root', '--role', 'admin']).token ?? '';
  const panel =
    cli(['client', 'create', 'panel', '--scope', 'accounts', 'authenticate', 'sessions']).key ?? '';
  const key = cli(['client', 'create', 'daemons', '--scope', 'authenticate']).key ?? '';
  let service: Program;
  const startService = async () => {
    service = start(process.execPath, [bin, 'serve'], { env });
    await service.says(/listening on/, 30_000);
  };
  await startService();

  const call: Front['call'] = async <T>(
    method: string,
    path: string,
    body?: unknown,
    bearer = operator,
  ): Promise<Answer<T>> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
  };

  const addClient: Front['addClient'] = (name, scopes) =>
    cli(['client', 'create', name, '--scope', ...scopes]).key ?? '';
  let agentKey: string | undefined;
  const startAgent: Front['startAgent'] = async (host, more = {}) => {
    agentKey ??= addClient('agents', ['agent', 'authenticate', 'messages']);
    const agent = start(process.execPath, [bin, 'agent'], {
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
    ...{ operator, addClient, startAgent, folder, url, client: panel, key, port, startService, call },
    service: () => service,
    addAccount: async (login, passwords) => {
      const made = await call<{ id: string }>('POST', '/v1/accounts', { login });
      for (const [store, password] of Object.entries(passwords)) {
        const put = await call('PUT', `/v1/accounts/${made.body.id}/credentials/${store}`, { password });
        if (put.status !== 200) throw new Error(`no credential: ${JSON.stringify(put.body)}`);
      }
      return made.body.id;
    },
    panelSession: async (login, password) => {
      const body = { store: 'panel', login, password };
      const answer = await call<{ session?: { token: string } }>('POST', '/v1/authenticate', body, panel);
      if (answer.body.session === undefined) throw new Error(JSON.stringify(answer.body));
      return answer.body.session.token;
    },
    lockAfter: async (failures) => {
      const body = { throttle: { lock_failures: failures, free_failures: failures } };
      const { status } = await call('PATCH', '/v1/policy', body);
      if (status !== 200) throw new Error(`the policy was refused: ${status}`);
    },
    live: async (filter = '') =>
      (await call<{ items: SessionSeen[] }>('GET', `/v1/sessions?live=true&limit=200${filter}`)).body.items,
    deployed: deployedFile,
    close: async () => {
      await service.end();
      await endAll();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
