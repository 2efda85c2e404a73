/** What the environment says: read once, checked whole, every fault named at once. Nothing else reads it. */
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { DetectorSettings } from '../actions/context.ts';
import type { MilterConfig } from '../agent/config-shape.ts';
import type { RelyingParty } from '../domain/passkey.ts';
import { Secret } from '../domain/secret.ts';
import { agentEnvironment, isHostMachine } from './agent-env.ts';
import { clientKey, fileFaults, keyFaults, readKeyFile } from './config-files.ts';
import { detectorOf, mailFields, smtpUrl } from './config-mail.ts';
import { milterConfig, milterFields } from './config-milter.ts';
import { type Daemons, readDaemons } from './daemons.ts';
import { isLoopback, loopbackAddress } from './loopback.ts';
import { relyingParty } from './relying-party.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown for a wrong environment; `faults` names every variable that is wrong, the message lists them. */
export class ConfigError extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const whole = (min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);

const secret = (shape: z.ZodType<string, string>) => shape.transform((text) => new Secret(text));

const urlOf = (text: string) => (URL.canParse(text) ? new URL(text) : undefined);

/** Plain http gives passwords away to everyone on the way; on loopback there is nobody on the way. */
const safeUrl = z.string().refine((text) => {
  const url = urlOf(text);
  return (
    url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
  );
}, 'must be an https URL (http on loopback only)');

const origin = safeUrl
  .refine((text) => {
    const url = urlOf(text);
    return url !== undefined && url.pathname === '/' && !url.search && !url.hash && !url.username;
  }, 'must be an origin alone, like https://login.example.net')
  .transform((text) => new URL(text).origin);

const origins = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(origin));

/** Browsers refuse passkeys for a bare suffix, like `com`; which suffixes are public they know better than we do. */
const domain = z
  .string()
  .toLowerCase()
  .regex(
    /^(localhost|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)$/,
    'must be a domain, like example.net',
  );

const postgresUrl = z.string().refine((text) => {
  const protocol = urlOf(text)?.protocol;
  return protocol === 'postgres:' || protocol === 'postgresql:';
}, 'must be a postgres:// URL');

const ranges = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .refine(
    (list) => list.every((part) => ipaddr.isValid(part) || ipaddr.isValidCIDR(part)),
    'must be addresses or CIDR ranges, separated by commas',
  )
  // Everybody as a proxy means that anybody may claim any address; everywhere for webhooks, that anything is reached.
  .refine((list) => !list.some((part) => part.endsWith('/0')), 'must not be every address');

const store = {
  DATABASE_URL: secret(postgresUrl).optional(),
  DATABASE_POOL: whole(1, 1000).default(() => Math.max(5, Math.min(2 * availableParallelism() + 1, 10))),
  GATEHOUSE_DATA_DIR: z.string().default('./data'),
  GATEHOUSE_KEYS_FILE: z.string().optional(),
  SMTP_URL: secret(smtpUrl).optional(),
  BREACH_SET: z.string().optional(),
  WEBHOOK_ALLOW: ranges.default([]),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
};

const serve = {
  ...store,
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(8080),
  GATEHOUSE_ORIGIN: origin.optional(),
  PASSKEY_DOMAIN: domain.optional(),
  PASSKEY_ORIGINS: origins.default([]),
  TRUSTED_PROXIES: ranges.default([]),
  ...mailFields,
  GATEHOUSE_DAEMONS_FILE: z.string().optional(),
  HASH_THREADS: whole(1, 256).default(() => availableParallelism()),
  HASH_COST: whole(10, 15).default(11),
  HASH_ENGINE: z.enum(['auto', 'libcrypt', 'bcryptjs']).default('auto'),
};

/** The kernel takes 107 bytes. */
const socketPath = z
  .string()
  .regex(/^\/[\w./-]{1,99}$/, 'must be the path of a socket, like /run/gatehouse-agent/pure-ftpd.sock');

/** Whom a program of ours asks, and as whom. */
const caller = {
  GATEHOUSE_URL: safeUrl.transform((text) => text.replace(/\/+$/, '')),
  GATEHOUSE_KEY: secret(clientKey).optional(),
  GATEHOUSE_KEY_FILE: z.string().optional(),
};

const agent = {
  ...caller,
  GATEHOUSE_HOST: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/, 'must be a host name')
    .default(() => hostname()),
  GATEHOUSE_PAM_ADDRESS: loopbackAddress.default('127.0.0.1:7422'),
  GATEHOUSE_PAM_KEY_FILE: z.string().default('/etc/gatehouse/pam.key'),
  GATEHOUSE_STATE_DIR: z.string().default('/var/lib/gatehouse-agent'),
  GATEHOUSE_CGROUP_ROOT: z.string().optional(),
  GATEHOUSE_METRICS_ADDRESS: loopbackAddress.optional(),
  GATEHOUSE_EXTAUTH: socketPath.optional(),
  ...milterFields,
  LOG_LEVEL: store.LOG_LEVEL,
};

export interface StoreConfig {
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  databaseUrl: Secret | undefined;
  databasePool: number;
  dataDir: string;
  keysFile: string;
  /** Undefined: files under `dataDir` in embedded mode, no mail otherwise. */
  smtpUrl: Secret | undefined;
  /** Passwords that are known to have leaked: a folder of range files, or one sorted file. */
  breachSet: string | undefined;
  /** Networks that webhooks may reach though they are not public, and without TLS. */
  webhookAllow: string[];
  logLevel: string;
}

export interface ServeConfig extends StoreConfig {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Scheme, host and port under which browsers know us: for links in mails, and for passkeys. */
  origin: string;
  passkeys: RelyingParty;
  mailFrom: string;
  /** The host's own words (brand, products): no password is made of them. */
  words: string[];
  /** What the detector of password requests is told of this host. */
  detector: DetectorSettings;
  /** How sessions are ended at daemons that no agent is beside, by host. */
  daemons: Daemons;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` counts. */
  trustedProxies: string[];
  hashThreads: number;
  /** log2 of bcrypt's rounds. */
  hashCost: number;
  hashEngine: 'auto' | 'libcrypt' | 'bcryptjs';
}

export interface CallerConfig {
  /** Without a slash at the end. */
  url: string;
  key: Secret;
}

export interface AgentConfig extends CallerConfig {
  /** The host's name, as sessions and orders call it. */
  host: string;
  /** `address:port`, on loopback. */
  pamAddress: string;
  pamKeyFile: string;
  stateDir: string;
  /** Absent: found by the agent. */
  cgroupRoot?: string;
  metricsAddress?: string;
  /** Where Pure-FTPd asks; absent: it does not. */
  extauth?: string;
  milter?: MilterConfig;
  logLevel: string;
}

/** For the commands that open the database. @throws ConfigError */
export function readStoreConfig(env: Environment = process.env): StoreConfig {
  return storeConfig(read(store, env));
}

/** For `gatehouse serve`. @throws ConfigError */
export function readServeConfig(env: Environment = process.env): ServeConfig {
  const said = read(serve, env, fileFaults('GATEHOUSE_DAEMONS_FILE', env, readDaemons));
  const origin = said.GATEHOUSE_ORIGIN ?? `http://localhost:${said.PORT}`;
  const { party, faults } = relyingParty(origin, said.PASSKEY_DOMAIN, said.PASSKEY_ORIGINS);
  if (faults.length > 0) throw new ConfigError([...faults]);
  return {
    ...storeConfig(said),
    host: said.HOST,
    port: said.PORT,
    origin,
    mailFrom: said.MAIL_FROM ?? `Gatehouse <gatehouse@${new URL(origin).hostname}>`,
    words: said.GATEHOUSE_WORDS,
    detector: detectorOf(said, origin),
    daemons: said.GATEHOUSE_DAEMONS_FILE === undefined ? {} : readDaemons(said.GATEHOUSE_DAEMONS_FILE),
    passkeys: party,
    trustedProxies: said.TRUSTED_PROXIES,
    hashThreads: said.HASH_THREADS,
    hashCost: said.HASH_COST,
    hashEngine: said.HASH_ENGINE,
  };
}

/** For `gatehouse agent`. @throws ConfigError */
export function readAgentConfig(env: Environment = process.env): AgentConfig {
  const said = read(agent, env, keyFaults(env));
  return {
    ...callerConfig(said),
    host: said.GATEHOUSE_HOST,
    pamAddress: said.GATEHOUSE_PAM_ADDRESS,
    pamKeyFile: said.GATEHOUSE_PAM_KEY_FILE,
    stateDir: said.GATEHOUSE_STATE_DIR,
    ...(said.GATEHOUSE_CGROUP_ROOT && { cgroupRoot: said.GATEHOUSE_CGROUP_ROOT }),
    ...(said.GATEHOUSE_METRICS_ADDRESS && { metricsAddress: said.GATEHOUSE_METRICS_ADDRESS }),
    ...(said.GATEHOUSE_EXTAUTH && { extauth: said.GATEHOUSE_EXTAUTH }),
    ...milterConfig(said),
    logLevel: said.LOG_LEVEL,
  };
}

/** For commands that ask the service as a client. @throws ConfigError */
export function readCallerConfig(env: Environment = process.env): CallerConfig {
  return callerConfig(read(caller, env, keyFaults(env)));
}

const callerConfig = (said: z.infer<z.ZodObject<typeof caller>>): CallerConfig => ({
  url: said.GATEHOUSE_URL,
  key: said.GATEHOUSE_KEY ?? new Secret(readKeyFile(said.GATEHOUSE_KEY_FILE ?? '')),
});

/** For `gatehouse doctor` at a host's shell: `file` is the agent's environment file. @throws ConfigError */
export const readHostConfig = (file: string | undefined, env: Environment = process.env): AgentConfig =>
  readAgentConfig(agentEnvironment(file, env));

/** Whether the environment, or the file of an agent, says that this is a hosting machine. */
export const seemsHost = (env: Environment = process.env): boolean => isHostMachine(env);

function read<Shape extends z.ZodRawShape>(shape: Shape, env: Environment, faults: string[] = []) {
  // An empty variable is one that was not set: that is how compose files and unit files leave one out.
  const said = Object.fromEntries(
    Object.keys(shape)
      .map((name) => [name, env[name]?.trim()])
      .filter(([, text]) => text),
  );
  const parsed = z.object(shape).safeParse(said);
  const found = parsed.success ? [] : firstOfEach(parsed.error.issues).map((issue) => faultOf(issue, said));
  if (!parsed.success || faults.length > 0) throw new ConfigError([...found, ...faults]);
  return parsed.data;
}

function firstOfEach(issues: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.filter((issue, i) => issues.findIndex(({ path }) => path[0] === issue.path[0]) === i);
}

/** Never quotes the value: it may be a secret in the wrong place. */
function faultOf(issue: z.core.$ZodIssue, said: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  if (!(name in said)) return `${name} must be set`;
  return `${name} ${issue.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue.message}`;
}

function storeConfig(said: z.infer<z.ZodObject<typeof store>>): StoreConfig {
  const dataDir = resolve(said.GATEHOUSE_DATA_DIR);
  return {
    databaseUrl: said.DATABASE_URL,
    databasePool: said.DATABASE_POOL,
    dataDir,
    keysFile: resolve(said.GATEHOUSE_KEYS_FILE ?? join(dataDir, 'keys.json')),
    smtpUrl: said.SMTP_URL,
    breachSet: said.BREACH_SET && resolve(said.BREACH_SET),
    webhookAllow: said.WEBHOOK_ALLOW,
    logLevel: said.LOG_LEVEL,
  };
}
