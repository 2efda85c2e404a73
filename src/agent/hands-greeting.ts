/** The hands that hear how a port of this host greets whoever connects. */
import { connect } from 'node:net';

/** SSH servers speak first and at once; what speaks later is something else. */
const patienceMs = 1_000;

/** Its first words: empty when it waits to be spoken to, undefined when it takes no connection or closes it. */
export function greetingOf(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const patience = setTimeout(() => finish(socket.connecting ? undefined : ''), patienceMs);
    const finish = (heard: string | undefined) => {
      clearTimeout(patience);
      resolve(heard);
      socket.destroy();
    };
    socket.once('data', (first) => finish(first.toString('latin1')));
    socket.on('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
  });
}
