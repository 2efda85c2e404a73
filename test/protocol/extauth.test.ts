import { describe, expect, test } from 'vitest';
import { extauthAllowed, parseExtauth } from '../../src/protocol/extauth.ts';

/** As Pure-FTPd 1.0.50 sent it. */
const sent =
  'account:web@example.test\npassword: x:y \nlocalhost:127.0.0.1\nlocalport:21\npeer:192.0.2.7\nsni_name:\nencrypted:0\nend\n';
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('a question of Pure-FTPd', () => {
  test('is read by its keys; the password keeps its spaces and colons', () => {
    expect(parseExtauth(sent)).toEqual({
      ...{ account: 'web@example.test', password: ' x:y ', peer: '192.0.2.7', encrypted: '0' },
      ...{ localhost: '127.0.0.1', localport: '21' },
    });
    const old = sent.replace('sni_name:\nencrypted:0\n', '');
    expect(parseExtauth(old)).not.toHaveProperty('encrypted');
    expect(parseExtauth(latin1(sent.replace('x:y', 'Straße')))?.password).toBe(' Straße ');
  });

  test.each([
    [
      'ATTACK: a line smuggled in by the name that TLS was asked for',
      sent.replace('sni_name:', 'sni_name:a\nencrypted:1'),
    ],
    ['ATTACK: another login after the real one', sent.replace('password:', 'account:root\npassword:')],
    ['ATTACK: an end before the end', sent.replace('sni_name:', 'sni_name:a\nend\nx:')],
    ['without an end', sent.replace('end\n', '')],
    ['without a password', sent.replace('password: x:y \n', '')],
    ['with a name for an address', sent.replace('192.0.2.7', 'client.example')],
    ['without a login', sent.replace('web@example.test', '')],
    ['with bytes that are no UTF-8', sent.replace('x:y', '\xff')],
    ['with a line that is no pair', sent.replace('localport:21', 'localport')],
    ['that is empty', ''],
  ])('%s is none', (_, text) => {
    expect(parseExtauth(text)).toBeUndefined();
  });
});

test('whoever is let in is shut into his home', () => {
  expect(extauthAllowed({ uid: 2001, gid: 2002, home: '/home/alice' })).toBe(
    'auth_ok:1\nuid:2001\ngid:2002\ndir:/home/alice/./\nend\n',
  );
});
