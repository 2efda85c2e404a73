/** The process's log: JSON lines on standard error. Secrets never reach it: `redact` is the net below the rule. */
import { pino } from 'pino';

const secretFields = ['password', 'token', 'key', 'authorization', 'hash', 'code', 'secret'];

export const log = pino(
  {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '***' },
  },
  pino.destination({ fd: 2, sync: true }),
);

export type Log = typeof log;
