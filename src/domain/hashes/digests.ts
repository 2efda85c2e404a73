/** One digest of the password, with a salt behind it or none: LDAP's `{SHA}` and its kin, and MD5 as bare hex. */
import { createHash } from 'node:crypto';
import { labelled } from './label.ts';
import type { HashScheme } from './scheme.ts';

interface DigestParams {
  readonly digest: Buffer;
  readonly salt: Buffer;
}

interface DigestSpec {
  readonly name: string;
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512';
  readonly bytes: number;
  readonly salted: boolean;
  readonly labels: readonly string[];
  /** Without a label, as hexadecimal. */
  readonly bare?: true;
}

const longestSalt = 64;
const hex = /^([0-9a-fA-F]{2})+$/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Both ways of writing are told apart by length: Dovecot takes either behind every label. */
function bytesOf(text: string, spec: DigestSpec, encoding: string | undefined): Buffer | undefined {
  const fits = (bytes: Buffer) =>
    spec.salted
      ? bytes.length > spec.bytes && bytes.length <= spec.bytes + longestSalt
      : bytes.length === spec.bytes;
  const fromHex = hex.test(text) ? Buffer.from(text, 'hex') : undefined;
  const isHex = encoding === 'HEX' || (encoding === undefined && !spec.salted && fromHex && fits(fromHex));
  if (isHex) return fromHex && fits(fromHex) ? fromHex : undefined;
  if (!base64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const unpadded = (value: string) => value.replace(/=+$/, '');
  return fits(bytes) && unpadded(bytes.toString('base64')) === unpadded(text) ? bytes : undefined;
}

const encodings = [undefined, 'HEX', 'B64', 'BASE64'];

function weakness({ salted, algorithm }: DigestSpec): string {
  const title = algorithm.toUpperCase().replace('SHA', 'SHA-');
  if (salted) return `One round of ${title}: one machine guesses billions of such passwords a second.`;
  return `${title} without a salt: equal passwords look equal, and lists of the usual ones are at hand.`;
}

const kind = (spec: DigestSpec): HashScheme<DigestParams> => ({
  name: spec.name,
  weak: weakness(spec),
  computer: 'itself',
  recognise(stored) {
    const { label, encoding, rest } = labelled(stored);
    const mine = label === undefined ? spec.bare === true : spec.labels.includes(label);
    if (!mine || !encodings.includes(encoding)) return null;
    const bytes = bytesOf(rest, spec, label === undefined ? 'HEX' : encoding);
    if (bytes === undefined) return null;
    return { digest: bytes.subarray(0, spec.bytes), salt: bytes.subarray(spec.bytes) };
  },
  outOfBounds: () => undefined,
  outdated: () => true,
  /** Not normalised: the other system hashed the bytes that were typed, a NUL included. */
  prepare(password, { digest, salt }) {
    const setting = salt.toString('base64');
    const phrase = Buffer.from(password);
    const work = { scheme: spec.name, phrase, setting, rounds: 1, guessed: true } as const;
    return { work, expected: digest.toString('hex') };
  },
  compute: (phrase, setting) =>
    createHash(spec.algorithm).update(phrase).update(Buffer.from(setting, 'base64')).digest('hex'),
});

export const digests = [
  kind({
    ...{ name: 'md5', algorithm: 'md5', bytes: 16, salted: false, bare: true },
    labels: ['MD5', 'PLAIN-MD5', 'LDAP-MD5'],
  }),
  kind({ name: 'smd5', algorithm: 'md5', bytes: 16, salted: true, labels: ['SMD5'] }),
  kind({ name: 'sha1', algorithm: 'sha1', bytes: 20, salted: false, labels: ['SHA', 'SHA1'] }),
  kind({ name: 'ssha', algorithm: 'sha1', bytes: 20, salted: true, labels: ['SSHA'] }),
  kind({ name: 'sha256', algorithm: 'sha256', bytes: 32, salted: false, labels: ['SHA256'] }),
  kind({ name: 'ssha256', algorithm: 'sha256', bytes: 32, salted: true, labels: ['SSHA256'] }),
  kind({ name: 'sha512', algorithm: 'sha512', bytes: 64, salted: false, labels: ['SHA512'] }),
  kind({ name: 'ssha512', algorithm: 'sha512', bytes: 64, salted: true, labels: ['SSHA512'] }),
];
