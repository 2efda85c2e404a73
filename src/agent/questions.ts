/** What the PAM module asks, put before the service. Anything but a clear yes keeps the customer out. */
import { channelNamed } from '../domain/channels/index.ts';
import { acceptedKey } from '../domain/ssh-key.ts';
import { ownIds } from '../domain/unix-ids.ts';
import type { ProcessRef } from '../protocol/agent.ts';
import type { PamAnswer, PamRequest } from '../protocol/pam.ts';
import { askForCode, factorAfterKey, judgeCode } from './code-questions.ts';
import { frontOf, isFronted } from './hands-front.ts';
import { statOf } from './hands-processes.ts';
import { keyLine } from './key-questions.ts';
import { clientOf } from './question-client.ts';
import { type Asked, denyAsThrottled, type QuestionParts } from './question-parts.ts';

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
    return await decide(parts, asked, signal);
  } catch (error) {
    if (asked.ask === 'open') parts.onNotOpened();
    parts.log.warn(
      { ask: asked.ask, login: asked.login, error: String(error) },
      'no decision from the service',
    );
    return unavailable;
  }
}

function decide(
  parts: QuestionParts,
  asked: Exclude<PamRequest, { ask: 'close' }>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  switch (asked.ask) {
    case 'auth':
      return authenticate(parts, asked, signal);
    case 'door':
      return door(parts, asked, signal);
    case 'code':
      return judgeCode(parts, asked, signal);
    case 'factor':
      return factorAfterKey(parts, asked, signal);
    case 'keys':
      return keyLine(parts, asked, signal);
    case 'account':
      return account(parts, asked, signal);
    case 'open':
      return open(parts, asked, signal);
  }
}

async function authenticate(
  parts: QuestionParts,
  asked: Asked<'auth'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service } = asked;
  const source = await clientOf(asked, signal);
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
      ...(asked.can_ask === undefined ? {} : { can_ask: true as const }),
      ...(asked.read_only_enforced === undefined ? {} : { read_only_enforced: true as const }),
      ...(asked.encrypted === undefined ? {} : { encrypted: asked.encrypted === '1' }),
      open_session: false,
    },
    signal,
  );
  const tookMs = parts.world.monotonicMs() - began;
  if (answer.decision === 'throttled') return denyAsThrottled(parts, tookMs, signal);
  if (answer.decision === 'deny') parts.times.learn(tookMs);
  // A name that does not exist is never let in.
  if (asked.password === undefined) return { verdict: 'deny' };
  if (answer.decision === 'challenge' && asked.can_ask !== undefined) {
    return askForCode(parts, asked, answer.challenge);
  }
  // What is refused by the policy alone says so, of every name alike.
  if (answer.decision === 'deny' && answer.reason === 'channel_refused')
    return answer.message === undefined ? { verdict: 'deny' } : { verdict: 'deny', message: answer.message };
  if (answer.decision !== 'allow') return { verdict: 'deny' };
  const { verified, unix: said } = answer;
  const unix = said && ownIds({ ...said, shell: said.shell ?? undefined });
  const ticket = { login, store, service, verified, unix };
  return { verdict: 'allow', login_id: parts.tickets.issue(ticket) };
}

async function door(parts: QuestionParts, asked: Asked<'door'>, signal: AbortSignal): Promise<PamAnswer> {
  const { store, channel, login } = asked;
  const { ip } = await clientOf(asked, signal);
  const question = { host: parts.host, store, channel, login, ...(ip ? { source_ip: ip } : {}) };
  const { open: isOpen, message } = await parts.service.door(question, signal);
  if (isOpen) return { verdict: 'allow' };
  return message === undefined ? { verdict: 'deny' } : { verdict: 'deny', message };
}

async function account(
  parts: QuestionParts,
  asked: Asked<'account'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service, login_id } = asked;
  if (login_id !== undefined && !parts.tickets.look(login_id, login, store, service))
    return { verdict: 'deny' };
  const source = await clientOf(asked, signal);
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
  const leader = leaderOf(asked);
  if (leader === undefined || leader.pid < 2) return { verdict: 'deny' };
  const process = { ...leader, boot_id: parts.boot };
  const answer = await openFor(parts, asked, process, signal);
  if (answer.verdict !== 'unknown') parts.onJudged(process, answer.verdict === 'allow');
  return answer;
}

/** The process that is the session: the one that asks, or the one in front of it. */
function leaderOf({ channel, pid }: Asked<'open'>): Omit<ProcessRef, 'boot_id'> | undefined {
  if (isFronted(channel)) return frontOf(channel, pid);
  const start = statOf(pid)?.start;
  return start === undefined ? undefined : { pid, start };
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
  const source = await clientOf(asked, signal);
  const key = acceptedKey(asked.ssh_auth_info);
  const question = {
    host: parts.host,
    store,
    login,
    channel,
    ...(source.ip ? { source_ip: source.ip } : {}),
    ...(source.port ? { source_port: source.port } : {}),
    method: methodOf(asked),
    ...(ticket ? { verified: ticket.verified } : {}),
    ...(key ? { ssh_key: key } : {}),
    process,
  };
  const opened = await parts.opening.open(question, signal, isFronted(channel));
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
  if (/^publickey /m.test(asked.ssh_auth_info ?? '')) return 'publickey';
  return asked.login_id === undefined ? 'other' : 'password';
}
