/**
 * Bearer tokens and public ids: their shape, and what is kept of them.
 *
 * A token is a prefix and 256 random bits (ASVS 5.0 7.2.3 asks for at least 128); only its SHA-256 is stored,
 * so that neither a dump nor a read replica opens a session.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const tokenPrefixes = { client: 'ghc_', operator: 'gho_', session: 'ghs_' } as const;
export type TokenKind = keyof typeof tokenPrefixes;

const idPrefixes = {
  account: 'acc_',
  session: 'ses_',
  order: 'ord_',
  client: 'cli_',
  operator: 'opr_',
  request: 'req_',
  credential: 'crd_',
  event: 'evt_',
  passkey: 'psk_',
  appPassword: 'apw_',
  grant: 'grt_',
  sshKey: 'key_',
  mail: 'mai_',
  import: 'imp_',
  flag: 'flg_',
  contact: 'con_',
  report: 'rep_',
  message: 'msg_',
  webhook: 'whk_',
} as const;
export type IdKind = keyof typeof idPrefixes;

export const tokenBytes = 32;
export const idBytes = 15;

const secretPattern = /^[A-Za-z0-9_-]{43}$/;

/** A new token of that kind from 32 random bytes. */
export function tokenFrom(kind: TokenKind, random: Buffer): string {
  if (random.length !== tokenBytes) throw new Error(`a token takes ${tokenBytes} random bytes`);
  return tokenPrefixes[kind] + random.toString('base64url');
}

/** A new public id of that kind from 15 random bytes (120 bits). */
export function idFrom(kind: IdKind, random: Buffer): string {
  if (random.length !== idBytes) throw new Error(`an id takes ${idBytes} random bytes`);
  return idPrefixes[kind] + random.toString('base64url');
}

/** Which kind of token a text claims to be; undefined for anything that is not shaped like one. */
export function tokenKind(text: string): TokenKind | undefined {
  for (const [kind, prefix] of Object.entries(tokenPrefixes)) {
    if (text.startsWith(prefix) && secretPattern.test(text.slice(prefix.length))) return kind as TokenKind;
  }
  return undefined;
}

/** SHA-256 of the whole token: the only thing about it that is ever stored. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares two digests without telling by time where they differ. */
export function sameDigest(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
