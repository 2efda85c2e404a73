/**
 * An authenticator in software (WebAuthn level 3): real keys, real signatures, and every lie that a test wants told.
 */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { z } from 'zod';
import type { CreationOptions, RequestOptions } from '../../src/domain/passkey.ts';
import type { passkeyAnswer, registrationAnswer } from '../../src/protocol/passkey.ts';

export type Registration = z.input<typeof registrationAnswer>;
export type Assertion = z.input<typeof passkeyAnswer>;

/** What it says that is not so, or differs from the usual. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly signCount?: number;
  readonly userHandle?: string;
  /** Signs with another key. */
  readonly forged?: boolean;
  /** A statement about itself beside what was asked. */
  readonly attestation?: { readonly fmt: string; readonly attStmt: Map<string, unknown> };
}

export interface Authenticator {
  readonly id: string;
  create(options: CreationOptions, lies?: Lies): Registration;
  get(options: RequestOptions, lies?: Lies): Assertion;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const b64 = (data: Uint8Array | string) => Buffer.from(data).toString('base64url');

/** @param origin of the page that asks. @param counts whether it counts its uses; many say 0 for ever. */
export function softAuthenticator(origin: string, counts = true): Authenticator {
  const id = randomBytes(32);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let count = 0;
  let userHandle = '';

  const clientData = (type: string, challenge: string, lies: Lies) =>
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
      crossOrigin: lies.crossOrigin ?? false,
      ...(lies.topOrigin === undefined ? {} : { topOrigin: lies.topOrigin }),
    });
  const authData = (rpId: string, lies: Lies, attested?: Uint8Array) => {
    const [present, verified] = [lies.userPresent ?? true, lies.userVerified ?? true];
    const flags = (present ? 1 : 0) | (verified ? 4 : 0) | (attested === undefined ? 0 : 0x40);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.signCount ?? count);
    return Buffer.concat([
      sha256(lies.rpId ?? rpId),
      Buffer.from([flags]),
      counter,
      attested ?? Buffer.alloc(0),
    ]);
  };
  const frame = {
    ...{ id: b64(id), rawId: b64(id), type: 'public-key' as const },
    ...{ clientExtensionResults: {}, authenticatorAttachment: 'platform' },
  };

  return {
    id: b64(id),
    create(options, lies = {}) {
      userHandle = options.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)]);
      const { fmt, attStmt } = lies.attestation ?? { fmt: 'none', attStmt: new Map() };
      const attestationObject = isoCBOR.encode(
        new Map<string, never>([
          ['fmt', fmt as never],
          ['attStmt', attStmt as never],
          ['authData', new Uint8Array(authData(options.rp.id ?? '', lies, attested)) as never],
        ]),
      );
      const clientDataJSON = b64(clientData('webauthn.create', options.challenge, lies));
      const response = {
        clientDataJSON,
        attestationObject: b64(attestationObject),
        transports: ['internal'],
      };
      return { ...frame, response };
    },
    get(options, lies = {}) {
      count += counts ? 1 : 0;
      const data = authData(options.rpId ?? '', lies);
      const client = clientData('webauthn.get', options.challenge, lies);
      const key = lies.forged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : privateKey;
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(key);
      return {
        ...frame,
        response: {
          clientDataJSON: b64(client),
          authenticatorData: b64(data),
          signature: b64(signature),
          userHandle: lies.userHandle ?? userHandle,
        },
      };
    },
  };
}

/** ES256 on P-256 (RFC 9053). */
function coseKey(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  return isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point(x)],
      [-3, point(y)],
    ]),
  );
}
