/**
 * SFTPGo's hooks. It takes an empty 200 for a yes, so there is none: every 200 has a body that says what it means, and
 * whatever is no decision is no 200.
 */
import { authenticate } from '../actions/authenticate.ts';
import { followSession } from '../actions/follow-session.ts';
import { recallTalk, rememberTalk, type TalkSaid } from '../actions/keyboard-talk.ts';
import { redeemChallenge } from '../actions/redeem-challenge.ts';
import { weighSource } from '../actions/weigh-source.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { AuthenticateAnswer } from '../protocol/api.ts';
import { authenticateRequest } from '../protocol/login.ts';
import {
  allPermissions,
  checkPasswordQuestion,
  type ExternalAuthQuestion,
  externalAuthQuestion,
  type KeyboardAnswer,
  type KeyboardQuestion,
  keyboardQuestion,
  loggedIn,
  readOnlyPermissions,
  sftpgoDoor,
} from '../protocol/sftpgo.ts';
import { type HookAnswer, type HookCall, hook, type NoDecision, noDecision, statusOf } from './hook.ts';

const shut = (why: NoDecision): HookAnswer => ({ status: statusOf[why], body: { why } });

interface Login {
  readonly username: string;
  readonly password: string;
  readonly ip: string | undefined;
  readonly protocol: string;
  readonly canAsk?: boolean;
  /** Whether a read-only login is kept from writing by what is answered. */
  readonly readOnlyEnforced?: boolean;
}

/** `?host=`: the feeds of that host are set up, so that what is opened here is also closed. */
function judge(call: HookCall, { username, password, ip, protocol, ...more }: Login) {
  const door = sftpgoDoor(protocol);
  if (door === undefined) return undefined;
  const source = canonicalAddress(ip ?? '');
  const host = call.query('host');
  const ref = `sftpgo:${call.ctx.requestId}`;
  const request = authenticateRequest.safeParse({
    ...{ ...door, login: username, password, open_session: false },
    ...(source === undefined ? {} : { source_ip: source }),
    ...(host === undefined ? {} : { host }),
    ...(more.canAsk === true ? { can_ask: true } : {}),
    ...(more.readOnlyEnforced === true ? { read_only_enforced: true } : {}),
  });
  if (!request.success) return undefined;
  const at = host === undefined ? {} : { door: { ref, provisional: true } };
  return authenticate(call.ctx, { ...request.data, ...at });
}

// --- check-password: SFTPGo keeps the users, we judge the password ---

const accepts = (yes: boolean): HookAnswer => ({ status: 200, body: { status: yes ? 1 : 0, to_verify: '' } });

// --- external-auth: the users are ours ---

/** How SFTPGo is told no: a user without a name. */
const nobody: HookAnswer = { status: 200, body: { username: '' } };

/**
 * The user as SFTPGo is to keep it, never cached. Its rights are ours to write where the account says where its files
 * are; where SFTPGo keeps them, we cannot take them back after a read-only login, and so do not let one in.
 */
function sftpgoUser(
  asked: ExternalAuthQuestion,
  { unix, login, read_only: readOnly }: Extract<AuthenticateAnswer, { decision: 'allow' }>,
): HookAnswer {
  const { password: _, ...stored } = asked.user ?? { username: login };
  if (unix === undefined && (readOnly === true || typeof stored.home_dir !== 'string')) return nobody;
  const filters = typeof stored.filters === 'object' ? stored.filters : {};
  const permissions = readOnly === true ? readOnlyPermissions : allPermissions;
  const ours = unix && { uid: unix.uid, gid: unix.gid, home_dir: unix.home, permissions };
  return {
    status: 200,
    body: {
      ...stored,
      ...ours,
      ...{ status: 1, username: login, filters: { ...filters, external_auth_cache_time: 0 } },
    },
  };
}

async function externalAuth(call: HookCall<ExternalAuthQuestion>): Promise<HookAnswer> {
  const asked = call.body;
  // Keys and certificates are not judged here; keyboard-interactive has a hook of its own.
  if (asked.password === '' || asked.public_key !== '' || asked.keyboard_interactive !== '') return nobody;
  const outcome = await judge(call, { ...asked, readOnlyEnforced: true });
  if (outcome === undefined) return nobody;
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  return outcome.value.decision === 'allow' ? sftpgoUser(asked, outcome.value) : nobody;
}

// --- keyboard-interactive: the password, then a code where one is needed ---

const asks = (question: string): HookAnswer => {
  const body: KeyboardAnswer = {
    ...{ instruction: '', questions: [question], echos: [false], check_password: 0, auth_result: 0 },
  };
  return { status: 200, body };
};

const ends = (result: -1 | 1): HookAnswer => {
  const body: KeyboardAnswer = {
    ...{ instruction: '', questions: [], echos: [], check_password: 0, auth_result: result },
  };
  return { status: 200, body };
};

async function keyboard(call: HookCall<KeyboardQuestion>): Promise<HookAnswer> {
  const { request_id: talk, step, username, ip, answers } = call.body;
  if (step === 1) {
    const kept = await rememberTalk(call.ctx, talk, 1, { ip, username });
    return kept.ok ? asks('Password: ') : shut(noDecision(kept.refusal));
  }
  const before = await recallTalk(call.ctx, talk, step - 1);
  if (!before.ok) return shut(noDecision(before.refusal));
  const shown = answers?.[0] ?? '';
  if (before.value?.username !== username || shown === '') return ends(-1);
  return before.value.challengeId === undefined
    ? afterPassword(call, before.value, shown)
    : afterCode(call, before.value.challengeId, shown);
}

async function afterPassword(
  call: HookCall<KeyboardQuestion>,
  { ip, username }: TalkSaid,
  password: string,
): Promise<HookAnswer> {
  const { request_id: talk, step } = call.body;
  const outcome = await judge(call, { username, password, ip, protocol: 'SSH', canAsk: true });
  if (outcome === undefined) return ends(-1);
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  const { value } = outcome;
  if (value.decision !== 'challenge') return ends(value.decision === 'allow' ? 1 : -1);
  if (!value.challenge.kinds.some((kind) => kind !== 'passkey')) return ends(-1);
  const kept = await rememberTalk(call.ctx, talk, step, { ip, username, challengeId: value.challenge.id });
  return kept.ok ? asks('Code: ') : shut(noDecision(kept.refusal));
}

async function afterCode(call: HookCall, challengeId: string, shown: string): Promise<HookAnswer> {
  const code = shown.replaceAll(' ', '').slice(0, 64);
  const kind = /^\d{6}$/.test(code) ? 'totp' : 'recovery_code';
  const outcome = await redeemChallenge(call.ctx, { challenge_id: challengeId, kind, code });
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  return ends(outcome.value.decision === 'allow' ? 1 : -1);
}

// --- feeds ---

/** `protocol=`, `ip=` and `username=` as SFTPGo puts them into the URL; it has no name for the connection. */
async function feed(
  call: HookCall,
  what: 'begun' | 'over',
  login: string,
  beganMsAgo: number,
): Promise<HookAnswer> {
  const door = sftpgoDoor(call.query('protocol') ?? '');
  if (door === undefined || login === '') return { status: 200, body: { known: false } };
  const at = new Date(call.ctx.now.getTime() - beganMsAgo);
  const which = { login, channel: door.channel, source: call.query('ip'), at };
  const detail = `SFTPGo: ${what === 'begun' ? 'logged in' : 'disconnected'}`;
  const outcome = await followSession(call.ctx, { host: call.query('host'), what, which, detail });
  return outcome.ok ? { status: 200, body: outcome.value } : shut(noDecision(outcome.refusal));
}

const spanOf = (text: string | undefined) => (/^\d{1,12}$/.test(text ?? '') ? Number(text) : 0);

/** Before anybody logs in: a shut door, or a place that tries too much, is turned away at once. */
async function connecting(call: HookCall): Promise<HookAnswer> {
  const door = sftpgoDoor(call.query('protocol') ?? '');
  if (door === undefined) return shut('not_allowed');
  const outcome = await weighSource(call.ctx, { channel: door.channel, source: call.query('ip') });
  if (!outcome.ok) return shut(noDecision(outcome.refusal));
  return outcome.value.open ? { status: 200, body: { decision: 'go_on' } } : shut('not_allowed');
}

export const sftpgo = [
  hook({
    path: '/hooks/sftpgo/check-password',
    summary: 'SFTPGo keeps the users, the password is judged here',
    body: checkPasswordQuestion,
    run: async (call) => {
      const outcome = await judge(call, call.body);
      if (outcome === undefined) return accepts(false);
      if (!outcome.ok) return shut(noDecision(outcome.refusal));
      return accepts(outcome.value.decision === 'allow');
    },
    shut,
  }),
  hook({
    path: '/hooks/sftpgo/external-auth',
    summary: 'SFTPGo’s users are made from our accounts at each login',
    body: externalAuthQuestion,
    limit: 1_000_000,
    run: externalAuth,
    shut,
  }),
  hook({
    path: '/hooks/sftpgo/keyboard-interactive',
    summary: 'Asks for the password, then for a code where one is needed',
    body: keyboardQuestion,
    run: keyboard,
    shut,
  }),
  hook({
    method: 'get',
    path: '/hooks/sftpgo/post-connect',
    summary: 'Somebody connects to SFTPGo: 200, or away with him',
    run: connecting,
    shut,
  }),
  hook({
    path: '/hooks/sftpgo/post-login',
    summary: 'SFTPGo took a login up',
    body: loggedIn,
    limit: 1_000_000,
    run: async (call) =>
      call.query('status') === '1'
        ? feed(call, 'begun', call.body.username, 0)
        : { status: 200, body: { known: false } },
    shut,
  }),
  hook({
    method: 'get',
    path: '/hooks/sftpgo/post-disconnect',
    summary: 'A connection to SFTPGo is over',
    run: (call) =>
      feed(call, 'over', call.query('username') ?? '', spanOf(call.query('connection_duration'))),
    shut,
  }),
];
