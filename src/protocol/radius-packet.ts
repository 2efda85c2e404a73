/** RADIUS packets as bytes: a Disconnect-Request (RFC 5176) and the answers to it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const codes = { request: 40, ack: 41, nak: 42 } as const;
const headerBytes = 20;
const longestPacket = 4096;
/** RFC 2865 5.44: no more than this fits into one attribute. */
const longestValue = 253;

const types = {
  userName: 1,
  class: 25,
  acctSessionId: 44,
  eventTimestamp: 55,
  messageAuthenticator: 80,
  errorCause: 101,
} as const;

/** What names the session at its NAS. */
export interface DisconnectNames {
  readonly userName: string;
  /** The NAS's own name for it, as its accounting said. */
  readonly acctSessionId?: string | undefined;
  readonly class?: string | undefined;
}

function attribute(type: number, value: Buffer): Buffer {
  if (value.length > longestValue) throw new Error(`an attribute of ${value.length} bytes`);
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/**
 * A Disconnect-Request. Its authenticator is MD5 over the packet with zeros in its place and the secret (RFC 5176 3.5);
 * Message-Authenticator comes first, and is computed before it, over the same zeros.
 * @param identifier 0 to 255; `at` in ms since 1970, told as Event-Timestamp, so that an old request is no use.
 */
export function disconnectRequest(
  names: DisconnectNames,
  identifier: number,
  at: number,
  secret: string,
): Buffer {
  const packet = Buffer.concat([
    Buffer.alloc(headerBytes),
    attribute(types.messageAuthenticator, Buffer.alloc(16)),
    attribute(types.userName, Buffer.from(names.userName)),
    ...(names.acctSessionId === undefined
      ? []
      : [attribute(types.acctSessionId, Buffer.from(names.acctSessionId))]),
    ...(names.class === undefined ? [] : [attribute(types.class, Buffer.from(names.class))]),
    attribute(types.eventTimestamp, uint32(Math.floor(at / 1000))),
  ]);
  packet.writeUInt8(codes.request, 0);
  packet.writeUInt8(identifier, 1);
  packet.writeUInt16BE(packet.length, 2);
  createHmac('md5', secret)
    .update(packet)
    .digest()
    .copy(packet, headerBytes + 2);
  createHash('md5').update(packet).update(secret).digest().copy(packet, 4);
  return packet;
}

export type DisconnectAnswer =
  | { readonly kind: 'ack' }
  /** Error-Cause (RFC 5176 3.5), such as 503: no such session. */
  | { readonly kind: 'nak'; readonly cause: number | undefined };

/** The answer to that very request; undefined for anything else, and for what does not know the secret. */
export function disconnectAnswer(
  bytes: Buffer,
  request: Buffer,
  secret: string,
): DisconnectAnswer | undefined {
  if (bytes.length < headerBytes || bytes.length > longestPacket) return undefined;
  const length = bytes.readUInt16BE(2);
  if (length < headerBytes || length > bytes.length || bytes[1] !== request[1]) return undefined;
  const packet = bytes.subarray(0, length);
  const asked = Buffer.from(packet);
  request.copy(asked, 4, 4, headerBytes);
  const expected = createHash('md5').update(asked).update(secret).digest();
  if (!timingSafeEqual(expected, packet.subarray(4, headerBytes))) return undefined;
  const attributes = attributesOf(packet);
  if (attributes === undefined || !authentic(asked, attributes, secret)) return undefined;
  if (packet[0] === codes.ack) return { kind: 'ack' };
  if (packet[0] !== codes.nak) return undefined;
  const cause = attributes.find(({ type, value }) => type === types.errorCause && value.length === 4);
  return { kind: 'nak', cause: cause?.value.readUInt32BE() };
}

interface Attribute {
  readonly type: number;
  readonly value: Buffer;
  readonly at: number;
}

function attributesOf(packet: Buffer): Attribute[] | undefined {
  const found: Attribute[] = [];
  for (let at = headerBytes; at < packet.length; ) {
    const [type = 0, length = 0] = packet.subarray(at, at + 2);
    if (length < 2 || at + length > packet.length) return undefined;
    found.push({ type, value: packet.subarray(at + 2, at + length), at: at + 2 });
    at += length;
  }
  return found;
}

/** A Message-Authenticator must be right where there is one; `asked` has the request's authenticator. */
function authentic(asked: Buffer, attributes: readonly Attribute[], secret: string): boolean {
  const signed = attributes.find(({ type }) => type === types.messageAuthenticator);
  if (signed === undefined) return true;
  if (signed.value.length !== 16) return false;
  const blank = Buffer.from(asked);
  blank.fill(0, signed.at, signed.at + 16);
  return timingSafeEqual(createHmac('md5', secret).update(blank).digest(), signed.value);
}
