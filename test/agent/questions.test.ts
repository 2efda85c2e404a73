import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestHost } from './support/host.ts';
import { cannotRun, startShell } from './support/processes.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.start();
});
afterEach(() => host.stop());

const auth = { ask: 'auth', password: 'pl4nted-secret' };
const bodies = (path: string) =>
  host.service.asked.filter((asked) => asked.path === path).map((asked) => asked.body);

describe('a password', () => {
  test('goes to the service with address, store and channel, and nowhere else', async () => {
    const answer = await host.ask({ ...auth, rhost: '::ffff:192.0.2.7' });
    expect(answer).toMatchObject({ verdict: 'allow', login_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(bodies('/v1/authenticate')).toEqual([
      {
        store: 'ssh',
        login: 'alice',
        password: 'pl4nted-secret',
        channel: 'ssh',
        host: 'web1',
        source_ip: '192.0.2.7',
        open_session: false,
      },
    ]);
    expect(host.lines.join('')).not.toContain('pl4nted-secret');
  });

  test('that sshd made up is judged for its time only, and never lets in', async () => {
    expect(await host.ask({ ask: 'auth', junk: 1 })).toEqual({ verdict: 'deny' });
    expect(bodies('/v1/authenticate')[0]).toMatchObject({ name_unknown: true });
    expect(bodies('/v1/authenticate')[0]).not.toHaveProperty('password');
  });

  test.each([
    [{ decision: 'deny', reason: 'invalid_credentials' }, 'deny'],
    [{ decision: 'challenge', challenge: { id: 'cha_1', kinds: ['totp'] } }, 'deny'],
    [{ decision: 'challenge', challenge: {} }, 'unavailable'],
    [{ decision: 'throttled', retry_after_seconds: 5 }, 'deny'],
    [{ decision: 'allow' }, 'unavailable'],
    [{ decision: 'perhaps' }, 'unavailable'],
    [{ status: 500 }, 'unavailable'],
    [{ status: 503 }, 'unavailable'],
    [{ status: 204 }, 'unavailable'],
  ])('answered %j is %s', async (decision, verdict) => {
    host.service.onAuthenticate = () => decision;
    expect((await host.ask(auth)).verdict).toBe(verdict);
  });

  test.each([
    [300, 250, 900],
    [1_400, 900, 1_350],
  ])(
    'that is throttled takes as long as a wrong one: %i ms, but a second at most',
    async (ms, least, most) => {
      host.service.onAuthenticate = async () => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return { decision: 'deny', reason: 'invalid_credentials' };
      };
      await Promise.all([1, 2, 3].map(() => host.ask(auth)));
      host.service.onAuthenticate = () => ({ decision: 'throttled', retry_after_seconds: 5 });
      const began = performance.now();
      expect(await host.ask(auth)).toEqual({ verdict: 'deny' });
      expect(performance.now() - began).toBeGreaterThan(least);
      expect(performance.now() - began).toBeLessThan(most);
    },
  );

  test('that the service never judges is refused before the module gives up', async () => {
    host.service.onAuthenticate = () => new Promise(() => {});
    const began = performance.now();
    expect((await host.ask(auth)).verdict).toBe('unavailable');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('for a channel that the store does not have is not even asked', async () => {
    expect((await host.ask({ ...auth, channel: 'ftp' })).verdict).toBe('unavailable');
    expect((await host.ask({ ...auth, channel: 'gopher' })).verdict).toBe('unavailable');
    expect(bodies('/v1/authenticate')).toEqual([]);
  });
});

describe('without the service nobody comes in', () => {
  test('when it is gone, in every phase; and again once it is back', async () => {
    host.service.leaseSeconds = 1;
    await host.service.stop();
    const leader = await startShell('sleep 600');
    expect((await host.ask(auth)).verdict).toBe('unavailable');
    expect((await host.ask({ ask: 'account' })).verdict).toBe('unavailable');
    expect((await host.ask({ ask: 'open', pid: leader.pid })).verdict).toBe('unavailable');
    expect((await host.ask({ ask: 'close' })).verdict).toBe('allow');
    await host.service.start();
    await host.ready();
    expect((await host.ask(auth)).verdict).toBe('allow');
  });

  test('when orders have not reached this host for the length of the lease, though it answers', async () => {
    await host.stopAgent();
    host.service.leaseSeconds = 1;
    host.service.refuseStreams = false;
    await host.startAgent();
    await host.ready();
    host.service.refuseStreams = true;
    host.service.breakStreams();
    expect((await host.ask(auth)).verdict).toBe('allow');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect((await host.ask(auth)).verdict).toBe('unavailable');
    expect((await host.ask({ ask: 'account' })).verdict).toBe('unavailable');
  });
});

describe('account', () => {
  test.each([
    ['allow', {}, { method: 'other' }],
    ['deny', { ssh_auth_info: 'publickey ssh-ed25519 AAAA\n' }, { method: 'publickey' }],
    [
      'unknown',
      { rhost: 'name.example', ssh_connection: '192.0.2.9 4000 198.51.100.1 22' },
      { source_ip: '192.0.2.9' },
    ],
  ])('%s', async (decision, fields, told) => {
    host.service.onAccount = () => ({ decision });
    expect(await host.ask({ ask: 'account', ...fields })).toEqual({ verdict: decision });
    expect(bodies('/v1/agent/account')[0]).toMatchObject({ host: 'web1', login: 'alice', ...told });
  });
});

describe.skipIf(cannotRun)('what a password proved', () => {
  const proved = async () => {
    const { login_id } = await host.ask(auth);
    if (!login_id) throw new Error('no login id');
    return login_id;
  };
  const open = async (fields: Record<string, string>) => {
    const leader = await startShell('sleep 600');
    return (await host.ask({ ask: 'open', pid: leader.pid, ...fields })).verdict;
  };

  test('is told to the service when the session opens, once', async () => {
    const login_id = await proved();
    expect((await host.ask({ ask: 'account', login_id })).verdict).toBe('allow');
    expect(await open({ login_id })).toBe('allow');
    expect(bodies('/v1/agent/sessions')[0]).toMatchObject({
      method: 'password',
      verified: { credential_id: 'cre_1', epoch: 1 },
    });
    expect(await open({ login_id })).toBe('deny');
    expect(bodies('/v1/agent/sessions')).toHaveLength(1);
  });

  test.each([
    ['another login', { login: 'bob' }],
    ['another service', { service: 'proftpd' }],
    ['another store', { store: 'ftp', channel: 'ftp' }],
    ['a made-up id', { login_id: 'ab'.repeat(16) }],
  ])('does not serve %s', async (_, fields) => {
    const login_id = await proved();
    expect(await open({ login_id, ...fields })).toBe('deny');
    expect((await host.ask({ ask: 'account', login_id, ...fields })).verdict).toBe('deny');
    expect(bodies('/v1/agent/sessions')).toEqual([]);
  });
});

describe('telnet', () => {
  const asked = { channel: 'telnet', service: 'login', rhost: '127.0.0.1', tty: '/dev/pts/3' };

  test('the name that the client was given is no address: without telnetd in front none is told', async () => {
    for (const rhost of ['127.0.0.1', 'localhost', '::1']) {
      await host.ask({ ...asked, rhost, ask: 'door' });
      await host.ask({ ...asked, ...auth, rhost });
      await host.ask({ ...asked, rhost, ask: 'account' });
    }
    const all = ['/v1/agent/door', '/v1/authenticate', '/v1/agent/account'].flatMap(bodies);
    expect(all).toHaveLength(9);
    for (const body of all) expect(body).not.toHaveProperty('source_ip');
  });

  test('a session is not opened for what has no telnetd in front', async () => {
    const leader = await startShell('sleep 600');
    expect(await host.ask({ ...asked, ask: 'open', pid: leader.pid })).toEqual({ verdict: 'deny' });
    expect(bodies('/v1/agent/sessions')).toEqual([]);
  });

  test('a shut door is said with its sentence; one of which nobody can tell is no open one', async () => {
    host.service.onDoor = () => ({ open: false, message: 'This door is closed. Use SSH.' });
    expect(await host.ask({ ...asked, ask: 'door' })).toEqual({
      verdict: 'deny',
      message: 'This door is closed. Use SSH.',
    });
    for (const answer of [{ status: 500 }, { open: 'yes' }, {}]) {
      host.service.onDoor = () => answer;
      expect(await host.ask({ ...asked, ask: 'door' })).toEqual({ verdict: 'unavailable' });
    }
  });
});
