/** No login ends on somebody else's page. */
import { expect, it } from 'vitest';
import { returnTo } from '../../src/domain/return-to.ts';

const origins = ['https://panel.example.net', 'https://mail.example.net:8443'];

it.each([
  ['https://panel.example.net/files?a=b#c', 'https://panel.example.net/files?a=b#c'],
  ['https://mail.example.net:8443/', 'https://mail.example.net:8443/'],
  ['HTTPS://PANEL.example.net/x', 'https://panel.example.net/x'],
  ['/files/../x', 'https://panel.example.net/x'],
  ['/', 'https://panel.example.net/'],
])('%s', (text, url) => {
  expect(returnTo(text, origins)).toBe(url);
});

it.each([
  undefined,
  '',
  'files',
  'https://evil.example/',
  'http://panel.example.net/',
  'https://panel.example.net:444/',
  'https://panel.example.net.evil.example/',
  'https://panel.example.net@evil.example/',
  'https://evil.example@panel.example.net/',
  'https://:x@panel.example.net/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example/',
  'https:\\\\evil.example/',
  'https:/evil.example/',
  'https:evil.example/',
  '/\t/evil.example/',
  ' https://evil.example/',
  '/\n/evil.example',
  'https://panel.example.net/\r\nSet-Cookie: a=b',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://panel.example.net\u3002evil.example/',
  'https://pаnel.example.net/',
  'https://panel.example.net/\ud800',
  `/${'x'.repeat(3000)}`,
])('%j leads nowhere', (text) => {
  expect(returnTo(text, origins)).toBeUndefined();
});

it('without pages of our own there is no way back', () => {
  expect(returnTo('/x', [])).toBeUndefined();
});
