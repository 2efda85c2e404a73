import { expect, it, test } from 'vitest';
import { dialRule } from '../../src/domain/dial-rule.ts';

const open = dialRule([]);

test.each([['1.1.1.1'], ['93.184.216.34'], ['2606:4700:4700::1111'], ['::ffff:1.1.1.1']])(
  'the open Internet is dialled over TLS, and only so: %s',
  (address) => {
    expect([open.mayDial(address, true), open.mayDial(address, false)]).toEqual([true, false]);
  },
);

test.each([
  // IPv4: this host, loopback, private, carrier's, link-local (metadata of clouds), documentation, multicast, reserved
  ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255'],
  ...['192.168.1.1', '100.64.0.1', '100.100.100.200', '169.254.169.254', '169.254.170.2', '192.0.0.192'],
  ...['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '240.0.0.1'],
  ...['255.255.255.255', '168.63.129.16'],
  // IPv6: unspecified, loopback, IPv4 in every dress, local, site-local, documentation, multicast
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:168.63.129.16'],
  ...['::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '2002:7f00:1::1', '2001::1', 'fe80::1'],
  ...[
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    '2001:db8::1',
    '2001:20::1',
    'ff02::1',
    '100::1',
  ],
  ...['', 'localhost', '2130706433', '0x7f.1'],
])('ATTACK: what belongs to somebody inside is never dialled: %s', (address) => {
  expect([open.mayDial(address, true), open.mayDial(address, false)]).toEqual([false, false]);
});

it('dials what the operator allows, also without TLS, and nothing beside it', () => {
  const rule = dialRule(['10.1.0.0/16', '192.168.7.7', 'fd00:1::/32']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.168.7.7', 'fd00:1::5']) {
    expect([address, rule.mayDial(address, false)]).toEqual([address, true]);
  }
  for (const address of ['10.2.0.1', '192.168.7.8', 'fd00:2::5', '127.0.0.1']) {
    expect([address, rule.mayDial(address, true)]).toEqual([address, false]);
  }
});
