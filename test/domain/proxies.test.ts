/** Whose word about a client's address counts: a proxy's that is ours, and nobody else's. */
import { expect, it } from 'vitest';
import { clientAddress, trustedProxies } from '../../src/domain/proxies.ts';

const ours = trustedProxies(['10.0.0.0/8', '192.0.2.5', '2001:db8::/32']);

it.each<[string, string | undefined, string | undefined, string | undefined]>([
  ['no header', '198.51.100.1', undefined, '198.51.100.1'],
  ['a stranger’s header', '198.51.100.1', '6.6.6.6', '198.51.100.1'],
  ['one proxy of ours', '10.1.1.1', '198.51.100.1', '198.51.100.1'],
  ['what the client wrote before it', '10.1.1.1', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
  ['two proxies of ours', '10.1.1.1', '6.6.6.6, 198.51.100.1, 192.0.2.5', '198.51.100.1'],
  ['a client that claims to be a proxy', '10.1.1.1', '10.9.9.9, 198.51.100.1', '198.51.100.1'],
  ['nobody but proxies', '10.1.1.1', '10.2.2.2', '10.2.2.2'],
  ['IPv6', '2001:db8::1', '2001:DB9:0::7', '2001:db9::7'],
  ['IPv4 as IPv6', '::ffff:10.1.1.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['no address at all', '10.1.1.1', 'unknown', undefined],
  ['junk at the right', '10.1.1.1', '198.51.100.1, x', undefined],
  ['with a port', '10.1.1.1', '198.51.100.1:99', undefined],
  ['empty', '10.1.1.1', '', undefined],
  ['endless', '10.1.1.1', Array(5000).fill('10.1.1.1').join(','), undefined],
  ['an unknown end', undefined, '198.51.100.1', undefined],
])('%s', (_, peer, forwarded, address) => {
  expect(clientAddress(peer, forwarded, ours)).toBe(address);
});

it('nobody is trusted who was not named', () => {
  const nobody = trustedProxies([]);
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', undefined]) {
    expect(nobody.includes(address)).toBe(false);
  }
});
