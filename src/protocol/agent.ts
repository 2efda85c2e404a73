/** The link between a host agent and the service: JSON over HTTP, snake_case. Requests are strict; answers may grow. */
import { z } from 'zod';

const word = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/);
const text = (max: number) => z.string().min(1).max(max);
const moment = z.iso.datetime({ offset: true });
const seconds = z.number().int().min(0).max(2_000_000_000);
const hostName = text(255);
/** A session's id names a directory and a file on the host: no slash and no dot may ever be in one. */
export const sessionId = z.string().regex(/^ses_[A-Za-z0-9_-]{1,64}$/);

/** One process for certain: a pid alone is reused, and a start time alone repeats after a reboot. */
export const processRef = z.strictObject({
  pid: z.number().int().min(2).max(4_194_304),
  /** Field 22 of /proc/PID/stat, clock ticks since boot, in decimal. */
  start: z.string().regex(/^\d{1,20}$/),
  boot_id: z.string().regex(/^[0-9a-f-]{36}$/),
});

/** What an authentication was judged against: the agent hands it back as it came. */
export const verified = z.object({
  credential_id: text(64),
  epoch: z.number().int().min(0),
  app_password_id: text(64).optional(),
  grant_id: text(64).optional(),
});
/** A second factor is owed; `kinds` that can be shown. */
export const challengeRef = z.object({ id: text(64), kinds: z.array(z.string().max(32)).max(8) });
/** As `ssh-keygen -l` shows it. */
export const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);
const method = z.enum(['password', 'publickey', 'other']);

/** `POST /v1/agent/door`: is this door open to somebody from there, whoever he is? Asked before a password is. */
export const doorRequest = z.strictObject({
  host: hostName,
  store: word,
  login: text(255),
  channel: word,
  source_ip: z.union([z.ipv4(), z.ipv6()]).optional(),
});

export const doorAnswer = z.object({
  open: z.boolean(),
  /** Said to the person where it is shut: what to use instead. */
  message: z.string().max(200).optional(),
});

/** `POST /v1/agent/account`: may this login, proved by whatever the daemon proved it with, come in at all? */
export const accountRequest = z.strictObject({
  host: hostName,
  store: word,
  login: text(255),
  channel: word,
  source_ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  method,
});

export const accountAnswer = z.object({
  decision: z.enum(['allow', 'deny', 'unknown']),
  reason: z.string().max(64).optional(),
});

/**
 * `POST /v1/agent/factor`: sshd took a key of this login; its second factor is still to be shown. A challenge is
 * redeemed as any other. Without a second factor: `allow`, or `deny` where one is needed.
 */
export const factorRequest = z.strictObject({
  host: hostName,
  store: word,
  login: text(255),
  channel: word,
  source_ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  ssh_key: fingerprint.optional(),
  code_needed: z.boolean(),
});

export const factorAnswer = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('allow'), verified }),
  z.object({ decision: z.literal('challenge'), challenge: challengeRef }),
  z.object({ decision: z.literal('deny'), reason: z.string().max(64) }),
  z.object({ decision: z.literal('unknown') }),
]);

/** `POST /v1/agent/ssh-keys`: may this login come in with the key of this fingerprint? Then sshd needs the key itself. */
export const keyRequest = z.strictObject({ host: hostName, login: text(255), fingerprint });

export const keyAnswer = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('allow'),
    key: z.object({
      id: text(64),
      type: text(64),
      /** base64 */
      key: text(2048),
      source: text(64).nullable(),
      expires_at: moment.nullable(),
    }),
  }),
  z.object({ decision: z.literal('deny') }),
]);

/** `POST /v1/agent/sessions`: opens a session, asked while the daemon waits. `adopted` ones began unseen. */
export const openRequest = z.strictObject({
  host: hostName,
  store: word,
  login: text(255),
  channel: word,
  source_ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  source_port: z.number().int().min(1).max(65_535).optional(),
  method,
  /** What the authentication was judged against; the service refuses when it no longer stands. */
  verified: z.strictObject(verified.shape).optional(),
  /** The key that sshd accepted. */
  ssh_key: fingerprint.optional(),
  process: processRef,
  adopted: z.boolean().optional(),
  opened_at: moment.optional(),
});

const openedSession = z.object({
  id: sessionId,
  account_id: text(64),
  login: text(255),
  store: word,
  channel: word,
  opened_at: moment,
  idle_seconds: seconds,
  absolute_expires_at: moment,
});

export const openAnswer = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('allow'), session: openedSession }),
  z.object({ decision: z.literal('deny'), reason: z.string().max(64) }),
  z.object({ decision: z.literal('unknown') }),
]);

/**
 * `GET /v1/agent/self?host=`: what the service makes of the key that asks, for `gatehouse doctor` on a host. Changes
 * nothing; `taken` says that another machine speaks under that host's name now.
 */
export const selfQuery = z.strictObject({ host: hostName, boot_id: processRef.shape.boot_id.optional() });

export const selfAnswer = z.object({
  server_time: moment,
  service_version: text(64),
  scopes: z.array(z.string()),
  /** The host that the key is bound to. */
  bound_host: z.string().nullable(),
  agent: z.object({ version: z.string(), last_contact_at: moment, connected: z.boolean() }).nullable(),
  taken: z.boolean(),
});

/** `GET /v1/agents`: the hosts whose agents have ever reported. */
export const agentList = z.object({
  service_version: text(64),
  items: z.array(
    z.object({
      host: z.string(),
      /** The release that its agent runs, and whether that is the one of the node that answers. */
      version: z.string(),
      same_version: z.boolean(),
      /** Heard from within its lease; else nobody can log in there. */
      connected: z.boolean(),
      last_contact_at: moment,
      live_sessions: z.number().int(),
      /** Sessions that are over and whose end the host has not proved. */
      pending_ends: z.number().int(),
    }),
  ),
});

/** `POST /v1/agent/hello`: said after each connect, so that both sides know what the other believes to be live. */
export const helloRequest = z.strictObject({
  host: hostName,
  boot_id: processRef.shape.boot_id,
  version: text(64),
  sessions: z.array(sessionId).max(100_000),
});

/** A session as its agent is to know it. */
const hostSession = z.object({
  id: sessionId,
  login: text(255),
  store: word,
  channel: word,
  idle_seconds: seconds,
  absolute_expires_at: moment,
  opened_at: moment,
  last_seen_at: moment,
  process: processRef.nullable(),
  /** Its daemon named the process; the agent has not seen it begin. */
  followed: z.boolean().optional(),
  /** The client's end of the connection, where that is known. */
  source: z.object({ ip: z.union([z.ipv4(), z.ipv6()]), port: z.number().int() }).nullish(),
});

export const helloAnswer = z.object({
  server_time: moment,
  lease_seconds: z.number().int().min(1).max(3600),
  sessions: z.array(hostSession),
});

/** `event: session`: a daemon let somebody in and named the process; the agent takes it up. Hello says it again. */
export const sessionEvent = hostSession;

const seen = z.strictObject({
  session_id: sessionId,
  last_seen_at: moment,
  /** Said when an ssh session turns out to be file transfer, or no longer nothing else. */
  channel: word.optional(),
});

const gone = z.strictObject({
  session_id: sessionId,
  at: moment,
  /** `closed`: it ended by itself. `lost`: it never properly began, or ended unseen. */
  reason: z.enum(['closed', 'idle', 'absolute', 'lost']),
  proved: z.boolean(),
  detail: z.string().max(500),
});

const receipt = z.strictObject({
  session_id: sessionId,
  state: z.enum(['ended', 'not_proven']),
  at: moment,
  detail: z.string().max(500),
});

/** How many entries of each kind one report may carry; the agent sends the rest in the next. */
export const reportLimit = 1000;

/** `POST /v1/agent/reports`: repeated until answered 200, so every entry may arrive twice. */
export const reportsRequest = z.strictObject({
  host: hostName,
  seen: z.array(seen).max(reportLimit),
  gone: z.array(gone).max(reportLimit),
  receipts: z.array(receipt).max(reportLimit),
});

export const reportsAnswer = z.object({
  accepted: z.number().int().min(0),
  unknown: z.array(sessionId),
});

/** `event: order`: end this session, whatever it takes. Delivered until a receipt `ended` came back. */
export const orderEvent = z.object({
  session_id: sessionId,
  order_id: z.string().max(64).nullable(),
  reason: z.string().max(500),
  process: processRef.nullable(),
  followed: z.boolean().optional(),
});

/** `event: clocks`: the policy changed; these are the new ends. */
export const clocksEvent = z.object({
  sessions: z.array(z.object({ session_id: sessionId, idle_seconds: seconds, absolute_expires_at: moment })),
});

/** Comment lines that keep the stream of orders known to be alive, and the silence taken for a break. */
export const beatMs = 5_000;
export const silenceMs = 15_000;

export type ProcessRef = z.infer<typeof processRef>;
export type DoorRequest = z.infer<typeof doorRequest>;
export type DoorAnswer = z.infer<typeof doorAnswer>;
export type AccountRequest = z.infer<typeof accountRequest>;
export type AccountAnswer = z.infer<typeof accountAnswer>;
export type FactorRequest = z.infer<typeof factorRequest>;
export type FactorAnswer = z.infer<typeof factorAnswer>;
export type KeyRequest = z.infer<typeof keyRequest>;
export type KeyAnswer = z.infer<typeof keyAnswer>;
export type VerifiedRef = z.infer<typeof verified>;
export type OpenRequest = z.infer<typeof openRequest>;
export type OpenAnswer = z.infer<typeof openAnswer>;
export type OpenedSession = z.infer<typeof openedSession>;
export type SelfQuery = z.infer<typeof selfQuery>;
export type SelfAnswer = z.infer<typeof selfAnswer>;
export type AgentList = z.infer<typeof agentList>;
export type HelloRequest = z.infer<typeof helloRequest>;
export type HelloAnswer = z.infer<typeof helloAnswer>;
export type SeenReport = z.infer<typeof seen>;
export type GoneReport = z.infer<typeof gone>;
export type Receipt = z.infer<typeof receipt>;
export type ReportsRequest = z.infer<typeof reportsRequest>;
export type ReportsAnswer = z.infer<typeof reportsAnswer>;
export type HostSession = z.infer<typeof hostSession>;
export type OrderEvent = z.infer<typeof orderEvent>;
export type ClocksEvent = z.infer<typeof clocksEvent>;
