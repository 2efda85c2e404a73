/**
 * The milter protocol, version 6, as libmilter 8.14 and later and Postfix speak it (mfdef.h, mfapi.h): the mail server
 * connects and tells of each mail step by step; the filter answers at the end of it. Both ways in packets: four bytes
 * of length (big-endian, the command counted), one byte of command, data. Texts end with a NUL and have no charset:
 * they are read as latin1, so that every byte comes out as it went in.
 */

/** Bytes of one packet. Chunks of a body have at most 65,535; a header is the mail server's to limit (Postfix: 102,400). */
export const maxPacketBytes = 1024 * 1024;

/** Oldest version that can change headers and hold mail; what it cannot do more is not asked of it. */
const oldestVersion = 2;
const ourVersion = 6;

/** What a filter may do to a mail; only these three are asked for. */
const actions = { addHeaders: 0x01, changeHeaders: 0x10, quarantine: 0x20 } as const;

/** Steps that are left out, and answers that nobody waits for. */
const steps = {
  noConnect: 0x01,
  noHelo: 0x02,
  noReplyHeader: 0x80,
  noUnknown: 0x100,
  noData: 0x200,
  noReplyMail: 0x4000,
  noReplyRecipient: 0x8000,
  noReplyEndOfHeaders: 0x40000,
  noReplyBody: 0x80000,
  leadingSpace: 0x100000,
} as const;

const wantedActions = Object.values(actions).reduce((sum, bit) => sum | bit, 0);
const wantedSteps = Object.values(steps).reduce((sum, bit) => sum | bit, 0);

/** The peer does not speak the protocol, or goes beyond its limits. Never quotes what it sent. */
export class MilterFault extends Error {}

export interface Packet {
  readonly command: string;
  readonly data: Buffer;
}

/** Cuts what arrives into packets. Holds at most one that is unfinished. */
export class Packets {
  #pieces: Buffer[] = [];
  #held = 0;

  /** True while a packet has begun that is not whole. */
  get unfinished(): boolean {
    return this.#held > 0;
  }

  /** @throws MilterFault on a length that no packet has; nothing is gathered for it. */
  *push(piece: Buffer): Generator<Packet> {
    this.#pieces.push(piece);
    this.#held += piece.length;
    for (;;) {
      const length = this.#length();
      if (length === undefined || this.#held < 4 + length) return;
      const packet = this.#take(4 + length);
      yield { command: packet.toString('latin1', 4, 5), data: packet.subarray(5) };
    }
  }

  #length(): number | undefined {
    if (this.#held < 4) return undefined;
    const length = this.#joined(4).readUInt32BE(0);
    if (length === 0 || length > maxPacketBytes) throw new MilterFault('a packet of a length that none has');
    return length;
  }

  /** The first piece, joined with others until it has so many bytes: each byte is copied once or twice, not with every push. */
  #joined(bytes: number): Buffer {
    const first = this.#pieces[0];
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }

  #take(bytes: number): Buffer {
    const first = this.#joined(bytes);
    this.#held -= bytes;
    if (first.length === bytes) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(bytes);
    return first.subarray(0, bytes);
  }
}

export interface Negotiated {
  /** Nobody waits for an answer to these commands. */
  readonly silent: ReadonlySet<string>;
  /** Values of headers come with the blanks before them, and go out the same way. */
  readonly leadingSpace: boolean;
  readonly answer: Buffer;
}

/** The first packet of a connection. @throws MilterFault for a server that is too old, or lets nothing be changed. */
export function negotiate({ command, data }: Packet): Negotiated {
  if (command !== 'O' || data.length < 12) throw new MilterFault('no negotiation');
  const version = data.readUInt32BE(0);
  if (version < oldestVersion) throw new MilterFault('a version before 2');
  const offered = data.readUInt32BE(4);
  if ((offered & wantedActions) !== wantedActions)
    throw new MilterFault('a server that lets headers not be changed, or mail not be held');
  const agreed = data.readUInt32BE(8) & wantedSteps;
  const quiet: [string, number][] = [
    ['M', steps.noReplyMail],
    ['R', steps.noReplyRecipient],
    ['L', steps.noReplyHeader],
    ['N', steps.noReplyEndOfHeaders],
    ['B', steps.noReplyBody],
  ];
  const said = Buffer.alloc(12);
  said.writeUInt32BE(Math.min(version, ourVersion), 0);
  said.writeUInt32BE(wantedActions, 4);
  said.writeUInt32BE(agreed, 8);
  return {
    silent: new Set(quiet.filter(([, bit]) => (agreed & bit) !== 0).map(([name]) => name)),
    leadingSpace: (agreed & steps.leadingSpace) !== 0,
    answer: packetOf('O', said),
  };
}

/** What a packet says, once both have agreed. */
export type Said =
  | { readonly kind: 'macros'; readonly of: string; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'mail'; readonly sender: string }
  | { readonly kind: 'recipient'; readonly address: string }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'body'; readonly piece: Buffer }
  | { readonly kind: 'end'; readonly piece: Buffer }
  | { readonly kind: 'abort' | 'quit' | 'next connection' }
  /** Told for the sake of the protocol; nothing in it is needed here. */
  | { readonly kind: 'other' };

const readers: Readonly<Record<string, (data: Buffer) => Said>> = {
  D: (data) => ({ kind: 'macros', of: data.toString('latin1', 0, 1), values: macrosIn(data.subarray(1)) }),
  C: () => ({ kind: 'other' }),
  H: () => ({ kind: 'other' }),
  T: () => ({ kind: 'other' }),
  U: () => ({ kind: 'other' }),
  N: () => ({ kind: 'other' }),
  M: (data) => ({ kind: 'mail', sender: unbracketed(textsIn(data)[0] ?? '') }),
  R: (data) => ({ kind: 'recipient', address: unbracketed(textsIn(data)[0] ?? '') }),
  L: (data) => {
    const [name, value] = textsIn(data);
    if (!name || value === undefined) throw new MilterFault('a header without a name or a value');
    return { kind: 'header', name, value };
  },
  B: (piece) => ({ kind: 'body', piece }),
  E: (piece) => ({ kind: 'end', piece }),
  A: () => ({ kind: 'abort' }),
  Q: () => ({ kind: 'quit' }),
  K: () => ({ kind: 'next connection' }),
};

/** @throws MilterFault for a command that there is not, or one that lacks what belongs to it. */
export function readPacket({ command, data }: Packet): Said {
  const reader = Object.hasOwn(readers, command) ? readers[command] : undefined;
  if (!reader) throw new MilterFault('a command that there is not');
  return reader(data);
}

/** Commands that are answered, unless it was agreed that they are not. */
export const answered = (command: string): boolean => 'CHTUMRLNBE'.includes(command);

function textsIn(data: Buffer): string[] {
  if (data.length === 0 || data[data.length - 1] !== 0) throw new MilterFault('a text without its end');
  return data.toString('latin1', 0, data.length - 1).split('\0');
}

/** Names without the braces that longer ones have. */
function macrosIn(data: Buffer): Map<string, string> {
  const texts = data.length === 0 ? [] : textsIn(data);
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && at < 200; at += 2)
    values.set((texts[at] ?? '').replace(/^\{|\}$/g, ''), texts[at + 1] ?? '');
  return values;
}

const unbracketed = (address: string) => address.replace(/^<([\s\S]*)>$/, '$1');

// --- what the filter answers ---

export const goOn = (): Buffer => packetOf('c');

/** Puts a header before all others. `value` must be printable ASCII: a line break in it would be a header of its own. */
export function insertHeader(name: string, value: string, leadingSpace: boolean): Buffer {
  const at = Buffer.alloc(4);
  return packetOf('i', at, texts(name, leadingSpace ? ` ${printable(value)}` : printable(value)));
}

/** Takes the header of that name away; `index` counts those of the name from 1. */
export function removeHeader(name: string, index: number): Buffer {
  const at = Buffer.alloc(4);
  at.writeUInt32BE(index, 0);
  return packetOf('m', at, texts(name, ''));
}

/** The mail is accepted, and not delivered before somebody releases it. */
export const hold = (reason: string): Buffer => packetOf('q', texts(printable(reason)));

/** Refuses the mail with a line of SMTP: `550 5.7.1 …`. Percent signs would be read as a format. */
export function refuseWith(line: string): Buffer {
  if (!/^[45]\d\d [45]\.\d{1,3}\.\d{1,3} [^%]+$/.test(line)) throw new RangeError('no such answer in SMTP');
  return packetOf('y', texts(printable(line)));
}

const texts = (...all: readonly string[]) => Buffer.from(all.map((text) => `${text}\0`).join(''), 'latin1');

function printable(text: string): string {
  if (!/^[\x20-\x7e]{1,900}$/.test(text)) throw new RangeError('not a line of printable ASCII');
  return text;
}

function packetOf(command: string, ...data: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(1 + data.reduce((sum, { length: bytes }) => sum + bytes, 0), 0);
  return Buffer.concat([length, Buffer.from(command, 'latin1'), ...data]);
}
