/** The domain that passkeys are bound to, and the pages that may use them. */
import type { RelyingParty } from '../domain/passkey.ts';

/** @param origins further pages, beside our own. `faults` names each that browsers would refuse. */
export function relyingParty(
  origin: string,
  domain: string | undefined,
  origins: readonly string[],
): { readonly party: RelyingParty; readonly faults: readonly string[] } {
  const id = domain ?? new URL(origin).hostname;
  const within = (page: string) => {
    const { hostname } = new URL(page);
    return hostname === id || hostname.endsWith(`.${id}`);
  };
  const faults = [
    ...(within(origin) ? [] : ['PASSKEY_DOMAIN must be the host of GATEHOUSE_ORIGIN, or a domain above it']),
    ...(origins.every(within) ? [] : ['PASSKEY_ORIGINS must be of the domain that passkeys are bound to']),
  ];
  return { party: { id, origins: [...new Set([origin, ...origins])] }, faults };
}
