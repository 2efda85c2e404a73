/** Who is named in a header field, and what somebody registered of a host's name. */
import { addressParser } from 'postal-mime';
import { getDomain } from 'tldts';
import type { Address } from '../../domain/message.ts';

/** Of one field, at most `most` of them. */
export function addressesIn(value: string, most = 20): readonly Address[] {
  if (value === '') return [];
  const parsed = addressParser(value.slice(0, 8_000), { flatten: true });
  return parsed.slice(0, most).map(({ name, address }) => asAddress(address ?? '', name ?? ''));
}

export function asAddress(address: string, name = ''): Address {
  const at = address.lastIndexOf('@');
  const host =
    at < 0
      ? ''
      : address
          .slice(at + 1)
          .trim()
          .toLowerCase()
          .replace(/[>.]+$/, '');
  return { name: name.trim().slice(0, 500), address: address.slice(0, 320), host, domain: registrable(host) };
}

/** `mail.example.co.uk` → `example.co.uk`; a name without a public suffix stands for itself. */
export function registrable(host: string): string {
  if (host === '' || host.length > 255) return host.slice(0, 255);
  return getDomain(host, { allowPrivateDomains: true, extractHostname: false }) ?? host;
}
