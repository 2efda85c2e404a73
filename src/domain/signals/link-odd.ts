import { ownerOf } from '../brands.ts';
import type { Link } from '../message.ts';
import { formBuilders, freeHosts, shorteners, within } from '../places.ts';
import { found, type Signal, whole } from './signal.ts';

/** A number for a name, a name inside a name, a page that anybody can open: places that no login page is at. */
export const linkOdd: Signal = {
  name: 'link-odd',
  says: 'A link leads to a place where no genuine login page is: a bare number, free hosting, a form builder, a disguise.',
  speaks: 'for',
  weigh({ message }) {
    if (message.marks.list) return undefined;
    let best: { link: Link; strength: number } | undefined;
    for (const link of message.links.slice(0, 200)) {
      const strength = oddness(
        link,
        message.to.map(({ address }) => address.toLowerCase()),
      );
      if (strength > (best?.strength ?? 0)) best = { link, strength };
    }
    return best && found(best.strength, whole('link', best.link.href));
  },
};

function oddness(link: Link, recipients: readonly string[]): number {
  const { host, domain, isIp, port, userinfo, href } = link;
  if (isIp || userinfo) return 1;
  if (borrowsName(host, domain)) return 1;
  const decoded = href.slice(host.length).toLowerCase().replaceAll('%40', '@');
  if (recipients.some((each) => each.includes('@') && decoded.includes(each)) && !/unsub|prefer/i.test(href))
    return 0.8;
  if (within(formBuilders, host)) return 0.8;
  if (within(freeHosts, host)) return 0.8;
  if (host.includes('xn--')) return 0.7;
  if (within(shorteners, host)) return 0.6;
  if (port !== undefined && port !== 80 && port !== 443) return 0.6;
  if (/[?&](url|redirect|goto|next|target|u|q)=https?(:|%3a)/i.test(href)) return 0.4;
  return /\/wp-(content|includes|admin)\/|\/\.well-known\/|\/~\w+\//i.test(href) ? 0.6 : 0;
}

/** `bank.com.evil.example`, `www-bank-com.evil.example`: another name or its ending within the part before the domain. */
function borrowsName(host: string, domain: string): boolean {
  if (!host.endsWith(`.${domain}`)) return false;
  const rest = host.slice(0, -domain.length - 1);
  const labels = rest.split('.');
  if (labels.slice(1).some((label) => /^(com|net|org|gov|edu)$/.test(label))) return true;
  return labels.some((_, i) => ownerOf(labels.slice(i, i + 2).join('.')) !== undefined);
}
