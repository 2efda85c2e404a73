/**
 * Public keys of SSH (RFC 4253 6.6, RFC 5656, RFC 8709; OpenSSH's PROTOCOL.u2f): read strictly, since what passes here
 * is written into lines that sshd obeys. No options, no certificates, no DSA, RSA of 2048 to 8192 bits
 * (NIST SP 800-131A).
 */
import { createHash } from 'node:crypto';

export interface SshKey {
  readonly type: string;
  /** base64 as in authorized_keys, in its one spelling. */
  readonly key: string;
  /** `SHA256:…`, as ssh-keygen shows it. */
  readonly fingerprint: string;
  /** What stood behind the key. */
  readonly comment: string;
}

export type SshKeyFault = string;

/** A line of `id_….pub`; longer ones are none. */
export const maxKeyText = 4096;

const form = /^([a-z0-9@.-]{1,64})[ \t]+([A-Za-z0-9+/]{32,2048}={0,2})(?:[ \t]+([^\r\n\0]*))?$/;

/** Cuts a blob into its strings (uint32 length, bytes); undefined where it does not come out even. */
function partsOf(blob: Buffer): readonly Buffer[] | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    const end = at + 4 + (at + 4 <= blob.length ? blob.readUInt32BE(at) : Number.POSITIVE_INFINITY);
    if (end > blob.length || parts.length === 8) return undefined;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

/** A positive number of SSH (RFC 4251 5) in bits; undefined when it is negative, or has more bytes than it needs. */
function bitsOf(number: Buffer | undefined): number | undefined {
  const [first, second = 0] = number ?? [];
  if (number === undefined || first === undefined || first >= 0x80) return undefined;
  if (first === 0 && second < 0x80) return undefined;
  return BigInt(`0x${number.toString('hex')}`).toString(2).length;
}

function rsaFault([exponent, modulus]: readonly Buffer[]): SshKeyFault | undefined {
  const [e, n] = [bitsOf(exponent), bitsOf(modulus)];
  if (e === undefined || n === undefined) return 'The numbers of this RSA key are malformed.';
  if (e < 2 || e > 64 || ((exponent?.at(-1) ?? 0) & 1) === 0)
    return 'The exponent of this RSA key is unusual.';
  if (n < 2048) return `This RSA key has ${n} bits; at least 2048 are needed. Better make an ed25519 key.`;
  return n > 8192 ? `This RSA key has ${n} bits; 8192 is the most.` : undefined;
}

const curves: Readonly<Record<string, number>> = { nistp256: 32, nistp384: 48, nistp521: 66 };

function curveFault(curve: string, [name, point]: readonly Buffer[]): SshKeyFault | undefined {
  const coordinate = curves[curve] ?? 0;
  const whole = point?.[0] === 4 && point.length === 1 + 2 * coordinate;
  return name?.toString('latin1') === curve && whole ? undefined : 'The point of this key is malformed.';
}

const edFault = ([point]: readonly Buffer[]) =>
  point?.length === 32 ? undefined : 'An ed25519 key has 32 bytes.';

/** What FIDO tokens sign for: only what ssh-keygen makes, which needs no quoting anywhere. */
const applicationFault = (application: Buffer | undefined) =>
  application && /^ssh:[A-Za-z0-9._@-]{0,64}$/.test(application.toString('latin1'))
    ? undefined
    : 'The application of this key is not of the form ssh:name.';

interface KeyType {
  /** Parts of the blob behind its type. */
  readonly parts: number;
  readonly fault: (parts: readonly Buffer[]) => SshKeyFault | undefined;
}

const ecdsa = (curve: string): KeyType => ({ parts: 2, fault: (parts) => curveFault(curve, parts) });

const types: Readonly<Record<string, KeyType>> = {
  'ssh-ed25519': { parts: 1, fault: edFault },
  'ssh-rsa': { parts: 2, fault: rsaFault },
  'ecdsa-sha2-nistp256': ecdsa('nistp256'),
  'ecdsa-sha2-nistp384': ecdsa('nistp384'),
  'ecdsa-sha2-nistp521': ecdsa('nistp521'),
  'sk-ssh-ed25519@openssh.com': { parts: 2, fault: (parts) => edFault(parts) ?? applicationFault(parts[1]) },
  'sk-ecdsa-sha2-nistp256@openssh.com': {
    parts: 3,
    fault: (parts) => curveFault('nistp256', parts) ?? applicationFault(parts[2]),
  },
};

const refused = (fault: SshKeyFault) => ({ ok: false as const, fault });

/** Reads the one line of a public key file. Options before the key are refused, as is a second line. */
export function sshKeyFrom(
  text: string,
): { readonly ok: true; readonly key: SshKey } | { readonly ok: false; readonly fault: SshKeyFault } {
  const line = text.length > maxKeyText ? '' : text.replace(/^[ \t]+|[ \t]*\r?\n?$/g, '');
  const [, type = '', base64 = '', comment = ''] = form.exec(line) ?? [];
  const kind = Object.hasOwn(types, type) ? types[type] : undefined;
  if (kind === undefined) {
    return refused(
      'It must be one line of a public key file: ssh-ed25519, ecdsa-sha2-nistp…, ssh-rsa or sk-….',
    );
  }
  const blob = Buffer.from(base64, 'base64');
  const [name, ...parts] = partsOf(blob) ?? [];
  // Another spelling of the same bytes would be another key to whoever compares texts.
  if (
    blob.toString('base64') !== base64 ||
    name?.toString('latin1') !== type ||
    parts.length !== kind.parts
  ) {
    return refused('The key is cut short, or is not of the type that stands before it.');
  }
  const fault = kind.fault(parts);
  if (fault !== undefined) return refused(fault);
  return { ok: true, key: { type, key: base64, fingerprint: fingerprintOf(blob), comment: comment.trim() } };
}

/** `SHA256:…` of a key's blob. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** A moment as sshd reads it, in UTC (OpenSSH 9.1 and later). */
const expiryTime = (at: Date) => `${at.toISOString().replace(/[-:T]|\..*/g, '')}Z`;

/**
 * The line of an authorized_keys file for a key that was kept. Reads the key again: whatever became of it between
 * the customer and here, no line leaves that says anything else. Undefined when it cannot be written safely.
 */
export function authorizedKeysLine(kept: {
  readonly type: string;
  readonly key: string;
  /** An address or range in its one spelling. */
  readonly source: string | null;
  readonly expiresAt: Date | null;
}): { readonly line: string; readonly fingerprint: string } | undefined {
  const read = sshKeyFrom(`${kept.type} ${kept.key}`);
  if (!read.ok || (kept.source !== null && !/^[0-9a-f.:]+(?:\/\d{1,3})?$/.test(kept.source)))
    return undefined;
  const options = [
    ...(kept.source === null ? [] : [`from="${kept.source}"`]),
    ...(kept.expiresAt === null ? [] : [`expiry-time="${expiryTime(kept.expiresAt)}"`]),
  ];
  const line = [...(options.length > 0 ? [options.join(',')] : []), read.key.type, read.key.key].join(' ');
  return { line, fingerprint: read.key.fingerprint };
}

/**
 * The fingerprint of the first key that sshd accepted, from the lines that it writes of what it accepted
 * (`SSH_AUTH_INFO_0`). Undefined without one: no key, a certificate, or a line that was cut.
 */
export function acceptedKey(info: string | undefined): string | undefined {
  const line = info
    ?.split('\n')
    .slice(0, -1)
    .find((each) => each.startsWith('publickey '));
  const read = line === undefined ? undefined : sshKeyFrom(line.slice('publickey '.length));
  return read?.ok === true ? read.key.fingerprint : undefined;
}
