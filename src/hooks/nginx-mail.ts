/**
 * `/hooks/nginx-mail`: nginx's mail proxy asks whether a login may come in. Always 200, with the answer in headers:
 * `Auth-Status: OK` and the server behind, or a sentence. Without `Auth-Wait` nginx closes the connection.
 */
import { authenticate } from '../actions/authenticate.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { AuthenticateAnswer } from '../protocol/api.ts';
import { authenticateRequest } from '../protocol/login.ts';
import { backendOf, type MailProtocol, mailProtocols, unescaped } from '../protocol/nginx-mail.ts';
import { type HookAnswer, type HookCall, hook, noDecision } from './hook.ts';

/** Tries on one connection, after which it is closed: nginx keeps memory for each until then. */
const triesAConnection = 5;

interface No {
  readonly sentence: string;
  /** For SMTP, whose clients go by the code. */
  readonly code: string;
  readonly final?: boolean;
}

const wrong: No = { sentence: 'Invalid login or password', code: '535 5.7.8' };
const later: No = {
  sentence: 'Temporary authentication failure, try again later',
  code: '454 4.7.0',
  final: true,
};

function refused({ header }: Pick<HookCall, 'header'>, { sentence, code, final = false }: No): HookAnswer {
  const tries = Number(header('auth-login-attempt') ?? '1');
  const again = !final && tries < triesAConnection;
  const smtp = header('auth-protocol') === 'smtp' ? { 'auth-error-code': code } : {};
  return {
    status: 200,
    headers: { 'auth-status': sentence, ...smtp, ...(again ? { 'auth-wait': '1' } : {}) },
    body: '',
  };
}

/** `Auth-Pass` as the mail server behind wants it: a secret of its own, so that it takes nobody else's word. */
function admitted({ header }: HookCall, login: string): HookAnswer {
  const backend = backendOf(header('x-gatehouse-backend'));
  if (backend === undefined) return refused({ header }, later);
  const secret = header('x-gatehouse-backend-pass');
  return {
    status: 200,
    headers: {
      'auth-status': 'OK',
      'auth-server': backend.server,
      'auth-port': backend.port,
      ...(/^[\x21-\x7e]+$/.test(login) ? { 'auth-user': login } : {}),
      ...(secret === undefined ? {} : { 'auth-pass': secret }),
    },
    body: '',
  };
}

function no(decision: Exclude<AuthenticateAnswer, { decision: 'allow' }>): No {
  if (decision.decision === 'throttled') {
    const sentence = `Too many attempts, try again in ${decision.retry_after_seconds} s`;
    return { sentence, code: '454 4.7.0', final: true };
  }
  if (decision.decision === 'deny' && decision.reason === 'second_factor_required') {
    return { ...wrong, sentence: 'Use an app password for mail' };
  }
  if (decision.decision === 'deny' && decision.reason === 'channel_refused') {
    return { sentence: decision.message ?? wrong.sentence, code: '535 5.7.8', final: true };
  }
  return wrong;
}

/** What nginx shows of a login; undefined for whatever is no password that could be judged. */
function shownBy(call: HookCall) {
  const { header } = call;
  const protocol = mailProtocols.find((each): each is MailProtocol => each === header('auth-protocol'));
  if (header('auth-method') !== 'plain' || protocol === undefined) return undefined;
  const source = canonicalAddress(header('client-ip') ?? '');
  return authenticateRequest.safeParse({
    store: 'mail',
    channel: protocol,
    login: unescaped(header('auth-user')),
    password: unescaped(header('auth-pass')),
    ...(source === undefined ? {} : { source_ip: source }),
    open_session: false,
  }).data;
}

export const nginxMail = [
  hook({
    method: 'get',
    path: '/hooks/nginx-mail',
    summary: 'auth_http of nginx’s mail proxy: answers in headers, always 200',
    run: async (call) => {
      const asked = shownBy(call);
      if (asked === undefined) return refused(call, { ...wrong, final: true });
      const outcome = await authenticate(call.ctx, asked);
      if (!outcome.ok) return nginxMailShut(noDecision(outcome.refusal));
      const { value } = outcome;
      return value.decision === 'allow' ? admitted(call, value.login) : refused(call, no(value));
    },
    shut: () => nginxMailShut('unavailable'),
  }),
];

/** A sentence of which every client knows that its password is not to blame. */
function nginxMailShut(_why: string): HookAnswer {
  return {
    status: 200,
    headers: { 'auth-status': later.sentence, 'auth-error-code': later.code },
    body: '',
  };
}
