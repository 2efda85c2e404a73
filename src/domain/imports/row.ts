/** What an import file says of one login, and what a format says about itself. One format, one file, one line in `index.ts`. */
import { ownIds, type UnixIds } from '../unix-ids.ts';

export interface ImportRow {
  readonly login: string;
  /** As it stands in the file, marks of locking included. */
  readonly secret: string;
  readonly email?: string | undefined;
  /** The login of the account that it belongs to; absent: the account of its own name. */
  readonly account?: string | undefined;
  readonly locked?: boolean | undefined;
  /** Days since 1970 from which on the login was shut where it comes from. */
  readonly expiresOnDay?: number | undefined;
  readonly unix?: UnixIds | undefined;
}

/** `refused`: a sentence for whoever brought the file. `ignored`: a blank line, a comment, a heading. */
export type ParsedLine =
  | { readonly row: ImportRow }
  | { readonly refused: string }
  | { readonly ignored: true };

/** Reads the lines of one file in turn; the first one may name columns. */
export type LineReader = (line: string) => ParsedLine;

export interface ImportFormat {
  readonly name: string;
  readonly summary: string;
  open(): LineReader;
}

export const ignored = { ignored: true } as const;

/** The fields of a line between colons; undefined for a blank line or a comment. */
export function colonFields(line: string): string[] | undefined {
  const text = line.trim();
  return text === '' || text.startsWith('#') ? undefined : line.split(':');
}

export const fieldsFault = (found: number, wanted: string): ParsedLine => ({
  refused: `The line has ${found} fields between colons; ${wanted} are expected.`,
});

/** What passwd(5) and the files made after it have in common: uid, gid, home and shell as text. */
export function passwdIds(
  uid: string | undefined,
  gid: string | undefined,
  home: string | undefined,
  shell: string | undefined,
): UnixIds | undefined {
  const number = (text: string | undefined) => (/^\d{1,10}$/.test(text ?? '') ? Number(text) : undefined);
  return ownIds({ uid: number(uid), gid: number(gid), home, shell });
}
