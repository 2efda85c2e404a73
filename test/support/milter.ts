/** The mail server's side of the milter protocol: packets out, packets in. */
import { connect, type Socket } from 'node:net';

export const packet = (command: string, data: Buffer | string = ''): Buffer => {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + bytes.length, 0);
  head.write(command, 4, 'latin1');
  return Buffer.concat([head, bytes]);
};

export const numbers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
};

/** What Postfix 3.7 offers: version 6, all it lets be changed, all steps that it can leave out. */
export const greeting = packet('O', numbers(6, 0x1ff, 0x1fffff));

export interface Told {
  readonly sender?: string;
  readonly recipients?: readonly string[];
  readonly login?: string;
  /** Name and value; the value with the blank before it. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Buffer | string;
}

/** One mail up to its end, as Postfix tells it. */
export function tell({ sender = 'a@remote.test', recipients = ['anna@host.test'], ...mail }: Told): Buffer {
  const body = Buffer.isBuffer(mail.body) ? mail.body : Buffer.from(mail.body ?? 'Hello.\r\n', 'latin1');
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += 65_535) chunks.push(packet('B', body.subarray(at, at + 65_535)));
  const login = mail.login === undefined ? '' : `{auth_type}\0PLAIN\0{auth_authen}\0${mail.login}\0`;
  return Buffer.concat([
    packet('D', `M{mail_addr}\0${sender}\0${login}`),
    packet('M', `<${sender}>\0SIZE=${body.length}\0`),
    ...recipients.map((each) => packet('R', `<${each}>\0`)),
    packet('D', 'Ni\x004ABCdef\0'),
    ...(mail.headers ?? [['Subject', ' hello']]).map(([name, value]) => packet('L', `${name}\0${value}\0`)),
    packet('N'),
    ...chunks,
    packet('E'),
  ]);
}

export interface MilterPeer {
  readonly socket: Socket;
  /** The next packet: its command, and its data as latin1. */
  next(): Promise<readonly [string, string]>;
  /** Packets up to the one that ends a mail. */
  verdict(): Promise<(readonly [string, string])[]>;
  readonly closed: Promise<void>;
  /** Nothing, while it is open. */
  over(): boolean;
}

/** `where`: a port, or the path of a socket. */
export async function dialMilter(where: number | string): Promise<MilterPeer> {
  const socket =
    typeof where === 'number' ? connect({ host: '127.0.0.1', port: where }) : connect({ path: where });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let held = Buffer.alloc(0);
  let over = false;
  let wake = () => {};
  socket.on('data', (piece) => {
    held = Buffer.concat([held, piece as Buffer]);
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.on('close', () => {
      over = true;
      wake();
      resolve();
    }),
  );
  const next = async (): Promise<readonly [string, string]> => {
    for (;;) {
      const length = held.length < 4 ? undefined : held.readUInt32BE(0);
      if (length !== undefined && held.length >= 4 + length) {
        const whole = held.subarray(4, 4 + length).toString('latin1');
        held = held.subarray(4 + length);
        return [whole[0] ?? '', whole.slice(1)];
      }
      if (over) throw new Error('the milter hung up');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const verdict = async () => {
    const all: (readonly [string, string])[] = [];
    for (;;) {
      const packet = await next();
      all.push(packet);
      if ('acdrty'.includes(packet[0])) return all;
    }
  };
  return { socket, next, verdict, closed, over: () => over };
}

/** A peer that has agreed with the milter. */
export async function agreed(where: number | string, said = greeting): Promise<MilterPeer> {
  const peer = await dialMilter(where);
  peer.socket.write(said);
  await peer.next();
  return peer;
}
