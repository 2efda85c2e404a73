/** The hands that hear how a port of this host greets whoever connects. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A busy daemon takes its time, and some look up who connects first. */
const patienceMs = 5_000;
const longestLine = 1_024;

/**
 * The first line that a port says: in the clear, or within TLS where it waits for a ClientHello (FTPS on 990).
 * Undefined where it says none in time, or takes no connection.
 */
export async function greetingOf(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const inClear = await firstLine(connect({ host, port }), signal);
  if (inClear !== '') return inClear;
  // It is this host's own port, and nothing is told to it: whose certificate it has does not matter.
  return (await firstLine(connectTls({ host, port, rejectUnauthorized: false }), signal)) || undefined;
}

/** Empty when the port takes the connection and is silent. */
function firstLine(socket: Socket, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let heard = '';
    const finish = (line: string | undefined) => {
      clearTimeout(patience);
      signal.removeEventListener('abort', onAbort);
      resolve(line);
      socket.destroy();
    };
    const onAbort = () => finish(undefined);
    const patience = setTimeout(() => finish(socket.connecting || heard !== '' ? undefined : ''), patienceMs);
    signal.addEventListener('abort', onAbort);
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
      const end = heard.slice(0, longestLine).indexOf('\n');
      if (end > 0) finish(heard.slice(0, end));
      else if (end === 0 || heard.length >= longestLine) finish(undefined);
    });
    socket.on('error', onAbort);
    socket.once('close', onAbort);
    if (signal.aborted) onAbort();
  });
}
