/** Second factors and keys as the agent hears of them: what it asks the service, and what it never takes for a yes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/domain/ssh-key.ts';
import { TestHost } from './support/host.ts';
import { cannotRun, startShell } from './support/processes.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.start();
});
afterEach(() => host.stop());

const auth = { ask: 'auth', password: 'pl4nted-secret', can_ask: 1 };
const challenge = { decision: 'challenge', challenge: { id: 'cha_1', kinds: ['totp', 'recovery_code'] } };
const allow = { decision: 'allow', verified: { credential_id: 'cre_1', epoch: 1 } };
const deny = { decision: 'deny', reason: 'invalid_credentials' };
const bodies = (path: string) =>
  host.service.asked.filter((asked) => asked.path === path).map((asked) => asked.body);
const half = async () => {
  host.service.onAuthenticate = () => challenge;
  const { handle } = await host.ask(auth);
  if (!handle) throw new Error('no handle');
  return handle;
};
const code = (handle: string, more: Record<string, string> = {}) =>
  host.ask({ ask: 'code', handle, code: '123456', ...more });

describe('a login that owes a code', () => {
  test('is asked for it where the daemon can, under a handle that tells nothing', async () => {
    host.service.onAuthenticate = () => challenge;
    const answer = await host.ask(auth);
    expect(answer).toEqual({ verdict: 'ask', handle: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(bodies('/v1/authenticate')[0]).toMatchObject({ can_ask: true, open_session: false });
    expect(host.lines.join('')).not.toContain('cha_1');
    expect(host.lines.join('')).not.toContain(answer.handle);
  });

  test.each([
    ['the daemon cannot ask', { can_ask: undefined }, challenge],
    ['sshd made the password up', { password: undefined, junk: 1 }, challenge],
    [
      'only a browser can show what is owed',
      {},
      { ...challenge, challenge: { id: 'cha_1', kinds: ['passkey'] } },
    ],
  ])('is refused when %s', async (_, fields, decision) => {
    host.service.onAuthenticate = () => decision;
    expect(await host.ask({ ...auth, ...fields })).toEqual({ verdict: 'deny' });
  });

  test('comes in with the right one, as whoever the service says was verified', async () => {
    const handle = await half();
    const verified = { credential_id: 'cre_1', epoch: 7, app_password_id: 'apw_1', grant_id: 'grt_1' };
    host.service.onChallenge = () => ({ decision: 'allow', verified });
    const answer = await code(handle);
    expect(answer).toMatchObject({ verdict: 'allow', login_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(bodies('/v1/authenticate/challenge')).toEqual([
      { challenge_id: 'cha_1', kind: 'totp', code: '123456' },
    ]);
    expect(host.lines.join('')).not.toContain('123456');
    if (cannotRun) return;
    const leader = await startShell('sleep 600');
    await host.ask({ ask: 'open', pid: leader.pid, login_id: answer.login_id });
    expect(bodies('/v1/agent/sessions')[0]).toMatchObject({ method: 'password', verified });
  });

  test('may type a recovery code in place of one', async () => {
    const handle = await half();
    await code(handle, { code: 'ABCD-EFGH-IJKL-MNOP-QRST-UVWX' });
    expect(bodies('/v1/authenticate/challenge')[0]).toMatchObject({ kind: 'recovery_code' });
  });

  test('is asked three times, by a new handle each time, and no handle works twice', async () => {
    let handle = await half();
    for (const more of [true, true, false]) {
      const answer = await code(handle);
      expect(answer.verdict).toBe(more ? 'ask' : 'deny');
      expect((await code(handle)).verdict).toBe('deny');
      handle = answer.handle ?? '';
    }
    expect(bodies('/v1/authenticate/challenge')).toHaveLength(3);
  });

  test('of 16 codes at once under one handle one is put before the service', async () => {
    const handle = await half();
    host.service.onChallenge = () => allow;
    const answers = await Promise.all(Array.from({ length: 16 }, () => code(handle)));
    expect(answers.filter(({ verdict }) => verdict === 'allow')).toHaveLength(1);
    expect(bodies('/v1/authenticate/challenge')).toHaveLength(1);
  });

  test.each([
    ['another login', { login: 'bob' }],
    ['another service', { service: 'proftpd' }],
    ['another store', { store: 'ftp', channel: 'ftp' }],
    ['a made-up handle', { handle: 'ab'.repeat(16) }],
  ])('its handle is nothing for %s', async (_, fields) => {
    const handle = await half();
    host.service.onChallenge = () => allow;
    expect((await code(handle, fields)).verdict).toBe('deny');
    expect(bodies('/v1/authenticate/challenge')).toEqual([]);
  });

  test.each([
    [{ decision: 'throttled', retry_after_seconds: 5 }, 'deny'],
    [challenge, 'deny'],
    [{ decision: 'allow' }, 'unavailable'],
    [{ status: 500 }, 'unavailable'],
    [{ status: 403 }, 'unavailable'],
  ])('answered %j is %s, and the half login is over', async (decision, verdict) => {
    const handle = await half();
    host.service.onChallenge = () => decision;
    expect((await code(handle)).verdict).toBe(verdict);
    host.service.onChallenge = () => allow;
    expect((await code(handle)).verdict).toBe('deny');
  });
});

describe('a factor after a key', () => {
  const blob = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from('ssh-ed25519'),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, 3),
  ]);
  const fingerprint = fingerprintOf(blob);
  const info = `publickey ssh-ed25519 ${blob.toString('base64')}\n`;
  const factor = { ask: 'factor', ssh_auth_info: info };

  test('is asked of the service with the key, and a challenge is asked of the person', async () => {
    host.service.onFactor = () => challenge;
    const answer = await host.ask({ ...factor, code_needed: 1 });
    expect(answer.verdict).toBe('ask');
    expect(bodies('/v1/agent/factor')[0]).toMatchObject({
      ssh_key: fingerprint,
      code_needed: true,
      login: 'alice',
    });
    host.service.onChallenge = () => allow;
    expect((await code(answer.handle ?? '')).verdict).toBe('allow');
  });

  test('without a key nothing is asked: a code alone opens no door', async () => {
    host.service.onFactor = () => allow;
    for (const ssh_auth_info of [undefined, '', 'keyboard-interactive/pam\n', 'publickeyless x\n']) {
      expect(await host.ask({ ask: 'factor', ssh_auth_info })).toEqual({ verdict: 'deny' });
    }
    expect(bodies('/v1/agent/factor')).toEqual([]);
  });

  test.each([
    [allow, 'allow'],
    [deny, 'deny'],
    [{ decision: 'unknown' }, 'unknown'],
    [{ decision: 'allow' }, 'unavailable'],
    [{ status: 500 }, 'unavailable'],
  ])('answered %j is %s', async (decision, verdict) => {
    host.service.onFactor = () => decision;
    expect((await host.ask(factor)).verdict).toBe(verdict);
  });

  test.skipIf(cannotRun)('the key is told when the session opens, with the factor or without', async () => {
    host.service.onFactor = () => allow;
    const { login_id } = await host.ask(factor);
    for (const id of [login_id, undefined]) {
      const leader = await startShell('sleep 600');
      const more = id === undefined ? {} : { login_id: id };
      expect((await host.ask({ ask: 'open', pid: leader.pid, ssh_auth_info: info, ...more })).verdict).toBe(
        'allow',
      );
    }
    const opened = bodies('/v1/agent/sessions');
    expect(opened[0]).toMatchObject({ method: 'publickey', ssh_key: fingerprint, verified: { epoch: 1 } });
    expect(opened[1]).toMatchObject({ method: 'publickey', ssh_key: fingerprint });
    expect(opened[1]).not.toHaveProperty('verified');
  });

  const kept = {
    id: 'key_1',
    type: 'ssh-ed25519',
    key: blob.toString('base64'),
    source: null,
    expires_at: null,
  };
  const keys = { ask: 'keys', fingerprint };
  test('a key that the service knows becomes a line for sshd', async () => {
    const ends = '2030-01-01T00:00:00.000Z';
    host.service.onSshKey = () => ({ decision: 'allow', key: { ...kept, source: '::1', expires_at: ends } });
    expect(await host.ask(keys)).toEqual({
      verdict: 'allow',
      key_line: `from="::1",expiry-time="20300101000000Z" ssh-ed25519 ${blob.toString('base64')}`,
    });
    expect(bodies('/v1/agent/ssh-keys')).toEqual([{ host: 'web1', login: 'alice', fingerprint }]);
  });

  const other = Buffer.concat([blob.subarray(0, -1), Buffer.from([4])]).toString('base64');
  test.each([
    ['another key than was asked for', { key: other }],
    ['a source that closes its quotes', { source: '::1" command="x' }],
    ['a line break and more in the key', { key: `${kept.key}\ncommand="x" ssh-ed25519 ${kept.key}` }],
    ['a line break and options in the type', { type: 'command="x"\nssh-ed25519' }],
  ])('%s is no line, whoever says so', async (_, row) => {
    host.service.onSshKey = () => ({ decision: 'allow', key: { ...kept, ...row } });
    expect(await host.ask(keys)).toEqual({ verdict: 'deny' });
  });

  test.each([
    ['no fingerprint', 'MD5:aa:bb'],
    ['more than one', `${fingerprint} x`],
    ['a path', '../../etc/passwd'],
  ])('%s is not even asked about', async (_, asked) => {
    expect(await host.ask({ ask: 'keys', fingerprint: asked })).toEqual({ verdict: 'deny' });
    expect(bodies('/v1/agent/ssh-keys')).toEqual([]);
  });

  test('without the service there are no keys', async () => {
    host.service.onSshKey = () => ({ status: 503 });
    expect(await host.ask(keys)).toEqual({ verdict: 'unavailable' });
  });
});
