/** Requests as bytes, and one connection that sends them: as little of our own as possible between clock and server. */
import { connect, type Socket } from 'node:net';

export function rawRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string {
  const lines = Object.entries({
    host: '127.0.0.1',
    ...headers,
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** A session check as a panel would send it. */
export const checkRequest = (key: string, token: string, touch = true) =>
  rawRequest(
    'POST',
    '/v1/sessions/check',
    { authorization: `Bearer ${key}` },
    JSON.stringify({ token, touch }),
  );

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** One request at a time. */
  ask(request: string): Promise<Answer>;
  close(): void;
}

const lengthName = '\r\ncontent-length: ';

/** Where the head and the whole of an answer end in `text`; undefined while it is not all there. */
function endOf(text: string): { readonly head: number; readonly end: number } | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const named = text.slice(0, head).toLowerCase().indexOf(lengthName);
  if (named >= 0) {
    const end = head + 4 + Number.parseInt(text.slice(named + lengthName.length, head), 10);
    return text.length >= end ? { head, end } : undefined;
  }
  const last = text.indexOf('0\r\n\r\n', head + 4);
  return last < 0 ? undefined : { head, end: last + 5 };
}

export async function openConnection(host: string, port: number): Promise<Connection> {
  const socket: Socket = connect({ host, port, noDelay: true });
  let text = '';
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text = text === '' ? chunk : text + chunk;
    const found = endOf(text);
    if (found === undefined || waiting === undefined) return;
    const { resolve } = waiting;
    waiting = undefined;
    const answer = { status: Number(text.slice(9, 12)), body: text.slice(found.head + 4, found.end) };
    text = text.slice(found.end);
    resolve(answer);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request, 'latin1');
      }),
    close: () => socket.destroy(),
  };
}
