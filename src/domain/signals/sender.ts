/** What signals about the sender share. */
import type { Address, Setting } from '../message.ts';
import type { Reading } from '../reading/read.ts';

/** Domains that are at home with the reader: what the setting says, or where the mail was addressed to. */
export function recipientDomains(
  { message }: Reading,
  { recipientDomains: told }: Setting,
): ReadonlySet<string> {
  return new Set([...told, ...message.to.map(({ domain }) => domain)].filter((domain) => domain !== ''));
}

/** Whether the trusted boundary vouches for the domain in From. */
export function vouched({ message }: Reading): boolean {
  const { authentication, from } = message;
  if (!authentication || !from) return false;
  return (
    authentication.dmarc === 'pass' ||
    // A signature of that very domain makes DMARC pass: where it failed, one of the two is forged.
    (authentication.dmarc !== 'fail' &&
      authentication.dkim.some(({ result, domain }) => result === 'pass' && domain === from.domain))
  );
}

/** `"Help desk" <x@y.example>` as people read it. */
export const shownSender = ({ name, address }: Address) => (name === '' ? address : `${name} <${address}>`);
