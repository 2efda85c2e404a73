/** Whose word about where a request comes from counts: `X-Forwarded-*` is anybody's text unless a known proxy wrote it. */
import { BlockList, isIP } from 'node:net';
import { canonicalAddress } from './source.ts';

export interface TrustedProxies {
  /** Whether the other end of the connection is one of them; an unknown end is not. */
  includes(address: string | undefined): boolean;
}

/** From addresses and CIDR ranges, as `TRUSTED_PROXIES` lists them. */
export function trustedProxies(ranges: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return {
    includes: (address) => {
      const plain = address === undefined ? undefined : canonicalAddress(address);
      return plain !== undefined && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/** What is read of a chain at the most: a longer one is an attack on whoever reads it. */
const hopsRead = 32;

/**
 * The client's address: the connection's own other end, or, behind trusted proxies, the last address in
 * `X-Forwarded-For` that none of them is. Whatever stands left of it, the client wrote himself. A chain that cannot be
 * read back that far names nobody: undefined.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  proxies: TrustedProxies,
): string | undefined {
  const nearest = peer === undefined ? undefined : canonicalAddress(peer);
  if (forwardedFor === undefined || !proxies.includes(nearest)) return nearest;
  const hops = forwardedFor.split(',').slice(-hopsRead).reverse();
  for (const hop of hops) {
    const address = canonicalAddress(hop.trim());
    if (address === undefined) return undefined;
    if (!proxies.includes(address)) return address;
  }
  return hops.length < hopsRead ? canonicalAddress((hops.at(-1) ?? '').trim()) : undefined;
}
