/** Links, taken apart. Nothing is fetched and no link is followed. */
import { isIP } from 'node:net';
import { LinkifyIt } from 'linkify-it';
import { cleanText } from '../../domain/clean-text.ts';
import type { Link } from '../../domain/message.ts';
import { registrable } from './addresses.ts';
import type { Cuts } from './limits.ts';

const finder = new LinkifyIt({ fuzzyEmail: false, fuzzyLink: true, maxLength: 2_000 });

/** Addresses in plain text, with where they stand. */
export function linksIn(text: string, cuts: Cuts): Link[] {
  const searched = cuts.fitting('linked', text);
  if (!/[a-z0-9]\.[a-z]|:\/\//i.test(searched)) return [];
  const found: Link[] = [];
  for (const { index, raw, url } of finder.match(searched) ?? []) {
    if (cuts.take('links', 1) === 0) break;
    const link = linkOf(url, raw, index);
    if (link) found.push(link);
  }
  return found;
}

/** What a link leads to; nothing for fragments, scripts and mail addresses. */
export function linkOf(href: string, text: string, at: number): Link | undefined {
  // Browsers pass over breaks and tabs in an address.
  const parts = taken(
    cleanText(href)
      .replace(/[\n\t]/g, '')
      .trim(),
  );
  if (!parts) return undefined;
  const shown = shownDomain(text);
  return {
    text: text.slice(0, 300),
    href: href.slice(0, 2_000),
    ...parts,
    domain: parts.isIp ? parts.host : registrable(parts.host),
    ...(shown === undefined ? {} : { shownDomain: shown }),
    at,
  };
}

type Taken = Pick<Link, 'scheme' | 'host' | 'isIp' | 'userinfo' | 'port'>;

function taken(href: string): Taken | undefined {
  const full = href.startsWith('//') ? `https:${href}` : href;
  if (!/^(https?|ftp):/i.test(full)) return undefined;
  try {
    const { protocol, hostname, port, username } = new URL(full.slice(0, 4_000));
    const host = hostname.toLowerCase().replace(/\.$/, '');
    const bare = host.startsWith('[') ? host.slice(1, -1) : host;
    return {
      scheme: protocol.slice(0, -1),
      host: bare,
      isIp: isIP(bare) > 0,
      userinfo: username !== '',
      ...(port === '' ? {} : { port: Number(port) }),
    };
  } catch {
    return undefined;
  }
}

const looksLikeHost = /^(?:https?:\/\/)?(?:www\.)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})(?:[/:?#]|$)/i;

/** The domain that the words of a link show, if they are an address themselves. */
export function shownDomain(text: string): string | undefined {
  const host = looksLikeHost.exec(text.trim().slice(0, 300))?.[1]?.toLowerCase();
  if (host === undefined) return undefined;
  const domain = registrable(host);
  return /\.[a-z]{2,}$/.test(domain) && !/\.(pdf|html?|docx?|xlsx?|zip|txt|jpg|png|php)$/.test(domain)
    ? domain
    : undefined;
}
