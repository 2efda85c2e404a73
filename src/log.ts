/** The process's log: JSON lines on standard error. Secrets never reach it: `redact` is the net below the rule. */
import { pino } from 'pino';

/**
 * An error as it may be told: drivers hang the statement's parameters on theirs, and put them into the message; hashes
 * are among them.
 */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, stack } = error;
  const fault = 'code' in error ? { fault: error.code } : {};
  const message = error.message.replace(/\nparams: [\s\S]*$/, '');
  const at = stack?.indexOf(error.message) ?? -1;
  const frames = at < 0 ? '' : stack?.slice(at + error.message.length).trimStart();
  return { name, message, ...fault, stack: frames, ...(error.cause ? { cause: told(error.cause) } : {}) };
}

const secretFields = ['password', 'token', 'key', 'authorization', 'hash', 'code', 'secret'];

export const log = pino(
  {
    base: null,
    serializers: { err: told },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '***' },
  },
  pino.destination({ fd: 2, sync: true }),
);

export type Log = typeof log;
