/** Reads from peers that may send too much, too slowly or too little. */
import type { Socket } from 'node:net';

/** The peer is not what belongs there. Never quotes what it sent: that may be a password. */
export class BadPeer extends Error {}

/** Gathers what the peer sends, as latin1, until it is enough. Throws on too much, on a silence, and on an early end. */
export function readUntil(
  socket: Socket,
  ms: number,
  most: number,
  enough: (text: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const done = (settle: () => void) => {
      clearTimeout(timer);
      socket.off('data', take).off('end', short).off('close', short);
      settle();
    };
    const timer = setTimeout(() => done(() => reject(new BadPeer('too slow'))), ms);
    const short = () => done(() => reject(new BadPeer('ended early')));
    const take = (piece: Buffer) => {
      text += piece.toString('latin1');
      if (text.length > most) done(() => reject(new BadPeer('too long')));
      else if (enough(text)) done(() => resolve(text));
    };
    socket.on('data', take).on('end', short).on('close', short);
  });
}
