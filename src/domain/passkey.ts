/**
 * Passkeys (WebAuthn level 3): what a browser is asked, and whether what it answers holds. User verification is always
 * required, so that a passkey is both factors at once (ASVS 5.0 6.5.7; NIST 800-63B-4 3.1.7).
 *
 * Which authenticator somebody uses is not asked for and not judged: any statement about that is put aside unread.
 * Parsing foreign certificates, and fetching what they name, is surface that buys a host nothing.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import {
  COSEALG,
  decodeAttestationObject,
  decodeClientDataJSON,
  isoBase64URL,
  isoCBOR,
} from '@simplewebauthn/server/helpers';

/** Bytes of a challenge (WebAuthn 13.4.3 asks for 16 at least). */
export const passkeyChallengeBytes = 32;
export const passkeyChallengeMs = 5 * 60_000;
export const passkeysAllowed = 20;

const algorithms = [COSEALG.ES256, COSEALG.EdDSA, COSEALG.RS256];

/** Whose passkeys they are: the domain that they are bound to, and the origins whose pages may use them. */
export interface RelyingParty {
  readonly id: string;
  readonly origins: readonly string[];
}

export interface KnownPasskey {
  /** The credential id, base64url. */
  readonly webauthnId: string;
  readonly transports: readonly string[];
}

export interface NewPasskey extends KnownPasskey {
  /** COSE key. */
  readonly publicKey: Buffer;
  readonly signCount: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** What a use of a passkey says of it. */
export interface PasskeyUse {
  readonly signCount: number;
  readonly backedUp: boolean;
}

/** Why an answer does not hold: for the audit log, never for the caller. */
export interface PasskeyFault {
  readonly fault: string;
}

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;
export type RegistrationAnswer = RegistrationResponseJSON;
export type PasskeyAnswer = AuthenticationResponseJSON;

/** What authenticators keep as the user: the account's random id, no name and no address (WebAuthn 14.6.1). */
export const userHandle = (accountId: string) => Buffer.from(accountId).toString('base64url');

const descriptors = (known: readonly KnownPasskey[]) =>
  known.map(({ webauthnId, transports }) => ({
    id: webauthnId,
    transports: transports as NonNullable<RegistrationAnswer['response']['transports']>,
  }));

/** Asks a browser to make a passkey; not on an authenticator that holds one of this account already. */
export function creationOptions(
  party: RelyingParty,
  owner: { readonly accountId: string; readonly login: string },
  challenge: Buffer,
  known: readonly KnownPasskey[],
): Promise<CreationOptions> {
  return generateRegistrationOptions({
    rpName: party.id,
    rpID: party.id,
    userID: new Uint8Array(Buffer.from(owner.accountId)),
    userName: owner.login,
    userDisplayName: owner.login,
    challenge: new Uint8Array(challenge),
    timeout: passkeyChallengeMs,
    attestationType: 'none',
    excludeCredentials: descriptors(known),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  });
}

/** Asks a browser for one of these passkeys; for any that it knows for this domain when there is no list. */
export function requestOptions(
  party: RelyingParty,
  challenge: Buffer,
  known?: readonly KnownPasskey[],
): Promise<RequestOptions> {
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(challenge),
    timeout: passkeyChallengeMs,
    userVerification: 'required',
    ...(known === undefined ? {} : { allowCredentials: descriptors(known) }),
  });
}

/** Whatever a foreign library throws at foreign bytes means the same: no. */
async function judged<T>(work: () => Promise<T | PasskeyFault>): Promise<T | PasskeyFault> {
  try {
    return await work();
  } catch (error) {
    return { fault: error instanceof Error ? error.message.slice(0, 300) : 'not understood' };
  }
}

/** A page of somebody else's around ours could put the question: our pages ask it themselves. */
function framed(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON);
  return crossOrigin === true || topOrigin !== undefined;
}

/** The same answer without the statement about its authenticator. */
function withoutAttestation(answer: RegistrationAnswer): RegistrationAnswer {
  const box = decodeAttestationObject(isoBase64URL.toBuffer(answer.response.attestationObject));
  const bare = isoCBOR.encode(
    new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', box.get('authData')],
    ]),
  );
  return {
    ...answer,
    response: { ...answer.response, attestationObject: isoBase64URL.fromBuffer(bare) },
  };
}

/** @param challenge base64url, of a ceremony that the caller has just spent. */
export function judgeRegistration(
  party: RelyingParty,
  challenge: string,
  answer: RegistrationAnswer,
): Promise<NewPasskey | PasskeyFault> {
  return judged(async () => {
    if (framed(answer.response.clientDataJSON)) return { fault: 'asked from within a foreign page' };
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: withoutAttestation(answer),
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (!verified) return { fault: 'not verified' };
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
    return {
      webauthnId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      signCount: credential.counter,
      transports: credential.transports ?? [],
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
    };
  });
}

/**
 * Judges the use of a passkey of this account. The count of its uses is answered, not judged: that is done where it is
 * stored, after the signature, so that nobody who lacks the key can make it look cloned.
 */
export function judgeAssertion(
  party: RelyingParty,
  challenge: string,
  answer: PasskeyAnswer,
  passkey: KnownPasskey & { readonly accountId: string; readonly publicKey: Buffer },
): Promise<PasskeyUse | PasskeyFault> {
  return judged(async () => {
    const { clientDataJSON, userHandle: said } = answer.response;
    if (framed(clientDataJSON)) return { fault: 'asked from within a foreign page' };
    if (said !== undefined && said !== '' && said !== userHandle(passkey.accountId)) {
      return { fault: 'made for another account' };
    }
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: { id: passkey.webauthnId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    });
    if (!verified) return { fault: 'a wrong signature' };
    return { signCount: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  });
}
