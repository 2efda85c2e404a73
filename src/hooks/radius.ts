/**
 * FreeRADIUS's `rlm_rest`. It goes by the status: 200 with attributes is a yes, 401 a no, 403 a no of policy, and 5xx
 * makes the module fail, which denies.
 */
import { authenticate } from '../actions/authenticate.ts';
import { followSession } from '../actions/follow-session.ts';
import { redeemChallenge } from '../actions/redeem-challenge.ts';
import { channelNamed } from '../domain/channels/index.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { AuthenticateAnswer } from '../protocol/api.ts';
import { authenticateRequest } from '../protocol/login.ts';
import {
  accountingStatus,
  attributeOf,
  channelByNas,
  fromOctets,
  nasRef,
  octets,
  type RadiusRequest,
  radiusRequest,
} from '../protocol/radius.ts';
import { type HookAnswer, type HookCall, hook, type NoDecision, noDecision, statusOf } from './hook.ts';

/** No body: in the answers that it reads, every field would be an attribute. */
const shut = (why: NoDecision): HookAnswer => ({ status: why === 'no_key' ? 403 : statusOf[why] });

const reject = (sentence: string, status: 401 | 403 = 401): HookAnswer => ({
  status,
  body: { 'reply:Reply-Message': attributeOf(sentence) },
});

type Call = HookCall<RadiusRequest>;

/** `?host=`, else the key's own host, else whom the NAS says it is; its address where it has no name. */
function hostOf({ ctx, query, body }: Call): string | undefined {
  const client = ctx.principal.kind === 'client' ? ctx.principal.client : undefined;
  const said = query('host') ?? client?.host ?? body.get('NAS-Identifier') ?? body.get('NAS-IP-Address');
  return said ?? client?.name;
}

/** Only a password in the clear can be judged: CHAP and MS-CHAP need it stored in the clear. */
async function authorize({ body }: Call): Promise<HookAnswer> {
  if (!body.has('User-Name') || !body.has('User-Password'))
    return reject('Use PAP inside a protected tunnel');
  return { status: 200, body: { 'control:Auth-Type': attributeOf('gatehouse') } };
}

/** What is asked, from the attributes; undefined where the door is not known. */
function askedBy(call: Call) {
  const { body, query } = call;
  const channel = channelNamed(query('channel') ?? channelByNas(body.get('NAS-Identifier')) ?? '');
  // Where the client of such a door is, the host's kernel says, and no attribute.
  if (channel === undefined || channel.loopbackOnly === true) return undefined;
  const source = canonicalAddress(body.get('Calling-Station-Id') ?? '');
  return authenticateRequest.safeParse({
    ...{ store: channel.store, channel: channel.name, open_session: false },
    ...{ login: body.get('User-Name'), password: body.get('User-Password'), host: hostOf(call) },
    ...(source === undefined ? {} : { source_ip: source }),
    ...(query('challenge') === 'yes' ? { can_ask: true } : {}),
  }).data;
}

async function login(call: Call): Promise<HookAnswer> {
  const { body, ctx } = call;
  const state = fromOctets(body.get('State'));
  const asked = askedBy(call);
  if (asked === undefined) return reject('Invalid login or password');
  if (state?.startsWith('cha_') === true) {
    const code = (body.get('User-Password') ?? '').replaceAll(' ', '').slice(0, 64);
    const kind = /^\d{6}$/.test(code) ? 'totp' : 'recovery_code';
    if (code === '') return reject('Invalid login or password');
    // The NAS lets in whom this packet names, whoever began: the state is the client's to send with any name.
    const named = { login: asked.login, channel: asked.channel ?? '' };
    return told(await redeemChallenge(ctx, { challenge_id: state, kind, code }, named));
  }
  const ref = nasRef(body.get('User-Name') ?? '', undefined, ctx.requestId);
  const door = { ref, provisional: false };
  return told(await authenticate(ctx, { ...asked, door }));
}

function told(outcome: Awaited<ReturnType<typeof authenticate>>): HookAnswer {
  return outcome.ok ? answered(outcome.value) : shut(noDecision(outcome.refusal));
}

function answered(answer: AuthenticateAnswer): HookAnswer {
  if (answer.decision === 'allow') return welcome(answer.door_session);
  if (answer.decision === 'throttled') return reject(`Try again in ${answer.retry_after_seconds} s`);
  if (answer.decision === 'challenge') {
    return {
      status: 200,
      body: {
        'control:Response-Packet-Type': attributeOf('Access-Challenge'),
        'reply:State': attributeOf(octets(answer.challenge.id)),
        'reply:Reply-Message': attributeOf('Code: '),
      },
    };
  }
  if (answer.reason === 'channel_refused') return reject(answer.message ?? 'This door is closed', 403);
  if (answer.reason === 'second_factor_required') return reject('Use an app password');
  return reject('Invalid login or password');
}

/** The clocks, which the NAS keeps; and the session's id, which comes back with every accounting packet. */
function welcome(session: Extract<AuthenticateAnswer, { decision: 'allow' }>['door_session']): HookAnswer {
  if (session === undefined) return shut('unavailable');
  return {
    status: 200,
    body: {
      'reply:Session-Timeout': attributeOf(Math.max(1, Math.floor(session.absolute_seconds))),
      'reply:Idle-Timeout': attributeOf(Math.max(1, Math.floor(session.idle_seconds))),
      'reply:Class': attributeOf(octets(session.id)),
    },
  };
}

async function accounting(call: Call): Promise<HookAnswer> {
  const { body, ctx } = call;
  const what = accountingStatus(body.get('Acct-Status-Type'));
  const id = fromOctets(body.get('Class'));
  if (what === undefined || id?.startsWith('ses_') !== true) return { status: 204 };
  const cause = body.get('Acct-Terminate-Cause');
  const detail = `accounting: ${what}${cause === undefined ? '' : `, ${cause}`}`.slice(0, 200);
  const [name, session] = [body.get('User-Name'), body.get('Acct-Session-Id')];
  const ref = name === undefined || session === undefined ? undefined : nasRef(name, session, id);
  const outcome = await followSession(ctx, { host: hostOf(call), what, which: { id }, detail, ref });
  return outcome.ok ? { status: 204 } : shut(noDecision(outcome.refusal));
}

export const radius = [
  hook({
    path: '/hooks/radius/authorize',
    summary: 'FreeRADIUS: can this be judged here?',
    body: radiusRequest,
    run: authorize,
    shut,
  }),
  hook({
    path: '/hooks/radius/authenticate',
    summary: 'FreeRADIUS: the password, and the clocks of the session',
    body: radiusRequest,
    run: login,
    shut,
  }),
  hook({
    path: '/hooks/radius/accounting',
    summary: 'FreeRADIUS: a session began, lives, is over',
    body: radiusRequest,
    run: accounting,
    shut,
  }),
];
