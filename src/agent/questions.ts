/** What the PAM module asks, put before the service. Anything but a clear yes keeps the customer out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { channelNamed } from '../domain/channels/index.ts';
import type { Log } from '../log.ts';
import type { ProcessRef } from '../protocol/agent.ts';
import type { PamAnswer, PamRequest } from '../protocol/pam.ts';
import type { World } from '../world.ts';
import type { AnswerTimes } from './answer-times.ts';
import { statOf } from './hands-processes.ts';
import type { Opening } from './opening.ts';
import type { Service } from './service.ts';
import { sourceOf } from './source-address.ts';
import type { Tickets } from './tickets.ts';

export interface QuestionParts {
  readonly host: string;
  readonly boot: string;
  readonly log: Log;
  readonly opening: Opening;
  readonly service: Service;
  readonly tickets: Tickets;
  readonly times: AnswerTimes;
  readonly world: World;
  /** Whether logoff orders reach this host now. */
  inTouch(): boolean;
  /** The daemon says that a session closes: a hint. */
  onClosing(session: string): void;
  /** Nobody decided whether a session may begin though its login was let in: the daemon may go on without one. */
  onNotOpened(): void;
  /** This process may have no session, or has one now. */
  onJudged(process: ProcessRef, allowed: boolean): void;
}

type Asked<K extends PamRequest['ask']> = Extract<PamRequest, { ask: K }>;
const unavailable: PamAnswer = { verdict: 'unavailable' };

/** Answers one question within the life of `signal`. Never throws. */
export async function answerQuestion(
  parts: QuestionParts,
  asked: PamRequest,
  signal: AbortSignal,
): Promise<PamAnswer> {
  if (asked.ask === 'close') return close(parts, asked);
  if (channelNamed(asked.channel)?.store !== asked.store) {
    parts.log.error(
      { store: asked.store, channel: asked.channel },
      'the PAM module names no such store and channel',
    );
    return unavailable;
  }
  if (!parts.inTouch()) {
    if (asked.ask === 'open') parts.onNotOpened();
    return unavailable;
  }
  try {
    if (asked.ask === 'auth') return await authenticate(parts, asked, signal);
    if (asked.ask === 'account') return await account(parts, asked, signal);
    return await open(parts, asked, signal);
  } catch (error) {
    if (asked.ask === 'open') parts.onNotOpened();
    parts.log.warn(
      { ask: asked.ask, login: asked.login, error: String(error) },
      'no decision from the service',
    );
    return unavailable;
  }
}

async function authenticate(
  parts: QuestionParts,
  asked: Asked<'auth'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service } = asked;
  const source = sourceOf(asked.rhost, asked.ssh_connection);
  const secret =
    asked.password === undefined ? { name_unknown: true as const } : { password: asked.password };
  const began = parts.world.monotonicMs();
  const answer = await parts.service.authenticate(
    {
      store,
      login,
      ...secret,
      channel,
      host: parts.host,
      ...(source.ip ? { source_ip: source.ip } : {}),
      open_session: false,
    },
    signal,
  );
  const tookMs = parts.world.monotonicMs() - began;
  if (answer.decision === 'throttled') {
    // As a wrong password in word and time. PAM's own word for it would also make sshd hang up at once.
    await sleep(Math.max(parts.times.any() - tookMs, 0), undefined, { signal });
    return { verdict: 'deny' };
  }
  if (answer.decision === 'deny') parts.times.learn(tookMs);
  // A second factor cannot be asked for here, and a name that does not exist is never let in.
  if (answer.decision !== 'allow' || asked.password === undefined) return { verdict: 'deny' };
  const ticket = { login, store, service, verified: answer.verified };
  return { verdict: 'allow', login_id: parts.tickets.issue(ticket) };
}

async function account(
  parts: QuestionParts,
  asked: Asked<'account'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service, login_id } = asked;
  if (login_id !== undefined && !parts.tickets.look(login_id, login, store, service))
    return { verdict: 'deny' };
  const source = sourceOf(asked.rhost, asked.ssh_connection);
  const question = {
    host: parts.host,
    store,
    login,
    channel,
    ...(source.ip ? { source_ip: source.ip } : {}),
    method: methodOf(asked),
  };
  const { decision } = await parts.service.account(question, signal);
  return { verdict: decision };
}

async function open(parts: QuestionParts, asked: Asked<'open'>, signal: AbortSignal): Promise<PamAnswer> {
  const { pid } = asked;
  const start = statOf(pid)?.start;
  if (start === undefined || pid < 2) return { verdict: 'deny' };
  const process = { pid, start, boot_id: parts.boot };
  const answer = await openFor(parts, asked, process, signal);
  if (answer.verdict !== 'unknown') parts.onJudged(process, answer.verdict === 'allow');
  return answer;
}

async function openFor(
  parts: QuestionParts,
  asked: Asked<'open'>,
  process: ProcessRef,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service, login_id } = asked;
  const ticket = login_id === undefined ? undefined : parts.tickets.spend(login_id, login, store, service);
  // The id is in the user's environment: one that does not fit is a lie or two minutes old.
  if (login_id !== undefined && !ticket) return { verdict: 'deny' };
  const source = sourceOf(asked.rhost, asked.ssh_connection);
  const question = {
    host: parts.host,
    store,
    login,
    channel,
    ...(source.ip ? { source_ip: source.ip } : {}),
    ...(source.port ? { source_port: source.port } : {}),
    method: methodOf(asked),
    ...(ticket ? { verified: ticket.verified } : {}),
    process,
  };
  const opened = await parts.opening.open(question, signal);
  return opened.decision === 'allow'
    ? { verdict: 'allow', session_id: opened.id }
    : { verdict: opened.decision };
}

function close(parts: QuestionParts, asked: Asked<'close'>): PamAnswer {
  if (asked.session_id !== undefined) parts.onClosing(asked.session_id);
  return { verdict: 'allow' };
}

/** Key logins never pass the password phase, so they come without a ticket and sshd says what it accepted. */
function methodOf(asked: Asked<'account'> | Asked<'open'>): 'password' | 'publickey' | 'other' {
  if (asked.login_id !== undefined) return 'password';
  return asked.ssh_auth_info?.startsWith('publickey') ? 'publickey' : 'other';
}
