/** Where a message wants its reader to go or to write: what a forger changes in the copy of a genuine one. */
import { createHmac } from 'node:crypto';
import type { Message } from './message.ts';
import type { SketchSeeds } from './sketch.ts';

const most = 64;
/** Signs that are looked at. */
const mostSigns = 1_000;
const hostHere = /[\p{L}\p{N}.-]{1,253}/uy;

/** Addresses in a text, from each sign outwards: a search that begins at every letter takes long. */
function addressesIn(text: string): string[] | undefined {
  const lower = text.toLowerCase();
  const found: string[] = [];
  let signs = 0;
  for (let at = lower.indexOf('@'); at >= 0; at = lower.indexOf('@', at + 1)) {
    if (++signs > mostSigns) return undefined;
    const local = /[\w.+-]{1,64}$/.exec(lower.slice(Math.max(0, at - 64), at))?.[0];
    hostHere.lastIndex = at + 1;
    const host = hostHere.exec(lower)?.[0];
    if (local !== undefined && host !== undefined) found.push(`${local}@${host}`);
  }
  return found;
}

/**
 * A digest of it: domains of links, forms, addresses for answers and addresses in the text but the recipient's own; the
 * whole of a link that has none. Undefined where there are too many to tell. Keyed, since what looks like an address may
 * be somebody's password.
 */
export function leadsTo(
  { links, forms, replyTo, to, subject, text, hidden }: Message,
  seeds: SketchSeeds,
): string | undefined {
  const own = new Set(to.map(({ address }) => address.toLowerCase()));
  const written: string[] = [];
  for (const each of [subject, text, hidden]) {
    const found = addressesIn(each);
    if (found === undefined) return undefined;
    written.push(...found);
  }
  const all = new Set([
    ...links.map(({ domain, href, isIp, userinfo }) => (isIp || userinfo || domain === '' ? href : domain)),
    ...forms.map(({ domain, action }) => domain || action),
    ...replyTo.map(({ domain, address }) => domain || address),
    ...written.filter((each) => !own.has(each)).map((each) => each.slice(each.indexOf('@') + 1)),
  ]);
  if (all.size > most) return undefined;
  return createHmac('sha256', Int32Array.from(seeds))
    .update(JSON.stringify([...all].sort()))
    .digest('hex');
}
