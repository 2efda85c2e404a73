/**
 * Which addresses the house may dial when somebody else says where to (ASVS 5.0 1.3.6): the open Internet over TLS, and
 * whatever networks the operator allows. Everything else belongs to somebody inside.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { canonicalAddress } from './source.ts';

export interface DialRule {
  /** @param secure whether TLS will tell who answers: without, only allowed networks are dialled. */
  mayDial(address: string, secure: boolean): boolean;
  /** Whether there is anywhere to go without TLS. */
  readonly anyPlain: boolean;
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** All that is given out as public (RFC 4291, IANA): mapped, translated and compatible forms of IPv4 are outside. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** Public by its range, and yet a hypervisor's own: Azure answers its guests there. */
const inside = new Set(['168.63.129.16']);

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || inside.has(address.toString())) return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Range) =>
  address.kind() === network.kind() && address.match(network, bits);

/** @param allowed addresses and CIDR ranges, as `WEBHOOK_ALLOW` lists them. */
export function dialRule(allowed: readonly string[]): DialRule {
  const ranges = allowed.map((text): Range => {
    if (isIP(text) === 0) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  });
  return {
    anyPlain: ranges.length > 0,
    mayDial: (text, secure) => {
      const plain = canonicalAddress(text);
      if (plain === undefined) return false;
      const address = ipaddr.parse(plain);
      return ranges.some((range) => isWithin(address, range)) || (secure && isPublic(address));
    },
  };
}
