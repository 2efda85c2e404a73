import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { ConfigError, readAgentConfig, readServeConfig, readStoreConfig } from '../../src/main/config.ts';
import { mailRoomFor, mailWords, smtpServerOf } from '../../src/main/mail.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = `ghc_${'k'.repeat(43)}`;

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('nothing set is a whole configuration, on loopback alone', () => {
  const config = readServeConfig({});
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    hashCost: 11,
    hashEngine: 'auto',
    databasePool: Math.max(5, Math.min(2 * availableParallelism() + 1, 10)),
  });
  expect(config.databaseUrl).toBeUndefined();
  expect(config.trustedProxies).toEqual([]);
  expect(config.keysFile).toBe(join(config.dataDir, 'keys.json'));
});

test('an empty variable counts as unset', () => {
  expect(readServeConfig({ PORT: '', DATABASE_URL: ' ' })).toEqual(readServeConfig({}));
});

test('every fault is named at once', () => {
  const env = {
    PORT: '80.5',
    HASH_COST: '9',
    HASH_ENGINE: 'md5',
    DATABASE_URL: 'mysql://x',
    TRUSTED_PROXIES: 'proxy',
  };
  const faults = faultsOf(() => readServeConfig(env));
  expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(Object.keys(env).sort());
});

test.each([
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['PORT', '0x50'],
  ['HASH_COST', '16'],
  ['HASH_THREADS', '0'],
  ['DATABASE_POOL', '1e3'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '0.0.0.0/0'],
  ['TRUSTED_PROXIES', '::/0'],
  ['GATEHOUSE_ORIGIN', 'http://login.example.net'],
  ['GATEHOUSE_ORIGIN', 'https://login.example.net/path'],
  ['GATEHOUSE_ORIGIN', 'https://me@login.example.net'],
  ['GATEHOUSE_ORIGIN', 'javascript:alert(1)'],
  ['PASSKEY_DOMAIN', 'https://localhost'],
  ['PASSKEY_DOMAIN', 'example.net'],
  ['PASSKEY_ORIGINS', 'https://panel.example.net'],
  ['PASSKEY_ORIGINS', 'http://panel.localhost.example.net'],
  ['LOG_LEVEL', 'loud'],
])('serve refuses %s=%s', (name, value) => {
  expect(faultsOf(() => readServeConfig({ [name]: value }))).toHaveLength(1);
});

test('serve takes what is right', () => {
  const env = {
    PORT: '0',
    GATEHOUSE_ORIGIN: 'https://login.example.net/',
    TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16 2001:db8::/32',
    GATEHOUSE_DATA_DIR: '/srv/gatehouse',
  };
  expect(readServeConfig(env)).toMatchObject({
    port: 0,
    origin: 'https://login.example.net',
    trustedProxies: ['10.0.0.1', '192.168.0.0/16', '2001:db8::/32'],
    keysFile: '/srv/gatehouse/keys.json',
  });
  expect(readServeConfig({ GATEHOUSE_ORIGIN: 'http://localhost:8080' }).origin).toBe('http://localhost:8080');
});

test('passkeys are bound to the host of the origin, or to a domain above it that its pages share', () => {
  const GATEHOUSE_ORIGIN = 'https://login.example.net';
  expect(readServeConfig({ GATEHOUSE_ORIGIN }).passkeys).toEqual({
    id: 'login.example.net',
    origins: [GATEHOUSE_ORIGIN],
  });
  const PASSKEY_ORIGINS = 'https://panel.example.net:8443, https://login.example.net';
  const env = { GATEHOUSE_ORIGIN, PASSKEY_DOMAIN: 'Example.net', PASSKEY_ORIGINS };
  expect(readServeConfig(env).passkeys).toEqual({
    id: 'example.net',
    origins: [GATEHOUSE_ORIGIN, 'https://panel.example.net:8443'],
  });
  for (const wrong of ['ample.net', 'net', 'panel.login.example.net', 'example.org']) {
    expect(faultsOf(() => readServeConfig({ GATEHOUSE_ORIGIN, PASSKEY_DOMAIN: wrong }))).toHaveLength(1);
  }
  const beside = { ...env, PASSKEY_ORIGINS: 'https://panel.notexample.net' };
  expect(faultsOf(() => readServeConfig(beside))).toHaveLength(1);
});

test('no secret is printed, by success or by failure', () => {
  const url = 'postgres://gatehouse:hunter2@db/gatehouse';
  const config = readStoreConfig({ DATABASE_URL: url });
  expect(config.databaseUrl?.reveal()).toBe(url);
  expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}${config.databaseUrl}`).not.toContain(
    'hunter2',
  );
  const wrong = faultsOf(() =>
    readServeConfig({ DATABASE_URL: 'mysql://u:hunter2@db/x', HASH_ENGINE: 'hunter2' }),
  );
  expect(wrong.join()).not.toContain('hunter2');
});

test('the agent speaks https, or http on loopback', () => {
  const at = (GATEHOUSE_URL: string) =>
    faultsOf(() => readAgentConfig({ GATEHOUSE_URL, GATEHOUSE_KEY: key }));
  for (const right of [
    'https://gate.example.net',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
    'http://localhost',
  ]) {
    expect(at(right)).toEqual([]);
  }
  for (const wrong of [
    'http://gate.example.net',
    'http://127.0.0.1.example.net',
    'http://10.0.0.1',
    'gate',
  ]) {
    expect(at(wrong)).toHaveLength(1);
  }
});

test('the PAM address is on loopback: passwords pass there', () => {
  const at = (GATEHOUSE_PAM_ADDRESS: string) => () =>
    readAgentConfig({ GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_KEY: key, GATEHOUSE_PAM_ADDRESS });
  expect(at('127.0.0.1:7000')().pamAddress).toBe('127.0.0.1:7000');
  expect(at('[::1]:7000')().pamAddress).toBe('[::1]:7000');
  for (const wrong of [
    '0.0.0.0:7422',
    '10.0.0.1:7422',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:70000',
    ':7422',
  ]) {
    expect(faultsOf(at(wrong))).toHaveLength(1);
  }
});

test('the milter is off unless it has an address, and mail is told on this machine alone', () => {
  const env = { GATEHOUSE_URL: 'https://gate.example.net', GATEHOUSE_KEY: key };
  const at = (GATEHOUSE_MILTER: string, more = {}) => readAgentConfig({ ...env, GATEHOUSE_MILTER, ...more });
  expect(readAgentConfig(env).milter).toBeUndefined();
  const address = 'unix:/var/spool/postfix/gatehouse/milter';
  expect(at(address).milter).toEqual({
    ...{ address, flagged: 'header', staff: [], staffRequest: 'reject', unjudged: 'accept' },
  });
  const said = {
    GATEHOUSE_MILTER_FLAGGED: 'hold',
    GATEHOUSE_MILTER_STAFF: 'Help@host.example, @Desk.example',
    GATEHOUSE_MILTER_STAFF_REQUEST: 'header',
    GATEHOUSE_MILTER_UNJUDGED: 'tempfail',
  };
  expect(at('127.0.0.1:783', said).milter).toEqual({
    ...{ address: '127.0.0.1:783', flagged: 'hold', staffRequest: 'header', unjudged: 'tempfail' },
    staff: ['help@host.example', '@desk.example'],
  });
  for (const wrong of ['10.0.0.1:783', '0.0.0.0:783', '783', 'unix:relative', `unix:/${'x'.repeat(100)}`])
    expect(faultsOf(() => at(wrong))).toHaveLength(1);
  expect(faultsOf(() => at(address, { GATEHOUSE_MILTER_FLAGGED: 'delete' }))).toEqual([
    'GATEHOUSE_MILTER_FLAGGED must be one of header, hold, reject',
  ]);
});

test('Pure-FTPd is answered at the path of a socket, and nowhere unless it is set', () => {
  const env = { GATEHOUSE_URL: 'https://gate.example.net', GATEHOUSE_KEY: key };
  expect(readAgentConfig(env).extauth).toBeUndefined();
  const path = '/run/gatehouse-agent/pure-ftpd.sock';
  expect(readAgentConfig({ ...env, GATEHOUSE_EXTAUTH: path }).extauth).toBe(path);
  for (const wrong of ['pure-ftpd.sock', '127.0.0.1:21', `/${'x'.repeat(100)}`, '/a\n/b'])
    expect(
      faultsOf(() => readAgentConfig({ ...env, GATEHOUSE_EXTAUTH: wrong })),
      wrong,
    ).toHaveLength(1);
});

test('the agent names all that it misses', () => {
  expect(faultsOf(() => readAgentConfig({}))).toEqual([
    'GATEHOUSE_URL must be set',
    'GATEHOUSE_KEY or GATEHOUSE_KEY_FILE must be set',
  ]);
});

test('the agent’s key may lie in a file that only its owner reads', () => {
  const file = join(folder, 'agent.key');
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  const env = { GATEHOUSE_URL: 'https://gate.example.net', GATEHOUSE_KEY_FILE: file };
  expect(readAgentConfig(env).key.reveal()).toBe(key);
  const open = join(folder, 'open.key');
  writeFileSync(open, `${key}\n`, { mode: 0o644 });
  expect(faultsOf(() => readAgentConfig({ ...env, GATEHOUSE_KEY_FILE: open })).join()).toMatch(/others/);
  expect(faultsOf(() => readAgentConfig({ ...env, GATEHOUSE_KEY: key }))).toHaveLength(1);
});

test('mail: over TLS or loopback; its URL may hold a password, and is never shown', () => {
  const config = readServeConfig({
    SMTP_URL: 'smtps://user:s3cret@mail.example.net',
    MAIL_FROM: 'Example Host <security@example.net>',
    GATEHOUSE_WORDS: 'Acme, AcmeHost  cloudbox',
    GATEHOUSE_ORIGIN: 'https://login.example.net',
  });
  expect(inspect(config)).not.toContain('s3cret');
  expect(config.words).toEqual(['Acme', 'AcmeHost', 'cloudbox']);
  expect(smtpServerOf(config.smtpUrl?.reveal() ?? '')).toEqual({
    host: 'mail.example.net',
    port: 465,
    tlsAtOnce: true,
    loopback: false,
    login: { user: 'user', password: 's3cret' },
  });
  expect(smtpServerOf('smtp://mail.example.net')).toMatchObject({
    port: 587,
    tlsAtOnce: false,
    loopback: false,
  });
  expect(smtpServerOf('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, loopback: true });
  expect(smtpServerOf('smtp://a%40b:p%3Aw@127.0.0.1')).toMatchObject({
    login: { user: 'a@b', password: 'p:w' },
  });
});

test.each([
  ['SMTP_URL', 'http://mail.example.net'],
  ['SMTP_URL', 'smtp:///path'],
  ['SMTP_URL', 'smtp://mail.example.net?tls=off'],
  ['MAIL_FROM', 'nobody'],
  ['MAIL_FROM', 'a@b.c, d@e.f'],
  ['MAIL_FROM', 'Host <a@b.c'],
  ['MAIL_FROM', 'Host\r\nBcc: x@y.z <a@b.c>'],
])('refused: %s=%s', (name, text) => {
  const faults = faultsOf(() => readServeConfig({ [name]: text }));
  expect(faults).toHaveLength(1);
  expect(faults[0]).not.toContain(text);
});

test('without a mail server: files beside the embedded database, else none, and that is said', () => {
  const embedded = readServeConfig({ GATEHOUSE_DATA_DIR: folder });
  expect(mailRoomFor(embedded).kind).toBe('files');
  expect(mailWords(embedded)).toMatchObject({ ok: true });
  const bare = readServeConfig({ DATABASE_URL: 'postgres://localhost/x' });
  expect(mailRoomFor(bare).kind).toBe('off');
  expect(mailWords(bare)).toEqual({
    ok: false,
    detail: expect.stringContaining('resets and notices to owners are off'),
  });
});

test('the file of daemons: read whole, owned by one, and its faults named without its secrets', () => {
  const file = join(folder, 'daemons.json');
  const said = (text: string, mode = 0o600) => {
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
    return { GATEHOUSE_DAEMONS_FILE: file };
  };
  const radius = { address: '192.0.2.10', secret: 'a shared secret' };
  const whole = {
    'ftp.nas': { radius },
    sftp1: { sftpgo: { url: 'https://sftp1.example.net/', api_key: 'k.1' } },
  };
  const config = readServeConfig(said(JSON.stringify(whole)));
  expect(config.daemons).toMatchObject({
    'ftp.nas': { radius: { port: 3799 } },
    sftp1: { sftpgo: { url: 'https://sftp1.example.net' } },
  });
  expect(inspect(config, { depth: 9 })).not.toMatch(/a shared secret|k\.1/);
  expect(readServeConfig({}).daemons).toEqual({});
  for (const wrong of [
    'a shared secret',
    JSON.stringify({ nas: { radius: { ...radius, address: 'nas.example' } } }),
    JSON.stringify({ nas: { radius: { ...radius, secret: 'short' } } }),
    JSON.stringify({ nas: { radius: { ...radius, port: 0 } } }),
    JSON.stringify({ nas: { radius, 'a shared secret': 1 } }),
    JSON.stringify({ sftp: { sftpgo: { url: 'http://sftp.example', api_key: 'a shared secret' } } }),
  ]) {
    const [fault, ...others] = faultsOf(() => readServeConfig(said(wrong)));
    expect(fault).toMatch(/^GATEHOUSE_DAEMONS_FILE: /);
    expect(`${fault}${others}`).not.toMatch(/a shared secret|short/);
  }
  expect(faultsOf(() => readServeConfig(said('{}', 0o644)))[0]).toMatch(
    /^GATEHOUSE_DAEMONS_FILE: .*chmod 600/,
  );
  expect(faultsOf(() => readServeConfig({ GATEHOUSE_DAEMONS_FILE: '/nowhere' }))[0]).toMatch(/is not there/);
});
