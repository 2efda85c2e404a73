/** PostgreSQL and the service as a process of its own: what agents and daemons ask, and what tests ask of it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectRoot } from '../../support/build.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { freePort, type Program, start } from './processes.ts';

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly body: T;
}

export interface SessionSeen {
  readonly id: string;
  readonly account_id: string;
  readonly login: string;
  readonly store: string;
  readonly channel: string;
  readonly host: string | null;
  readonly source_ip: string | null;
  readonly last_seen_at: string;
  readonly ended_at: string | null;
  readonly end_reason: string | null;
}

export interface Service {
  readonly url: string;
  readonly port: number;
  /** Of its PostgreSQL. */
  readonly databaseUrl: string;
  /** Of its programs. */
  readonly env: NodeJS.ProcessEnv;
  /** The operator's token. */
  readonly operator: string;
  /** The panel's key. */
  readonly client: string;
  service(): Program;
  startService(): Promise<void>;
  /** A key with these scopes. */
  addClient(name: string, ...scopes: readonly string[]): Promise<string>;
  /** A request with the operator's token, or another bearer. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    bearer?: string,
  ): Promise<Answer<T>>;
  /** Gives an account a password in each of these stores. */
  setPasswords(accountId: string, passwords: Readonly<Record<string, string>>): Promise<void>;
  live(filter?: string): Promise<SessionSeen[]>;
  /** Ends it, and its database. */
  closeService(): Promise<void>;
}

export const cliFile = `${projectRoot}/dist/main/cli.js`;

/** `folder`: for its data. `more`: its environment besides, which may depend on its port. */
export async function openService(
  folder: string,
  more: (port: number) => Readonly<Record<string, string>> = () => ({}),
): Promise<Service> {
  const database = await freshDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    GATEHOUSE_DATA_DIR: `${folder}/data`,
    PORT: String(port),
    HASH_COST: '10',
    LOG_LEVEL: 'info',
    ...more(port),
  };
  const cli = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [cliFile, ...args, '--json'], { env });
    return JSON.parse(stdout) as Record<string, string>;
  };
  const addClient: Service['addClient'] = async (name, ...scopes) =>
    (await cli('client', 'create', name, '--scope', ...scopes)).key ?? '';
  let service: Program;
  const startService = async () => {
    service = start(process.execPath, [cliFile, 'serve'], { env });
    await service.says(/listening on/, 30_000);
  };
  const [operator = '', client] = await Promise.all([
    cli('operator', 'create', 'root', '--role', 'admin').then(({ token }) => token),
    addClient('panel', 'accounts', 'authenticate', 'sessions'),
    startService(),
  ]);

  const call: Service['call'] = async <T>(
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

  return {
    ...{ url, port, databaseUrl: database.url, env, operator, client, startService, addClient, call },
    service: () => service,
    setPasswords: async (accountId, passwords) => {
      for (const [store, password] of Object.entries(passwords)) {
        const put = await call('PUT', `/v1/accounts/${accountId}/credentials/${store}`, { password });
        if (put.status !== 200) throw new Error(`no credential: ${JSON.stringify(put.body)}`);
      }
    },
    live: async (filter = '') =>
      (await call<{ items: SessionSeen[] }>('GET', `/v1/sessions?live=true&limit=200${filter}`)).body.items,
    closeService: async () => {
      // What it says at an orderly stop nobody hears any more.
      await service.end('SIGKILL');
      await database.drop();
    },
  };
}
