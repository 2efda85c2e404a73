/** Authentication-Results: what a sender can have written into them proves nothing. */
import { expect, it } from 'vitest';
import { read } from '../../src/domain/reading/read.ts';
import { vouched } from '../../src/domain/signals/sender.ts';
import { authenticationOf } from '../../src/protocol/mail/authentication.ts';
import { readText } from '../../src/protocol/mail/read-text.ts';

const of = (...fields: string[]) => authenticationOf(fields, ['mx.host.test']);

it.each<[string, string, { spf?: string; dmarc?: string; signers?: string[] }]>([
  [
    'quoted local part',
    'spf=fail smtp.mailfrom="x;dmarc=pass"@evil.example; dmarc=fail',
    { spf: 'fail', dmarc: 'fail' },
  ],
  ['quoted local part alone', 'spf=fail smtp.mailfrom="x;dmarc=pass"@evil.example', { spf: 'fail' }],
  ['escaped quote', 'spf=fail smtp.mailfrom="x\\";dmarc=pass;y=\\""@evil.example', { spf: 'fail' }],
  ['comment', 'spf=none (evil.example; dmarc=pass x) smtp.mailfrom=a@evil.example', { spf: 'none' }],
  ['nested comment', 'spf=none (a (b;dmarc=pass) ; dmarc=pass) smtp.mailfrom=a', { spf: 'none' }],
  ['escape in a comment', 'spf=none (a \\) ; dmarc=pass) smtp.mailfrom=a', { spf: 'none' }],
  ['quotes mean nothing in a comment', 'spf=none (") ; dmarc=fail (")', { spf: 'none', dmarc: 'fail' }],
  [
    'parentheses mean nothing in quotes',
    'spf=none smtp.mailfrom="("@b; dmarc=fail',
    { spf: 'none', dmarc: 'fail' },
  ],
  [
    'closed comment, honest result after it',
    'spf=fail (domain of x) ; dmarc=pass (@evil); dmarc=fail',
    { spf: 'fail', dmarc: 'fail' },
  ],
  [
    'closed comment, none after it',
    'spf=fail (x) ; dmarc=pass (@evil); dmarc=none',
    { spf: 'fail', dmarc: 'none' },
  ],
  [
    'a reason',
    'dkim=fail reason="x header.d=host.test; dkim=pass header.d=host.test" header.d=evil.example',
    { signers: [] },
  ],
  ['a value with an equals sign', 'spf=pass smtp.mailfrom=dmarc=pass@evil.example', { spf: 'pass' }],
  [
    'a domain in quotes',
    'dkim=pass header.b="header.d=host.test" header.d=evil.example',
    { signers: ['evil.example'] },
  ],
  ['two properties', 'dkim=pass header.d=evil.example header.d=host.test', { signers: ['evil.example'] }],
  ['open comment', 'spf=pass (domain of "(; dmarc=fail', { dmarc: 'permerror' }],
  ['open quotes', 'spf=pass smtp.mailfrom="x; dmarc=fail', { dmarc: 'permerror' }],
  ['too long', `dmarc=pass; spf=fail smtp.mailfrom=${'x'.repeat(9_000)}; dmarc=fail`, { dmarc: 'permerror' }],
  ['a result that goes on', 'dmarc=pass"x"; spf=pass/1', {}],
  ['no result', 'none', {}],
])('%s', (_, said, { signers = [], ...expected }) => {
  const { dkim, ...others } = of(`mx.host.test; ${said}`) ?? { dkim: [] };
  expect(others).toEqual(expected);
  expect(dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain)).toEqual(signers);
});

it('reads what boundaries write', () => {
  expect(
    of(
      ' mx.host.test 1; spf = pass (mx: domain of a@b designates 1.2.3.4) smtp.mailfrom=a@b.example;\t dkim/1=PASS header.i = @Mail.Host.test header . s="a b"; dkim=fail reason="x" header.d=b.example; dmarc=pass (policy=none) header.from=host.test',
    ),
  ).toEqual({
    spf: 'pass',
    dmarc: 'pass',
    dkim: [
      { result: 'pass', domain: 'host.test' },
      { result: 'fail', domain: 'b.example' },
    ],
  });
});

it('several fields of one boundary count together, the worse result of two', () => {
  expect(of('mx.host.test; spf=pass', 'mx.host.test; dmarc=pass')).toMatchObject({
    spf: 'pass',
    dmarc: 'pass',
  });
  expect(of('mx.host.test; dmarc=fail', 'mx.host.test; dmarc=pass')?.dmarc).toBe('fail');
  expect(of('mx.host.test; dmarc=pass', 'mx.host.test; dmarc=fail')?.dmarc).toBe('fail');
  expect(of('mx.host.test; dmarc=pass', 'mx.host.test; spf=fail smtp.mailfrom="')?.dmarc).toBe('permerror');
});

it('a signature proves nothing where DMARC failed', () => {
  const from = { name: '', address: 'a@host.test', host: 'host.test', domain: 'host.test' };
  const proves = (said: string) => {
    const authentication = of(`mx.host.test; ${said}`);
    const message = { ...readText({ medium: 'email', direction: 'inbound', text: '' }), from };
    return vouched(read(authentication === undefined ? message : { ...message, authentication }));
  };
  expect(proves('dkim=pass header.d=host.test')).toBe(true);
  expect(proves('spf=fail (x) ; dkim=pass header.d=host.test (@evil); dmarc=fail')).toBe(false);
});

it('a name that is spelt as no boundary spells it is nobody’s', () => {
  for (const id of [
    '(x) mx.host.test',
    '"mx.host.test"',
    'mx.host.test(x)',
    'mx.host.test.evil.example',
    '"x',
    '',
    ';',
  ])
    expect(of(`${id}; dmarc=pass`)).toBeUndefined();
});

it('takes no longer for what is written to take long', () => {
  for (const piece of ['(', '"', '\\', 'a=b ', ';', 'dkim=pass header.d=a;', ' ', '()']) {
    const begun = performance.now();
    for (let i = 0; i < 100; i++) of(`mx.host.test; ${piece.repeat(8_000 / piece.length - 10)}`);
    expect(performance.now() - begun).toBeLessThan(3_000);
  }
});
