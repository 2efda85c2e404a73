/** SHELF: the files that logins are brought in. A new format is its file and its line here. */
import { csv } from './csv.ts';
import { dovecot } from './dovecot.ts';
import { htpasswd } from './htpasswd.ts';
import { ndjson } from './ndjson.ts';
import { passwd } from './passwd.ts';
import { pureftpd } from './pureftpd.ts';
import type { ImportFormat } from './row.ts';
import { shadow } from './shadow.ts';

export const importFormats: readonly ImportFormat[] = [
  shadow,
  passwd,
  pureftpd,
  htpasswd,
  dovecot,
  csv,
  ndjson,
];

export function importFormatNamed(name: string): ImportFormat | undefined {
  return importFormats.find((format) => format.name === name);
}
