/** A house on a database of its own, with a still clock and cheap hashes; and more nodes of it, on other pools. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../../src/actions/accounts.ts';
import { authenticate } from '../../src/actions/authenticate.ts';
import { type Ctx, enter, type House, type Principal } from '../../src/actions/context.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { createClient, createOperator } from '../../src/actions/principals.ts';
import { publicPages } from '../../src/console/public-pages.ts';
import { noDisconnector } from '../../src/disconnect/disconnector.ts';
import type { StoreName } from '../../src/domain/channels/index.ts';
import type { Pepper } from '../../src/domain/keyring.ts';
import type { Outcome } from '../../src/domain/refusal.ts';
import { tokenHash } from '../../src/domain/token.ts';
import { createHashing, type Hashing } from '../../src/hashing/pool.ts';
import { createVerified } from '../../src/hashing/verified.ts';
import { createHooks } from '../../src/hooks/index.ts';
import { createApp } from '../../src/http/app.ts';
import { createOrderStreams, type OrderStreams } from '../../src/http/order-streams.ts';
import { createJudging } from '../../src/judging/judging.ts';
import { mailFiles } from '../../src/mail/files.ts';
import { sealerOf } from '../../src/main/house.ts';
import { hashesComputed } from '../../src/metrics.ts';
import { type CourierOptions, httpCourier } from '../../src/outbound/courier.ts';
import {
  type AuthenticateAnswer,
  type AuthenticateRequest,
  authenticateRequest,
  type ClientScope,
  type Role,
} from '../../src/protocol/api.ts';
import { createChecks } from '../../src/store/checks.ts';
import { type Database, openDatabase } from '../../src/store/db.ts';
import { createTouches } from '../../src/store/touches.ts';
import { createStrength } from '../../src/strength/strength.ts';
import { systemWorld, type World } from '../../src/world.ts';
import { freshDatabase } from './postgres.ts';

export const password = 'plain words that nobody guesses';
export const home = '198.51.100.7';

/** One a process: its lists and its thread are the same for all. */
const strength = createStrength({ words: ['acmehost'], breachSet: undefined });

/** Likewise; its thread ends when nobody needs it. */
const judging = createJudging();

const pepper: Pepper = { id: 'p1', key: Buffer.alloc(32, 7) };
const keyring = { pepper: { current: pepper, byId: (id: string) => (id === 'p1' ? pepper : undefined) } };

export const panel: Principal = {
  kind: 'client',
  client: {
    id: 'cli_panel',
    name: 'panel',
    scopes: ['accounts', 'authenticate', 'sessions'],
    host: null,
  },
};
/** The key of a host's agent, bound to that host. */
export const agentOf = (host: string): Principal => ({
  kind: 'client',
  client: { id: `cli_${host}`, name: host, scopes: ['agent'], host },
});
export const admin: Principal = {
  kind: 'operator',
  operator: { id: 'opr_admin', login: 'root', role: 'admin' },
};

export interface EventRow {
  readonly seq: number;
  readonly kind: string;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly account_id: string | null;
  readonly session_id: string | null;
  readonly order_id: string | null;
  readonly source: string | null;
  readonly detail: Record<string, unknown> | null;
}

export type SessionRow = Record<string, unknown> & {
  readonly id: string;
  /** As PostgreSQL writes it. */
  readonly ended_at: string | null;
  readonly end_reason: string | null;
  readonly door_state: string | null;
};

export type Guess = Partial<AuthenticateRequest> & { readonly login: string };

export interface TestNode {
  readonly house: House;
  /** For the few tests that need a socket. */
  readonly app: ReturnType<typeof createApp>;
  readonly streams: OrderStreams;
  ctx(principal: Principal): Ctx;
  /** Judges a login as the panel would; FTP from `home` with the right password unless said otherwise. */
  guess(input: Guess): Promise<AuthenticateAnswer>;
  /** A request without a socket. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
}

export interface RequestOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestHouse extends TestNode {
  readonly url: string;
  /** Where sent mail lies, one file a mail. */
  readonly mailFolder: string;
  /** Does what was put off because nobody waits for it. */
  afterwards(): Promise<void>;
  readonly database: Database;
  pass(ms: number): void;
  now(): number;
  /** Another node: its own pool, look-ups and caches; the same database, clock and hash threads. */
  node(): TestNode;
  /** An account with these credentials, all with the same password unless one is said. */
  account(login: string, stores?: Partial<Record<StoreName, string>>): Promise<string>;
  operator(role: Role): Promise<{ id: string; token: string }>;
  client(scopes: readonly ClientScope[], host?: string): Promise<{ id: string; token: string }>;
  events(kind?: string): Promise<EventRow[]>;
  session(id: string): Promise<SessionRow>;
  /** Hashes computed since the last call, by all purposes that judge a login. */
  hashesSince(): Promise<number>;
  close(): Promise<void>;
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`);
}

/** The session that an answer opened. */
export function opened(answer: AuthenticateAnswer): { id: string; token: string } {
  if (answer.decision !== 'allow' || answer.session === undefined)
    throw new Error(`no session: ${JSON.stringify(answer)}`);
  return answer.session;
}

export const hexHash = (token: string): string => tokenHash(token).toString('hex');

/** One a file: `const house = await fitTestHouse(); afterAll(house.close)`. */
export async function fitTestHouse(
  options: { pool?: number; cost?: number; threads?: number; courier?: CourierOptions } = {},
): Promise<TestHouse> {
  const fresh = await freshDatabase();
  let passed = 0;
  const startedAt = Date.UTC(2026, 0, 5, 12);
  const now = () => startedAt + passed;
  const world: World = {
    ...systemWorld,
    now: () => new Date(now()),
    monotonicMs: () => passed,
  };
  const hashing = await createHashing({
    ...{ threads: options.threads ?? 1, cost: options.cost ?? 4, engine: 'auto', keyring },
    // The threads' own speed is measured with a real clock, and nothing here waits long.
    ...{ world: systemWorld, maxWaitMs: 60_000 },
  });
  const open: Database[] = [];
  const later: (() => Promise<void>)[] = [];
  const mailFolder = mkdtempSync(join(tmpdir(), 'gatehouse-mails-'));
  const another = (pool: number) =>
    makeNode(fresh.url, pool, hashing, world, open, mailFolder, later, options.courier);
  const first = another(options.pool ?? 10);
  const { database } = first.house;
  const console: Principal = { kind: 'console', user: 'root' };
  let counted = 0;

  return {
    ...first,
    url: fresh.url,
    mailFolder,
    afterwards: async () => {
      for (const work of later.splice(0)) await work();
    },
    database,
    now,
    pass: (ms) => {
      passed += ms;
    },
    node: () => another(5),
    account: async (login, stores = { ftp: password }) => {
      const { id } = value(await createAccount(first.ctx(console), { login }));
      for (const [store, secret] of Object.entries(stores)) {
        value(await setCredential(first.ctx(console), id, store as StoreName, { password: secret }));
      }
      return id;
    },
    operator: async (role) => {
      const login = `${role}-${systemWorld.random(4).toString('hex')}`;
      return value(await createOperator(first.ctx(console), { login, role }));
    },
    client: async (scopes, host) => {
      const name = `client-${systemWorld.random(4).toString('hex')}`;
      const bound = host === undefined ? {} : { host };
      const made = value(await createClient(first.ctx(console), { name, scopes, ...bound }));
      return { id: made.id, token: made.key };
    },
    events: (kind) =>
      database.sql<EventRow[]>`
        select seq::int, kind, actor_kind, actor_id, account_id, session_id, order_id, source, detail
          from audit_events where ${kind === undefined ? database.sql`true` : database.sql`kind = ${kind}`}
         order by seq`,
    session: async (id) => {
      const [row] = await database.sql<SessionRow[]>`select * from sessions where id = ${id}`;
      if (row === undefined) throw new Error(`no session ${id}`);
      return row;
    },
    hashesSince: async () => {
      const { values } = await hashesComputed.get();
      const total = values
        .filter(({ labels }) => labels.purpose !== 'create')
        .reduce((sum, each) => sum + each.value, 0);
      const since = total - counted;
      counted = total;
      return since;
    },
    close: async () => {
      await Promise.all(open.map((each) => each.close()));
      await hashing.close();
      await fresh.drop();
      rmSync(mailFolder, { recursive: true, force: true });
    },
  };
}

function makeNode(
  url: string,
  pool: number,
  hashing: Hashing,
  world: World,
  open: Database[],
  mailFolder: string,
  later: (() => Promise<void>)[],
  courier: CourierOptions = { allow: [] },
): TestNode {
  const database = openDatabase(url, { pool });
  open.push(database);
  const house: House = {
    ...{ world, database, hashing },
    checks: createChecks(database),
    touches: createTouches(database),
    verified: createVerified({ world }),
    digestKey: Buffer.alloc(32, 9),
    sealer: sealerOf(keyring, world),
    strength,
    judging,
    detector: { ownDomains: ['host.test'], authservIds: ['mx.host.test'] },
    // Kept until a test wants it done: elsewhere it is done when nothing else is.
    afterwards: { later: (work) => later.push(work), stop: async () => {} },
    courier: httpCourier(courier),
    mail: mailFiles(mailFolder, 'Gatehouse <gatehouse@host.test>'),
    disconnector: noDisconnector,
    origin: 'http://localhost:8080',
    passkeys: { id: 'localhost', origins: ['http://localhost:8080'] },
  };
  const ctx = (principal: Principal) => enter(house, principal, 'req_test');
  const streams = createOrderStreams(() => ctx({ kind: 'system' }), world.monotonicMs);
  const app = createApp({
    ...{ house, streams, version: 'test' },
    doors: [
      createHooks({ house, proxies: ['127.0.0.0/8'] }),
      publicPages({ house, proxies: ['127.0.0.0/8'] }),
    ],
  });
  return {
    house,
    app,
    streams,
    ctx,
    guess: async (input) => {
      const defaults = { store: 'ftp', password, source_ip: home };
      return value(await authenticate(ctx(panel), authenticateRequest.parse({ ...defaults, ...input })));
    },
    request: async (method, path, { token, body, headers = {} } = {}) =>
      app.request(`http://localhost${path}`, {
        method,
        headers: {
          host: 'localhost',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}
