import { z } from 'zod';
import { ownIds } from '../unix-ids.ts';
import { type ImportFormat, ignored, type ParsedLine } from './row.ts';

/** One line: an object of its own. */
export const ndjsonRow = z.strictObject({
  login: z.string(),
  hash: z.string(),
  email: z.string().nullish(),
  account: z.string().nullish(),
  /** SQL writes 0 and 1. */
  locked: z.union([z.boolean(), z.literal(0), z.literal(1)]).optional(),
  unix: z
    .strictObject({
      uid: z.number(),
      gid: z.number(),
      home: z.string(),
      shell: z.string().nullish(),
    })
    .nullish(),
});

function faultOf({ path, code, message }: z.core.$ZodIssue): string {
  if (code === 'unrecognized_keys') return 'it has a field that is not known';
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function rowOf(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { refused: 'The line is not JSON.' };
  }
  const { success, data, error } = ndjsonRow.safeParse(value);
  if (!success) {
    const [first] = error.issues;
    return { refused: `Not a row: ${first === undefined ? 'unreadable' : faultOf(first)}.` };
  }
  const { login, hash: secret, email, account, locked, unix } = data;
  const ids = unix ? ownIds({ ...unix, shell: unix.shell ?? undefined }) : undefined;
  if (unix && ids === undefined) {
    return { refused: 'unix: uid and gid must be 1000 or more and not nobody’s, home a plain path.' };
  }
  const or = (text: string | null | undefined) => text || undefined;
  return {
    row: { login, secret, email: or(email), account: or(account), locked: Boolean(locked), unix: ids },
  };
}

export const ndjson: ImportFormat = {
  name: 'ndjson',
  summary: 'one JSON object a line: {login, hash, email?, account?, locked?, unix?}',
  open: () => (line) => (line.trim() === '' ? ignored : rowOf(line)),
};
