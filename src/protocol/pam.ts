/**
 * The link between the PAM module and the host agent: its lines, its limits and its mutual proof. The C side of the
 * same rules is `pam/codec.c` and `pam/link.c`; `test/protocol/pam.test.ts` holds the two against each other.
 *
 *   agent   `gatehouse 1 <nonceA>\n`
 *   module  `<nonceM> <HMAC(key, "pam\n" nonceA "\n" nonceM)>\n`
 *   agent   `<HMAC(key, "agent\n" nonceM "\n" nonceA)>\n`
 *   module  request, agent answer: lines `key value\n`, then `end\n`; one question a connection
 *
 * A second factor takes two questions: `auth` is answered `ask` with a handle, the module asks the person, and puts
 * `code` with that handle on a connection of its own. Nothing is held open while somebody types.
 *
 * Nothing secret travels before both have proved the key: a local user may hold the port while the agent is away
 * and collect passwords, and may knock at the agent with lies about somebody else's session.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** Bytes of a whole request or answer, `end\n` included. */
export const maxMessageBytes = 8192;
/** Lines of a request or answer, `end` not counted. */
export const maxMessageLines = 32;
export const nonceBytes = 32;
export const pamKeyBytes = 32;
/** Bytes that the module sends at most; a longer login or password is refused there, never cut. */
export const maxPamLoginBytes = 255;
export const maxPamPasswordBytes = 1024;
export const maxPamCodeBytes = 64;
/** Characters of a line for sshd, as in authorized_keys. */
export const maxKeyLineCharacters = 2048;
/** Characters of the sentence that an answer may show to the user. */
export const maxMessageCharacters = 256;

const keyPattern = /^[a-z][a-z0-9_]{0,31}$/;
const valuePattern = /^(?:[A-Za-z0-9._~:/@+-]|%[0-9A-F]{2})*$/;
const hex64 = '[0-9a-f]{64}';
const greetingPattern = new RegExp(`^gatehouse 1 (${hex64})\n$`);
const proofPattern = new RegExp(`^(${hex64}) (${hex64})\n$`);

/** Lengths of the fixed handshake lines, newline included: read exactly so many bytes. */
export const greetingLength = 77;
export const proofLength = 130;
export const counterProofLength = 65;

export type MessageFault =
  | 'overlong'
  | 'unterminated'
  | 'trailing'
  | 'too_many_lines'
  | 'bad_key'
  | 'bad_value'
  | 'duplicate_key'
  | 'nul'
  | 'not_utf8';

export type ParsedMessage =
  | { readonly ok: true; readonly fields: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly fault: MessageFault };

/** Percent-encodes the UTF-8 bytes of a text; everything outside `[A-Za-z0-9._~:/@+-]` becomes `%XX`. */
export function encodeValue(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('half a surrogate pair has no UTF-8');
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9._~:/@+-]/.test(character);
    encoded += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/**
 * One whole request or answer as ASCII text, terminated. Fields that are `undefined` are left out.
 * Throws RangeError for what the other side would refuse: that is a bug of the caller, not of its peer.
 */
export function formatMessage(fields: Readonly<Record<string, string | number | undefined>>): string {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!keyPattern.test(key) || key === 'end') throw new RangeError(`no such key may be sent: ${key}`);
    const text = String(value);
    if (text.includes('\0')) throw new RangeError(`${key} holds a NUL`);
    lines.push(`${key} ${encodeValue(text)}\n`);
  }
  const message = `${lines.join('')}end\n`;
  if (lines.length > maxMessageLines || message.length > maxMessageBytes) {
    throw new RangeError('the message is over the limits of the link');
  }
  return message;
}

type Decoded = { readonly text: string } | { readonly fault: MessageFault };

function decodeValue(value: string): Decoded {
  if (!valuePattern.test(value)) return { fault: 'bad_value' };
  const bytes = Buffer.from(
    value.replace(/%([0-9A-F]{2})/g, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
    'latin1',
  );
  if (bytes.includes(0)) return { fault: 'nul' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { fault: 'not_utf8' };
  }
}

/** The lines before `end`, or why this is not exactly one terminated message. */
function linesOf(text: string): readonly string[] | MessageFault {
  if (text.length > maxMessageBytes) return 'overlong';
  if (!text.endsWith('\n')) return 'unterminated';
  const lines = text.slice(0, -1).split('\n');
  const end = lines.indexOf('end');
  if (end === -1) return 'unterminated';
  if (end !== lines.length - 1) return 'trailing';
  return end > maxMessageLines ? 'too_many_lines' : lines.slice(0, end);
}

/**
 * Reads one whole message; hand it the bytes decoded as latin1, so that a raw byte above 0x7f is seen and refused.
 * All or nothing: two parsers must never be able to read two different verdicts from the same bytes.
 */
export function parseMessage(text: string): ParsedMessage {
  const lines = linesOf(text);
  if (typeof lines === 'string') return { ok: false, fault: lines };
  const fields = new Map<string, string>();
  for (const line of lines) {
    const space = line.indexOf(' ');
    const key = space === -1 ? '' : line.slice(0, space);
    if (!keyPattern.test(key)) return { ok: false, fault: 'bad_key' };
    if (fields.has(key)) return { ok: false, fault: 'duplicate_key' };
    const value = decodeValue(line.slice(space + 1));
    if ('fault' in value) return { ok: false, fault: value.fault };
    fields.set(key, value.text);
  }
  return { ok: true, fields: Object.fromEntries(fields) };
}

/** Whether the bytes gathered so far end as a message does; true also for garbage, which `parseMessage` refuses. */
export function isTerminated(text: string): boolean {
  return text === 'end\n' || text.endsWith('\nend\n');
}

/** HMAC-SHA256 in hex over `role\nfirst\nsecond`; the role keeps one side's proof from being sent back to it. */
export function macFor(role: 'pam' | 'agent', key: Uint8Array, first: string, second: string): string {
  if (key.length !== pamKeyBytes) throw new RangeError(`the link's key has ${pamKeyBytes} bytes`);
  return createHmac('sha256', key).update(`${role}\n${first}\n${second}`, 'latin1').digest('hex');
}

/** What the agent says at accept; `nonce` is 32 fresh random bytes in lower-case hex. */
export function formatGreeting(nonce: string): string {
  return `gatehouse 1 ${nonce}\n`;
}

/** The agent's nonce from its greeting line, newline included; undefined when it is not one. */
export function parseGreeting(line: string): string | undefined {
  return greetingPattern.exec(line)?.[1];
}

/** The module's nonce and its proof, in hex; undefined when the line is not one. Compare the proof in constant time. */
export function parseProof(line: string): { readonly nonce: string; readonly mac: string } | undefined {
  const [, nonce, mac] = proofPattern.exec(line) ?? [];
  return nonce === undefined || mac === undefined ? undefined : { nonce, mac };
}

/** The key file: 64 hex characters and a newline. Undefined for anything else. */
export function parsePamKey(text: string): Buffer | undefined {
  return /^[0-9a-fA-F]{64}\n?$/.test(text) ? Buffer.from(text.trimEnd(), 'hex') : undefined;
}

const junkPattern = Buffer.from('\b\n\r\x7fINCORRECT', 'latin1');

/**
 * Whether these bytes are what sshd hands to PAM instead of the password, for a name that does not exist or may not
 * log in: the pattern repeated to the length of what was typed (OpenSSH auth-pam.c, fake_password). Never true for
 * the empty password, which has the same form either way.
 */
export function isJunkPassword(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte, at) => byte === junkPattern[at % junkPattern.length]);
}

const word = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/);
const bytes = (max: number) =>
  z.string().refine((text) => Buffer.byteLength(text) <= max, `at most ${max} bytes`);
/** Kept in the PAM environment, which is the user's environment too: a claim to be checked, never a proof. */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);

const asked = {
  service: bytes(64),
  store: word,
  channel: word,
  login: bytes(maxPamLoginBytes).min(1),
  /** An address, or whatever name the daemon made of it: an attacker can choose a PTR name. */
  rhost: bytes(255).optional(),
  tty: bytes(64).optional(),
  pid: z
    .string()
    .regex(/^[1-9]\d{0,6}$/)
    .transform(Number),
  login_id: id.optional(),
  session_id: id.optional(),
  /** `client-ip client-port server-ip server-port`. */
  ssh_connection: bytes(128).optional(),
  /** Methods and keys that sshd accepted, one a line; cut after 1536 bytes. */
  ssh_auth_info: bytes(1536).optional(),
};

const authRequest = z
  .object({
    ask: z.literal('auth'),
    ...asked,
    password: bytes(maxPamPasswordBytes).optional(),
    /** sshd made the password up; there is none to judge. */
    junk: z.literal('1').optional(),
    /** A code can be asked for in a second prompt. */
    can_ask: z.literal('1').optional(),
    /** Whether the password came encrypted, where the line of the PAM file or the daemon tells. */
    encrypted: z.enum(['0', '1']).optional(),
    /** The daemon keeps whoever comes in by this line from writing. */
    read_only_enforced: z.literal('1').optional(),
  })
  .refine((request) => (request.password === undefined) !== (request.junk === undefined), {
    message: 'exactly one of password and junk',
  });

/** A question of the module, from the fields of a parsed message. Keys that are not known are dropped. */
export const pamRequest = z.discriminatedUnion('ask', [
  authRequest,
  /** May anybody come in by this door, from there? Asked before a password is. */
  z.object({ ask: z.literal('door'), ...asked }),
  /** The code that an answer `ask` asked for. */
  z.object({ ask: z.literal('code'), ...asked, handle: id, code: bytes(maxPamCodeBytes).min(1) }),
  /** sshd took a key of this person: which second factor remains? `code_needed`: none is not enough. */
  z.object({ ask: z.literal('factor'), ...asked, code_needed: z.literal('1').optional() }),
  /** Has this login the key of that fingerprint? Asked by `gatehouse-keys`. */
  z.object({ ask: z.literal('keys'), ...asked, fingerprint: bytes(64).min(1) }),
  z.object({ ask: z.literal('account'), ...asked }),
  z.object({ ask: z.literal('open'), ...asked }),
  z.object({ ask: z.literal('close'), ...asked }),
]);

export const pamVerdict = z.enum(['allow', 'deny', 'unknown', 'throttled', 'unavailable', 'ask']);

/** The agent's answer. The module takes no `allow` of auth without `login_id`, nor one of open without `session_id`. */
export const pamAnswer = z.object({
  verdict: pamVerdict,
  login_id: id.optional(),
  session_id: id.optional(),
  /** With `ask`: names the half of a login that a code completes. */
  handle: id.optional(),
  key_line: z
    .string()
    .max(maxKeyLineCharacters)
    .regex(/^[ -~]*$/)
    .optional(),
  /** One sentence for the user; with `ask`, the prompt. */
  message: z
    .string()
    .max(maxMessageCharacters)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/)
    .optional(),
});

export type PamRequest = z.infer<typeof pamRequest>;
export type PamAnswer = z.infer<typeof pamAnswer>;
