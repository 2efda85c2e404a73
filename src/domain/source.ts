/** Where a request comes from: one address, and the prefixes under which its failures are counted. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface SourcePrefixes {
  /** One subscriber: the address itself for IPv4, its /64 for IPv6 (a /64 costs an attacker nothing). */
  readonly host: string;
  /** The neighbourhood: /24 for IPv4, /48 for IPv6. */
  readonly network: string;
}

function ipv6Groups(address: string): string[] {
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? 8 - left.length - right.length : 0;
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right].map((group) =>
    Number.parseInt(group, 16).toString(16),
  );
}

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * The one spelling of an address (RFC 5952), without a zone: IPv4-mapped IPv6, however it is written, becomes IPv4;
 * anything that is no address undefined.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIP(text) === 4) return text;
  const bare = text.split('%')[0] ?? '';
  if (isIP(bare) !== 6) return undefined;
  const plain = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = mapped.exec(plain) ?? [];
  if (high === undefined || low === undefined) return plain;
  const [left, right] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [left >> 8, left & 255, right >> 8, right & 255].join('.');
}

/** Whether a canonical address is of this machine itself. */
export function isLoopback(address: string | undefined): boolean {
  return address === '::1' || (isIP(address ?? '') === 4 && address?.startsWith('127.') === true);
}

/** The prefixes of a canonical address; an unknown source shares one budget with all other unknown ones. */
export function sourcePrefixes(address: string | undefined): SourcePrefixes {
  if (address === undefined) return { host: 'unknown', network: 'unknown' };
  if (isIP(address) === 4)
    return { host: `${address}/32`, network: `${address.split('.').slice(0, 3).join('.')}.0/24` };
  const groups = ipv6Groups(address);
  return { host: `${groups.slice(0, 4).join(':')}::/64`, network: `${groups.slice(0, 3).join(':')}::/48` };
}

/**
 * The one spelling of an address or a range: bits beyond the prefix are cleared (sshd refuses a `from=` that has any),
 * a range of one address is that address. Undefined for what is neither, and for ranges over mapped IPv4.
 */
export function canonicalRange(text: string): string | undefined {
  const [head = '', length, ...more] = text.split('/');
  const address = head.includes('%') || more.length > 0 ? undefined : canonicalAddress(head);
  if (address === undefined || length === undefined) return address;
  const width = isIP(address) === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(length) || Number(length) > width || isIP(head) !== isIP(address)) return undefined;
  const range = `${address}/${Number(length)}`;
  const family = width === 32 ? ipaddr.IPv4 : ipaddr.IPv6;
  const first = canonicalAddress(family.networkAddressFromCIDR(range).toString());
  return first === undefined || Number(length) === width ? first : `${first}/${Number(length)}`;
}

/** Whether a canonical address is in a canonical range; one of the other family never is. */
export function isInside(range: string, address: string): boolean {
  const asked = ipaddr.parse(address);
  if (!range.includes('/')) return range === address;
  const [first, length] = ipaddr.parseCIDR(range);
  return asked.kind() === first.kind() && asked.match(first, length);
}
