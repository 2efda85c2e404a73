/**
 * Authentication-Results (RFC 8601), of trusted boundaries alone: anybody can write the field into a mail, so only those
 * count whose authserv-id the operator named, and the boundary must take away others of its name (section 5).
 *
 * All of them count, not the first alone: a boundary may write several (appendix B.4), as one that checks SPF, DKIM and
 * DMARC by three programs does. Where two differ the worse one counts, so one that was left in only makes it worse.
 */
import type { Authentication } from '../../domain/message.ts';
import { registrable } from './addresses.ts';
import { type MethodResult, resultsIn } from './results-field.ts';

const longest = 8_000;

export function authenticationOf(
  fields: readonly string[],
  trusted: readonly string[],
): Authentication | undefined {
  const names = new Set(trusted.map((name) => name.toLowerCase()));
  const mine = fields.filter((field) => names.has(authservId(field)));
  if (mine.length === 0) return undefined;
  const results = mine.flatMap(
    (field) => (field.length > longest ? undefined : resultsIn(field)) ?? [unreadable],
  );
  const spf = worst(results, 'spf');
  const dmarc = worst(results, 'dmarc');
  const dkim = results
    .filter(({ method }) => method === 'dkim')
    .map(({ result, properties }) => ({ result, domain: signer(properties) }));
  return { ...(spf === undefined ? {} : { spf }), dkim, ...(dmarc === undefined ? {} : { dmarc }) };
}

/**
 * The first word; a version may follow it. Other spellings that the grammar allows (a comment before it, quotes) are no
 * boundary's, and one that takes away what bears its name may miss them.
 */
const authservId = (field: string) => /^\s*([^\s;]{1,253})/.exec(field)?.[1]?.toLowerCase() ?? '';

/** What somebody made unreadable may have said that DMARC failed. */
const unreadable: MethodResult = { method: 'dmarc', result: 'permerror', properties: new Map() };

const fromBest = [
  'pass',
  'bestguesspass',
  'policy',
  'neutral',
  'none',
  'temperror',
  'permerror',
  'softfail',
  'fail',
];

function worst(results: readonly MethodResult[], of: string): string | undefined {
  const badness = (result: string) => (fromBest.includes(result) ? fromBest.indexOf(result) : 5);
  return results
    .filter(({ method }) => method === of)
    .map(({ result }) => result)
    .reduce<string | undefined>(
      (was, now) => (was === undefined || badness(now) > badness(was) ? now : was),
      undefined,
    );
}

function signer(properties: ReadonlyMap<string, string>): string {
  const said = properties.get('header.d') ?? properties.get('header.i') ?? '';
  return registrable(
    said
      .slice(said.lastIndexOf('@') + 1)
      .toLowerCase()
      .slice(0, 253),
  );
}
