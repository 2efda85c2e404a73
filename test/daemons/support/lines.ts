/** A connection that speaks in lines, as a mail program does. */
import { createConnection } from 'node:net';
import { until } from './processes.ts';

export interface Lines {
  said(): string;
  say(line: string): void;
  /** Waits until something was heard that matches, since the last thing that was said. */
  hears(pattern: RegExp, ms?: number): Promise<string>;
  /** When the other side closed it, in ms since 1970. */
  readonly closed: Promise<number>;
  end(): void;
}

export async function dial(port: number): Promise<Lines> {
  const socket = createConnection({ host: '127.0.0.1', port });
  let heard = '';
  let since = 0;
  socket.on('data', (piece) => {
    heard += piece.toString();
  });
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(Date.now())));
  const lines: Lines = {
    said: () => heard,
    say: (line) => {
      since = heard.length;
      socket.write(`${line}\r\n`);
    },
    hears: async (pattern, ms = 15_000) => {
      await until(
        () => pattern.test(heard.slice(since)),
        `${pattern}`,
        ms,
        () => heard,
      );
      return heard.slice(since);
    },
    closed,
    end: () => socket.destroy(),
  };
  return lines;
}

/** Whether something listens there. */
export async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
