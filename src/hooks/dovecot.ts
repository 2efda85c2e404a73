/**
 * `/hooks/dovecot`: `command=allow|report` for Dovecot's policy client, `command=check` for its passdb,
 * `command=process` for its userdb, and `command=event` for its event exporter. The policy client takes silence for a yes; the passdb never does.
 */
import { z } from 'zod';
import { authenticate } from '../actions/authenticate.ts';
import { followSession, type Said } from '../actions/follow-session.ts';
import { nameProcess } from '../actions/name-process.ts';
import { takeGuess } from '../actions/take-guess.ts';
import { weighLogin } from '../actions/weigh-login.ts';
import { canonicalAddress } from '../domain/source.ts';
import {
  type DaemonGuess,
  type ExportedEvent,
  exportedEvent,
  mailChannel,
  type PassdbQuestion,
  type PolicyQuestion,
  type ProcessReport,
  passdbQuestion,
  policyQuestion,
  processReport,
} from '../protocol/dovecot.ts';
import { authenticateRequest } from '../protocol/login.ts';
import { type HookAnswer, type HookCall, hook, type NoDecision, noDecision, statusOf } from './hook.ts';

const shut = (why: NoDecision): HookAnswer => ({
  status: statusOf[why],
  // Read by the policy client only with a 2xx, and by the passdb script not at all: for whoever looks at the traffic.
  body: { status: -1, msg: 'Temporary authentication failure', why },
});

const sourceOf = (text: string) => {
  const source = canonicalAddress(text);
  return source === undefined ? {} : { source_ip: source };
};

// --- the policy client ---

function guessOf({ login, remote, pwhash, protocol, fail_type: failed }: PolicyQuestion): DaemonGuess {
  const channel = mailChannel(protocol) ?? 'imap';
  const name = failed === 'account' ? { name_unknown: true } : {};
  return { store: 'mail', channel, login, password: `{policy}${pwhash}`, ...sourceOf(remote), ...name };
}

/** With `passdb=gatehouse` the password itself comes here, too, and is counted there. */
const judgedHere = ({ query }: Pick<HookCall, 'query'>) => query('passdb') === 'gatehouse';

async function allow(call: HookCall, asked: PolicyQuestion): Promise<HookAnswer> {
  const outcome = await weighLogin(call.ctx, guessOf(asked), judgedHere(call));
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  const { value } = outcome;
  if (value.decision === 'go_on') return { status: 200, body: { status: 0, msg: '' } };
  const wait = value.decision === 'throttled' ? ` Try again in ${value.retryAfterSeconds} s.` : '';
  // Never a tarpit: a connection held open costs us more than whoever opened it.
  return { status: 200, body: { status: -1, msg: `Authentication failed.${wait}` } };
}

async function report(call: HookCall, told: PolicyQuestion): Promise<HookAnswer> {
  const judged = told.success === true || told.fail_type === 'credentials' || told.fail_type === 'account';
  if (!judged || told.policy_reject === true || judgedHere(call)) return { status: 200, body: { status: 0 } };
  const outcome = await takeGuess(call.ctx, guessOf(told), told.success === true);
  return outcome.ok ? { status: 200, body: { status: 0 } } : shut(noDecision(outcome.refusal));
}

// --- the passdb ---

/** Lines that a script can read without a JSON reader: `decision=…` first, and nothing that a client wrote. */
async function check(call: HookCall, asked: PassdbQuestion): Promise<HookAnswer> {
  const channel = mailChannel(asked.service);
  if (channel === undefined) return { status: 200, body: 'decision=deny\nreason=channel_refused\n' };
  const door = doorOf(call, asked);
  const request = authenticateRequest.safeParse({
    ...{ store: 'mail', channel, login: asked.login, password: asked.password, open_session: false },
    ...sourceOf(asked.remote),
    ...(door === undefined ? {} : { host: call.query('host') }),
  });
  if (!request.success) return shut('unreadable');
  const outcome = await authenticate(call.ctx, { ...request.data, door });
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  const { value } = outcome;
  if (value.decision === 'allow') {
    const session = value.door_session === undefined ? '' : `session=${value.door_session.id}\n`;
    return { status: 200, body: `decision=allow\n${session}` };
  }
  if (value.decision === 'throttled') {
    return { status: 200, body: `decision=throttled\nretry_after_seconds=${value.retry_after_seconds}\n` };
  }
  const reason = value.decision === 'deny' ? value.reason : 'second_factor_required';
  return { status: 200, body: `decision=deny\nreason=${reason}\n` };
}

/** A connection of Dovecot's own becomes a session; what it judges for Postfix it never hears of again. */
function doorOf(call: HookCall, { session, service, remote_port: port }: PassdbQuestion) {
  if (call.query('host') === undefined || session === '' || service === 'smtp') return undefined;
  return { ref: session, provisional: true, ...(port ? { sourcePort: port } : {}) };
}

// --- the userdb: the last step of a login, in which the mail process is known ---

async function process(call: HookCall, told: ProcessReport): Promise<HookAnswer> {
  const { session: ref, ...named } = told;
  const agentRequired = call.query('agent') === 'required';
  const outcome = await nameProcess(call.ctx, {
    ...{ host: call.query('host'), ref, process: named, agentRequired },
  });
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  const { value } = outcome;
  const body = value === 'allow' ? 'decision=allow\n' : `decision=deny\nreason=${value}\n`;
  return { status: 200, body };
}

// --- the event exporter ---

function saidBy(host: string | undefined, { event, fields }: ExportedEvent): Said | undefined {
  const { session, user, remote_ip: source, remote_port: port } = fields;
  const about = { host, detail: `Dovecot: ${event}`.slice(0, 200) };
  if (event === 'auth_master_client_login_finished') {
    if (user === undefined || source === undefined || port === undefined) return undefined;
    if (fields.error !== undefined) return undefined;
    return { ...about, what: 'begun', which: { login: user, source, port } };
  }
  if (session === undefined) return undefined;
  const which = { ref: session };
  if (event === 'mail_user_session_finished') return { ...about, what: 'over', which };
  return event.endsWith('_command_finished') ? { ...about, what: 'seen', which } : undefined;
}

async function event(call: HookCall, told: ExportedEvent): Promise<HookAnswer> {
  const said = saidBy(call.query('host'), told);
  if (said === undefined) return { status: 200, body: { known: false } };
  const outcome = await followSession(call.ctx, said);
  return outcome.ok ? { status: 200, body: outcome.value } : shut(noDecision(outcome.refusal));
}

// ---

function command<S extends z.ZodType>(
  schema: S,
  run: (call: HookCall, body: z.output<S>) => Promise<HookAnswer>,
): (call: HookCall) => Promise<HookAnswer> {
  return async (call) => {
    const parsed = schema.safeParse(call.body);
    return parsed.success ? run(call, parsed.data) : shut('unreadable');
  };
}

const commands: Readonly<Record<string, (call: HookCall) => Promise<HookAnswer>>> = {
  allow: command(policyQuestion, allow),
  report: command(policyQuestion, report),
  check: command(passdbQuestion, check),
  process: command(processReport, process),
  event: command(exportedEvent, event),
};

export const dovecot = [
  hook({
    path: '/hooks/dovecot',
    summary:
      'Dovecot: policy client (allow, report), passdb (check), userdb (process), event exporter (event)',
    body: z.unknown(),
    run: async (call) => {
      const name = call.query('command') ?? '';
      const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
      return run === undefined ? shut('unreadable') : run(call);
    },
    shut,
  }),
];
