/** Addresses, logins, passwords, tokens, and the shelf of channels. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelNamed, channels, defaultChannel, storeNames } from '../../src/domain/channels/index.ts';
import { canonicalLogin, isLogin } from '../../src/domain/login.ts';
import { policyFrom } from '../../src/domain/policy.ts';
import { loginRefusals, refusals } from '../../src/domain/refusal.ts';
import { Secret } from '../../src/domain/secret.ts';
import { canonicalAddress, sourcePrefixes } from '../../src/domain/source.ts';
import { idFrom, sameDigest, tokenFrom, tokenHash, tokenKind } from '../../src/domain/token.ts';

describe('addresses', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['0:0:0:0:0:ffff:cb00:7109', '203.0.113.9'],
    ['2001:DB8:0:0::0001', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['::', '::'],
  ])('%s is %s', (text, plain) => {
    expect(canonicalAddress(text)).toBe(plain);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.4/24',
    '::g',
    '1.2.3.4%eth0',
    '[::1]',
    ' 1.2.3.4',
    '01.2.3.4',
  ])('%j is none', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });

  it.each([
    ['203.0.113.9', '203.0.113.9/32', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    [undefined, 'unknown', 'unknown'],
  ])('the prefixes of %s', (address, host, network) => {
    expect(sourcePrefixes(address)).toEqual({ host, network });
  });

  it('every address of a /64 has one host prefix, and of a /48 one network', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 4, maxLength: 4 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (net, own) => {
          const plain = canonicalAddress([...net, ...own].join(':'));
          const first = canonicalAddress([...net, '0', '0', '0', '0'].join(':'));
          if (plain?.includes('.') || first?.includes('.')) return;
          expect(sourcePrefixes(plain)).toEqual(sourcePrefixes(first));
        },
      ),
    );
  });
});

describe('logins', () => {
  it.each([
    ['Alice', 'alice'],
    ['ＡＬＩＣＥ', 'alice'],
    ['K', 'k'],
    ['web1@Example.ORG', 'web1@example.org'],
    ['a\u0000b', 'a\ufffdb'],
  ])('%j is %j', (text, login) => {
    expect(canonicalLogin(text)).toBe(login);
  });

  it.each(['a', '0', '_x', 'a.b-c_d+e@f', 'x'.repeat(128)])('%j may be given', (login) => {
    expect(isLogin(login)).toBe(true);
  });

  it.each(['', '-rf', '.', '@a', 'a b', 'a/b', 'a|b', 'A', 'ä', 'a\n', 'x'.repeat(129)])(
    '%j may not be given',
    (login) => {
      expect(isLogin(login)).toBe(false);
    },
  );

  it('one spelling: done twice is done once, and never longer than a database key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 255 }), (text) => {
        const once = canonicalLogin(text);
        expect(once.length).toBeLessThanOrEqual(255);
        expect(once).not.toContain('\0');
        if (isLogin(once)) expect(canonicalLogin(once)).toBe(once);
      }),
    );
  });
});

describe('tokens and ids', () => {
  const bytes = Buffer.alloc(32, 0xfb);
  it('a token is its kind and 256 bits', () => {
    for (const kind of ['client', 'operator', 'session'] as const) {
      const token = tokenFrom(kind, bytes);
      expect(token).toMatch(/^gh[cos]_[\w-]{43}$/);
      expect(tokenKind(token)).toBe(kind);
      expect(Buffer.from(token.slice(4), 'base64url')).toEqual(bytes);
    }
    expect(() => tokenFrom('client', Buffer.alloc(31))).toThrow('32');
    expect(() => idFrom('account', Buffer.alloc(16))).toThrow('15');
    expect(idFrom('session', Buffer.alloc(15, 1))).toMatch(/^ses_[\w-]{20}$/);
  });

  it.each([
    '',
    'ghs_',
    `ghs_${'a'.repeat(42)}`,
    `ghs_${'a'.repeat(44)}`,
    `ghx_${'a'.repeat(43)}`,
    `GHS_${'a'.repeat(43)}`,
    `ghs_${'a'.repeat(42)}=`,
    `ghs_${'a'.repeat(43)}\n`,
  ])('%j is no token', (text) => {
    expect(tokenKind(text)).toBeUndefined();
  });

  it('digests are the same or not', () => {
    expect(sameDigest(tokenHash('a'), tokenHash('a'))).toBe(true);
    expect(sameDigest(tokenHash('a'), tokenHash('b'))).toBe(false);
    expect(sameDigest(tokenHash('a'), tokenHash('a').subarray(1))).toBe(false);
  });

  it('a secret prints as stars, however it is printed', () => {
    const secret = new Secret('hunter2');
    for (const text of [
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      `${secret}`,
      inspect({ secret }, { showHidden: true }),
    ]) {
      expect(text).not.toContain('hunter2');
    }
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('the shelf of channels', () => {
  it.each(channels.map((channel) => [channel.name, channel] as const))(
    '%s has all its facts',
    (name, channel) => {
      expect(name).toMatch(/^[a-z][a-z0-9]{1,15}$/);
      expect(storeNames).toContain(channel.store);
      expect(['token', 'process']).toContain(channel.endedBy);
      expect(channel.insteadUse.length).toBeGreaterThan(2);
      expect(channelNamed(name)).toBe(channel);
      expect(policyFrom({}).channels[name]).toEqual({
        allowed: channel.openByDefault,
        ...(channel.takesClearText ? { encrypted_only: false } : {}),
      });
    },
  );

  it('no name twice, and one default a store', () => {
    expect(new Set(channels.map(({ name }) => name)).size).toBe(channels.length);
    for (const store of storeNames) {
      expect(channels.filter((each) => each.store === store && each.storeDefault)).toHaveLength(1);
      expect(defaultChannel(store).store).toBe(store);
    }
  });
});

describe('refusals', () => {
  it('what would tell which names exist is one public answer', () => {
    const { channel_refused: open, sent_in_clear: clear, ...rest } = loginRefusals;
    const { second_factor_required: factor, ...others } = rest;
    expect(new Set(Object.values(others))).toEqual(new Set(['invalid_credentials']));
    // By the policy alone, before a name is looked at.
    expect([open, clear]).toEqual(['channel_refused', 'channel_refused']);
    // Only heard after the right password.
    expect(factor).toBe('second_factor_required');
  });

  it('each has a status and a sentence', () => {
    for (const { status, title } of Object.values(refusals)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title.length).toBeGreaterThan(5);
    }
  });
});
