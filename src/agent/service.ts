/** The service's endpoints for agents, over HTTP. Anything but a 200 of the agreed shape is a throw: no decision. */
import { z } from 'zod';
import {
  type AccountAnswer,
  type AccountRequest,
  accountAnswer,
  challengeRef,
  type DoorAnswer,
  type DoorRequest,
  doorAnswer,
  type FactorAnswer,
  type FactorRequest,
  factorAnswer,
  type HelloAnswer,
  type HelloRequest,
  helloAnswer,
  type KeyAnswer,
  type KeyRequest,
  keyAnswer,
  type OpenAnswer,
  type OpenRequest,
  openAnswer,
  type ReportsAnswer,
  type ReportsRequest,
  reportsAnswer,
  type SelfAnswer,
  type SelfQuery,
  selfAnswer,
  verified,
} from '../protocol/agent.ts';
import { orAborted } from './deadline.ts';

const authenticateAnswer = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('allow'),
    verified,
    unix: z
      .object({ uid: z.number(), gid: z.number(), home: z.string(), shell: z.string().nullable() })
      .optional(),
  }),
  z.object({ decision: z.literal('challenge'), challenge: challengeRef }),
  z.object({
    decision: z.literal('deny'),
    reason: z.string().max(64),
    message: z.string().max(200).optional(),
  }),
  z.object({ decision: z.literal('throttled'), retry_after_seconds: z.number() }),
]);
export type AuthenticateAnswer = z.infer<typeof authenticateAnswer>;

export interface AuthenticateQuestion {
  readonly store: string;
  readonly login: string;
  readonly password?: string;
  readonly name_unknown?: true;
  readonly channel: string;
  readonly host: string;
  readonly source_ip?: string;
  readonly can_ask?: true;
  readonly read_only_enforced?: true;
  readonly open_session: false;
}

export interface CodeQuestion {
  readonly challenge_id: string;
  readonly kind: 'totp' | 'recovery_code';
  readonly code: string;
}

/** What is read of the answer to a scan; more of it is for those who look at flags. */
const mailVerdict = z.object({
  verdict: z.enum(['password_request', 'clear']),
  solicited: z.boolean(),
  score: z.number().min(0).max(1),
  flagged: z.boolean(),
  flag_id: z.string().max(80).optional(),
  signals: z
    .array(z.object({ name: z.string().max(80), weight: z.number() }))
    .max(200)
    .readonly(),
});
export type MailVerdict = z.infer<typeof mailVerdict>;

export interface MailQuestion {
  /** RFC 5322, at most 25 MB. */
  readonly raw: Buffer;
  /** Whose mail it is, as in the envelope; the service looks at the headers where it is not said. */
  readonly recipient?: string;
  readonly direction: 'inbound' | 'outbound';
}

/** An answer of the wrong status: `status` tells a refusal of the request from an outage. */
export class ServiceFault extends Error {
  readonly status: number;

  constructor(path: string, status: number) {
    super(`${path} answered ${status}`);
    this.status = status;
  }
}

/** The request was read and refused for what it is: a mail that cannot be judged, now or later. */
export const isUnjudgeable = (error: unknown): boolean =>
  error instanceof ServiceFault && error.status === 422;

const longestAnswer = 32 * 1024 * 1024;

export class Service {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  authenticate(question: AuthenticateQuestion, signal: AbortSignal): Promise<AuthenticateAnswer> {
    return this.#ask('/v1/authenticate', question, authenticateAnswer, signal);
  }

  challenge(question: CodeQuestion, signal: AbortSignal): Promise<AuthenticateAnswer> {
    return this.#ask('/v1/authenticate/challenge', question, authenticateAnswer, signal);
  }

  factor(question: FactorRequest, signal: AbortSignal): Promise<FactorAnswer> {
    return this.#ask('/v1/agent/factor', question, factorAnswer, signal);
  }

  sshKey(question: KeyRequest, signal: AbortSignal): Promise<KeyAnswer> {
    return this.#ask('/v1/agent/ssh-keys', question, keyAnswer, signal);
  }

  door(question: DoorRequest, signal: AbortSignal): Promise<DoorAnswer> {
    return this.#ask('/v1/agent/door', question, doorAnswer, signal);
  }

  account(question: AccountRequest, signal: AbortSignal): Promise<AccountAnswer> {
    return this.#ask('/v1/agent/account', question, accountAnswer, signal);
  }

  open(question: OpenRequest, signal: AbortSignal): Promise<OpenAnswer> {
    return this.#ask('/v1/agent/sessions', question, openAnswer, signal);
  }

  hello(greeting: HelloRequest, signal: AbortSignal): Promise<HelloAnswer> {
    return this.#ask('/v1/agent/hello', greeting, helloAnswer, signal);
  }

  reports(reports: ReportsRequest, signal: AbortSignal): Promise<ReportsAnswer> {
    return this.#ask('/v1/agent/reports', reports, reportsAnswer, signal);
  }

  /** Whether a mail asks for a password; the key needs the scope `messages`. */
  scan({ raw, recipient, direction }: MailQuestion, signal: AbortSignal): Promise<MailVerdict> {
    const query = new URLSearchParams({ direction, ...(recipient ? { recipient } : {}) });
    return this.#send(`/v1/messages/scan?${query}`, 'message/rfc822', raw, mailVerdict, signal);
  }

  /** What the service makes of this key and this host; changes nothing there. */
  async self(query: SelfQuery, signal: AbortSignal): Promise<SelfAnswer> {
    const path = `/v1/agent/self?${new URLSearchParams({ host: query.host, ...(query.boot_id && { boot_id: query.boot_id }) })}`;
    const headers = { authorization: `Bearer ${this.#key}` };
    const response = await fetch(this.#url + path, { headers, redirect: 'error', signal });
    if (response.status !== 200) {
      discard(response);
      throw new ServiceFault('/v1/agent/self', response.status);
    }
    return selfAnswer.parse(await response.json());
  }

  /** The stream of orders for a host: its decoded text, piece by piece. Ends, or throws, when the connection does. */
  async *orders(host: string, signal: AbortSignal): AsyncGenerator<string, void> {
    const path = `/v1/agent/orders?host=${encodeURIComponent(host)}`;
    const headers = { authorization: `Bearer ${this.#key}`, accept: 'text/event-stream' };
    const response = await orAborted(fetch(this.#url + path, { headers, redirect: 'error', signal }), signal);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (response.status !== 200 || !isStream || !response.body) {
      discard(response);
      throw new ServiceFault(path, response.status);
    }
    const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
    const decoder = new TextDecoder();
    // The connection stands before its first byte: hello may be said.
    yield '';
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  }

  #ask<T>(path: string, body: object, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#send(path, 'application/json', JSON.stringify(body), shape, signal);
  }

  async #send<T>(
    path: string,
    type: string,
    body: string | Buffer,
    shape: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': type },
      body,
      redirect: 'error',
      signal,
    });
    if (response.status !== 200) {
      discard(response);
      throw new ServiceFault(withoutQuery(path), response.status);
    }
    if (Number(response.headers.get('content-length') ?? 0) > longestAnswer)
      throw new ServiceFault(withoutQuery(path), 200);
    return shape.parse(await response.json());
  }
}

/** What is told of a fault goes into logs, and addresses do not. */
const withoutQuery = (path: string) => path.replace(/\?.*$/, '');

/** Lets the connection go without reading the rest. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** An error in one line, with the cause that fetch hides; never the request, which holds the key. */
export function faultLine(error: unknown): string {
  if (error instanceof ServiceFault) return error.message;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
