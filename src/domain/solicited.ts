/**
 * Whether something that the house knows explains a message. A request for a password itself is explained by nothing:
 * the house never asks for one.
 */
import type { Medium, Message, Setting } from './message.ts';
import type { Reading } from './reading/read.ts';
import { vouched } from './signals/sender.ts';

/** What there is in a message that the house may know. */
export interface Claims {
  /** Tokens in links to our own pages. */
  readonly tokens: readonly string[];
  /** It leads to our own pages. */
  readonly leadsHome: boolean;
  /** All of its links lead to us or to the host's own domains, and it asks for no answer elsewhere. */
  readonly staysHome: boolean;
  /** The trusted boundary vouches that it comes from one of the host's own domains. */
  readonly provedOurs: boolean;
}

const tokenIn = /[?&]token=([A-Za-z0-9_-]{43})(?:[&#]|$)/;
const mostTokens = 10;

export function claimsOf(reading: Reading, { ownDomains, house }: Setting): Claims {
  const { links, forms, from, replyTo } = reading.message;
  const ours = links.filter(({ host, userinfo }) => house !== undefined && host === house && !userinfo);
  const own = (domain: string) => ownDomains.includes(domain);
  const tokens = ours.flatMap(({ href }) => tokenIn.exec(href)?.[1] ?? []);
  return {
    tokens: [...new Set(tokens)].slice(0, mostTokens),
    leadsHome: ours.length > 0,
    staysHome:
      links.every((link) => ours.includes(link) || (own(link.domain) && !link.userinfo && !link.isIp)) &&
      forms.length === 0 &&
      replyTo.every(({ domain }) => domain === from?.domain || own(domain)),
    provedOurs: from !== undefined && own(from.domain) && vouched(reading),
  };
}

/** A link that the house mailed to this account, found by the token that a message carries. */
export interface Mailed {
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A contact that the staff announced to this account. */
export interface Announced {
  readonly medium: Medium;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Its code stands in the message. */
  readonly said: boolean;
}

export interface Known {
  readonly mailed: readonly Mailed[];
  /** Whether the house wrote to this account within the last three days at all. */
  readonly wroteLately: boolean;
  readonly contacts: readonly Announced[];
}

/** Mail may be on its way for so long. */
export const onItsWayMs = 3 * 86_400_000;

export type Explanation = 'our_link' | 'announced';

/**
 * What explains a message that came at `at`: a link that was mailed to this very account and may still be open, or a
 * contact of that medium that was announced, whose code is said or whose sender is proved to be the house.
 *
 * @param outright it asks for a secret itself, or has fields for one: then only the link's own page may be meant.
 */
export function explanation(
  { direction, medium }: Pick<Message, 'direction' | 'medium'>,
  claims: Claims,
  known: Known,
  at: Date,
  outright: boolean,
): Explanation | undefined {
  if (direction === 'outbound' || !claims.staysHome) return undefined;
  const open = ({ createdAt, expiresAt }: { readonly createdAt: Date; readonly expiresAt: Date }) =>
    createdAt.getTime() <= at.getTime() + 60_000 && at < expiresAt;
  if (claims.leadsHome && known.mailed.some(open)) return 'our_link';
  if (outright) return undefined;
  const announced = known.contacts.some(
    (contact) => contact.medium === medium && open(contact) && (contact.said || claims.provedOurs),
  );
  return announced ? 'announced' : undefined;
}

/**
 * Whether a message speaks in the house's name of something that the house knows nothing of: it leads to our pages, and
 * we mailed no such link, or nothing at all, to this account.
 */
export function nobodyAsked(
  { direction }: Pick<Message, 'direction'>,
  claims: Claims,
  known: Known,
): boolean {
  if (direction === 'outbound' || !claims.leadsHome) return false;
  return claims.tokens.length > 0 ? known.mailed.length === 0 : !known.wroteLately;
}
