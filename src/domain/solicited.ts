/**
 * Whether something that the house knows explains a message. A request for a password itself is explained by nothing:
 * the house never asks for one. Whatever is not plainly harmless explains nothing: a message that is not explained is
 * judged by what it says.
 */
import type { Medium, Message, Setting } from './message.ts';
import { ownMailDigest } from './own-mail.ts';
import type { Reading } from './reading/read.ts';
import { vouched } from './signals/sender.ts';

/** What there is in a message that the house may know. */
export interface Claims {
  /** Tokens in links to our own pages. */
  readonly tokens: readonly string[];
  /** It leads to our own pages. */
  readonly leadsHome: boolean;
  /** One plain text without anything beside it, in which no address but ours and the host's own is to be found. */
  readonly staysHome: boolean;
  /** The trusted boundary vouches that it comes from one of the host's own domains. */
  readonly provedOurs: boolean;
  /** Of its words, in hex, where it is one plain text: for `ownMailDigest` of what we wrote. */
  readonly words: string | undefined;
}

/** What somebody of the house writes is not longer: what is, is explained by nothing. UTF-16 units. */
const mostText = 20_000;
/** Longer words are no words: a name of a machine has 253 characters. */
const longestWord = 300;

const tokenIn = /[?&]token=([A-Za-z0-9_-]{43})(?:[&#]|$)/;
const mostTokens = 10;

export function claimsOf({ message, ...reading }: Reading, setting: Setting): Claims {
  const { links, from, subject, text } = message;
  const ours = links.filter(({ host }) => setting.house !== undefined && host === hostOf(setting.house));
  const tokens = ours.flatMap(({ href }) => tokenIn.exec(href)?.[1] ?? []);
  return {
    tokens: [...new Set(tokens)].slice(0, mostTokens),
    leadsHome: ours.length > 0,
    staysHome: staysHome(message, setting),
    provedOurs:
      from !== undefined && setting.ownDomains.includes(from.host) && vouched({ ...reading, message }),
    words:
      message.plain === true && text.length <= mostText
        ? ownMailDigest(subject, text).toString('hex')
        : undefined,
  };
}

const hostOf = (origin: string) => new URL(origin).hostname;

/** Words that are the name of a machine, whatever top-level domain they end in: `evil.example`, also within others. */
const hostNames = /(?:[\p{L}\p{N}_-]+[.\u3002\uff0e\uff61])+\p{L}{2,}/gu;
/** What programs make a link of, or people follow, without `//`. */
const otherWays =
  /(?:javascript|vbscript|data|mailto|tel|sms|ftp|file|blob|intent|whatsapp|tg|skype)\s*:|[\\@]/i;

function staysHome(message: Message, { ownDomains, house }: Setting): boolean {
  const { links, replyTo } = message;
  const bare = [message.forms, message.attachments, message.cut].every((each) => each.length === 0);
  if (message.plain !== true || !bare || message.images > 0 || message.hidden !== '') return false;
  if (message.text.length > mostText) return false;
  const text = `${message.subject}\n${message.text}`.normalize('NFKC');
  const chunks = text.split(/\s+/);
  const home = (name: string) =>
    (house !== undefined && name === hostOf(house)) ||
    ownDomains.some((own) => name === own || name === `www.${own}`);
  return (
    links.every(({ href, host, userinfo }) => {
      const origin = URL.canParse(href) ? new URL(href).origin : '';
      return (
        !userinfo &&
        (origin === house || (home(host) && [`https://${host}`, `http://${host}`].includes(origin)))
      );
    }) &&
    (text.match(/\/\//g) ?? []).length <= links.length &&
    !otherWays.test(text) &&
    chunks.every(
      (chunk) =>
        chunk.length <= longestWord &&
        [...chunk.matchAll(hostNames)].every(([name]) => home(name.toLowerCase())),
    ) &&
    replyTo.every(({ host }) => ownDomains.includes(host))
  );
}

/** A contact that the staff announced to this account. */
export interface Announced {
  readonly medium: Medium;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Its code stands in the message. */
  readonly said: boolean;
}

/** What the house knows of one account that a message is for. */
export interface Known {
  /** It wrote this very mail to it, within the last three days. */
  readonly wroteThis: boolean;
  /** It wrote to it at all within the last three days. */
  readonly wroteLately: boolean;
  /** A token in the message was mailed to it. */
  readonly mailedToken: boolean;
  readonly contacts: readonly Announced[];
}

/** Mail may be on its way for so long. */
export const onItsWayMs = 3 * 86_400_000;

export type Explanation = 'our_mail' | 'announced';

/**
 * What explains a message that came at `at`, to each of those it is for: somebody who asked for it explains nothing to
 * another one. It is a mail that we wrote to this very account, word by word; or a contact of that medium was announced
 * to it, whose code is said or whose sender is proved to be the house.
 *
 * @param outright it asks for a secret itself, or has fields for one.
 */
export function explanation(
  { direction, medium }: Pick<Message, 'direction' | 'medium'>,
  claims: Claims,
  known: readonly Known[],
  at: Date,
  outright: boolean,
): Explanation | undefined {
  if (direction === 'outbound' || known.length === 0) return undefined;
  if (medium === 'email' && known.every(({ wroteThis }) => wroteThis)) return 'our_mail';
  if (outright || !claims.staysHome) return undefined;
  const announced = ({ contacts }: Known) =>
    contacts.some(
      (contact) =>
        contact.medium === medium &&
        contact.createdAt.getTime() <= at.getTime() + clocksApartMs &&
        at < contact.expiresAt &&
        (contact.said || claims.provedOurs),
    );
  return known.every(announced) ? 'announced' : undefined;
}

/** Clocks of gateways may be off by so much. */
const clocksApartMs = 60_000;

/**
 * Whether a message speaks in the house's name of something that the house knows nothing of: it leads to our pages, and
 * we mailed no such link, or nothing at all, to whom it is for.
 *
 * @param knownTokens of how many of its tokens the house knows that they may have gone to somebody who has no account
 * under that address, such as an address that is to be confirmed.
 */
export function nobodyAsked(
  { direction }: Pick<Message, 'direction'>,
  claims: Claims,
  known: readonly Known[],
  knownTokens: number,
): boolean {
  if (direction === 'outbound' || !claims.leadsHome) return false;
  if (known.some(({ wroteThis }) => wroteThis)) return false;
  if (claims.tokens.length > 0) return knownTokens === 0 && !known.some(({ mailedToken }) => mailedToken);
  return known.length > 0 && !known.some(({ wroteLately }) => wroteLately);
}
