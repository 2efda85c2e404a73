/**
 * Authentication-Results (RFC 8601), of trusted boundaries alone: anybody can write the field into a mail, so only those
 * count whose authserv-id the operator named, and the boundary must strip others of its own name.
 */
import type { Authentication } from '../../domain/message.ts';
import { registrable } from './addresses.ts';

export function authenticationOf(
  fields: readonly string[],
  trusted: readonly string[],
): Authentication | undefined {
  const names = new Set(trusted.map((name) => name.toLowerCase()));
  const mine = fields.filter((field) => names.has(authservId(field)));
  if (mine.length === 0) return undefined;
  let spf: string | undefined;
  let dmarc: string | undefined;
  const dkim: { result: string; domain: string }[] = [];
  for (const result of mine.flatMap((field) => field.slice(0, 8_000).split(';').slice(1))) {
    const [, method, verdict] = /^\s*([a-z-]{2,20})(?:\/\d+)?\s*=\s*([a-z]{2,20})/i.exec(result) ?? [];
    if (method === undefined || verdict === undefined) continue;
    const said = verdict.toLowerCase();
    if (method.toLowerCase() === 'spf') spf ??= said;
    else if (method.toLowerCase() === 'dmarc') dmarc ??= said;
    else if (method.toLowerCase() === 'dkim')
      dkim.push({
        result: said,
        domain: registrable(/header\.[di]=@?([\w.-]{1,253})/i.exec(result)?.[1]?.toLowerCase() ?? ''),
      });
  }
  return { ...(spf === undefined ? {} : { spf }), dkim, ...(dmarc === undefined ? {} : { dmarc }) };
}

/** The first word; a version may follow it. */
const authservId = (field: string) => /^\s*([^\s;]{1,253})/.exec(field)?.[1]?.toLowerCase() ?? '';
