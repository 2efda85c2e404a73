/** What passes as a public key is written into lines that sshd obeys: nothing else may pass. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptedKey, authorizedKeysLine, sshKeyFrom } from '../../src/domain/ssh-key.ts';

const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const blobOf = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map(text)).toString('base64');
const point = Buffer.alloc(32, 5);
const ed = `ssh-ed25519 ${blobOf('ssh-ed25519', point)}`;
const number = (bits: number) => {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  bytes[0] = 0xff >> ((8 - (bits % 8)) % 8);
  return (bytes[0] & 0x80) === 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
};
const rsa = (bits: number, e = Buffer.from([1, 0, 1])) => `ssh-rsa ${blobOf('ssh-rsa', e, number(bits))}`;
const p256 = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 9)]);
const ec = `ecdsa-sha2-nistp256 ${blobOf('ecdsa-sha2-nistp256', 'nistp256', p256)}`;

describe('a public key', () => {
  it.each([
    ['ed25519', ed],
    ['rsa of 2048 bits', rsa(2048)],
    ['rsa of 8192 bits', rsa(8192)],
    ['ecdsa', ec],
    ['a token', `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com', point, 'ssh:')}`],
    [
      'a token with ecdsa',
      `sk-ecdsa-sha2-nistp256@openssh.com ${blobOf('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', p256, 'ssh:work')}`,
    ],
  ])('%s is taken, with its comment and the end of its line', (_, line) => {
    for (const written of [line, `${line} alice@laptop`, `  ${line}\tx "y" z\r\n`, `${line}\n`]) {
      const read = sshKeyFrom(written);
      expect(read.ok && `${read.key.type} ${read.key.key}`, written).toBe(line);
    }
  });

  const certificate = blobOf('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32, 1), point);
  it.each([
    ['nothing', ''],
    ['options', `command="/bin/sh" ${ed}`],
    ['an option without quotes', `restrict ${ed}`],
    ['a second line', `${ed}\n${ed}`],
    ['an option on a second line', `${ed}\ncommand="/bin/sh" ${ed}`],
    ['a carriage return inside', `${ed} a\rssh-rsa AAAA`],
    ['a NUL', `${ed} a\0b`],
    ['DSA', `ssh-dss ${blobOf('ssh-dss', number(1024), number(160), number(1024), number(1024))}`],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${certificate}`],
    ['a certificate authority', `cert-authority ${ed}`],
    ['another type before it', ed.replace('ssh-ed25519', 'ssh-rsa')],
    [
      'another type inside, of the same form',
      `ssh-rsa ${blobOf('rsa-sha2-256', Buffer.from([1, 0, 1]), number(2048))}`,
    ],
    ['a type with a name of Object', `constructor ${blobOf('constructor', point)}`],
    ['a blob cut short', ed.slice(0, -8)],
    ['a blob with more behind it', `ssh-ed25519 ${blobOf('ssh-ed25519', point, 'more')}`],
    [
      'a length beyond the end',
      `ssh-ed25519 ${Buffer.concat([text('ssh-ed25519'), Buffer.from([0, 0, 1, 0, 1])]).toString('base64')}`,
    ],
    ['a point of 31 bytes', `ssh-ed25519 ${blobOf('ssh-ed25519', point.subarray(1))}`],
    [
      'bits after the last byte',
      ec.replace(/(.)=$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`),
    ],
    ['padding that is not needed', `${ed}=`],
    ['the alphabet of URLs', ed.replace('AAAA', 'AA-A')],
    ['RSA of 1024 bits', rsa(1024)],
    ['RSA of 2047 bits', rsa(2047)],
    ['RSA of 8193 bits', rsa(8193)],
    ['RSA with the exponent 1', rsa(2048, Buffer.from([1]))],
    ['RSA with an even exponent', rsa(2048, Buffer.from([4]))],
    ['RSA with a negative exponent', rsa(2048, Buffer.from([0x81]))],
    [
      'RSA with zeros before its modulus',
      `ssh-rsa ${blobOf('ssh-rsa', Buffer.from([3]), Buffer.concat([Buffer.alloc(2), number(2048)]))}`,
    ],
    ['a curve under another name', `ecdsa-sha2-nistp384 ${blobOf('ecdsa-sha2-nistp384', 'nistp256', p256)}`],
    [
      'a compressed point',
      `ecdsa-sha2-nistp256 ${blobOf('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(33, 2))}`,
    ],
    [
      'a token for a web page',
      `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com', point, 'https://x')}`,
    ],
    [
      'a token whose application breaks the line',
      `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com', point, 'ssh:a\nb')}`,
    ],
    ['more than a line may have', `${ed} ${'c'.repeat(4096)}`],
    [
      'a private key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    ],
  ])('%s is refused', (_, line) => {
    expect(sshKeyFrom(line).ok).toBe(false);
  });

  it('whatever is written, no line leaves that says more than a key', () => {
    const piece = fc.constantFrom(
      ed,
      rsa(2048),
      '\n',
      '\r',
      ' ',
      '\t',
      ',',
      '"',
      'command="x"',
      'from="*"',
      '#',
      '\0',
      'ä',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.option(fc.string()), (pieces, source) => {
        const read = sshKeyFrom(pieces.join(''));
        if (!read.ok) return;
        const line = authorizedKeysLine({ ...read.key, source, expiresAt: null })?.line;
        expect(line ?? ed).toMatch(/^(?:from="[0-9a-f.:/]+" )?(?:ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a line for sshd', () => {
  const [type = '', key = ''] = ed.split(' ');
  const kept = { type, key, source: null, expiresAt: null };
  it('says from where and until when', () => {
    expect(authorizedKeysLine(kept)?.line).toBe(ed);
    const source = '203.0.113.0/24';
    const expiresAt = new Date('2030-02-03T04:05:06.789Z');
    expect(authorizedKeysLine({ ...kept, source, expiresAt })?.line).toBe(
      `from="203.0.113.0/24",expiry-time="20300203040506Z" ${ed}`,
    );
  });

  it.each([
    ['a range with a quote', { source: '::1" command="x' }],
    ['a range with a line break', { source: '::1\n' }],
    ['a pattern', { source: '*' }],
    ['a key with a line break', { key: `${key}\n${ed}` }],
    ['a key with options before it', { type: `command="x" ${type}` }],
    ['a key of another type', { type: 'ssh-rsa' }],
  ])('%s in the row gives no line', (_, row) => {
    expect(authorizedKeysLine({ ...kept, ...row })).toBeUndefined();
  });

  it('the key that sshd accepted is known again, and nothing is read into a line that was cut', () => {
    const read = sshKeyFrom(ed);
    const fingerprint = read.ok ? read.key.fingerprint : '';
    expect(acceptedKey(`publickey ${ed}\n`)).toBe(fingerprint);
    expect(acceptedKey(`keyboard-interactive/pam\npublickey ${ed}\n`)).toBe(fingerprint);
    expect(acceptedKey(`publickey ${ed}\nkeyboard-interactive/pam\n`)).toBe(fingerprint);
    for (const info of [undefined, '', `publickey ${ed}`, `password\n`, `publickey ${ed} x\n`.slice(0, 40)]) {
      expect(acceptedKey(info)).toBeUndefined();
    }
  });
});

const noKeygen = existsSync('/usr/bin/ssh-keygen') || process.env.CI === 'true' ? undefined : 'no ssh-keygen';
describe.skipIf(noKeygen !== undefined)('keys that ssh-keygen makes', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['ed25519', []],
    ['rsa', ['-b', '2048']],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
  ])('%s %j are read, with the fingerprint that it shows', (kind, more) => {
    const file = join(folder, `${kind}${more.join('')}`);
    execFileSync('ssh-keygen', ['-q', '-t', kind, ...more, '-N', '', '-C', 'alice@laptop', '-f', file]);
    const read = sshKeyFrom(readFileSync(`${file}.pub`, 'utf8'));
    const shown = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
    expect(read).toMatchObject({
      ok: true,
      key: { comment: 'alice@laptop', fingerprint: shown.split(' ')[1] },
    });
    if (!read.ok) return;
    const kept = { ...read.key, source: '2001:db8::/32', expiresAt: new Date('2037-01-01') };
    writeFileSync(`${file}.line`, `${authorizedKeysLine(kept)?.line}\n`);
    // Options and key together are what ssh-keygen, too, takes for a line of authorized_keys.
    expect(execFileSync('ssh-keygen', ['-l', '-f', `${file}.line`], { encoding: 'utf8' })).toContain(
      read.key.fingerprint,
    );
  });
});
