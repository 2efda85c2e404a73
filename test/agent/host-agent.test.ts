import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveInto } from '../../src/agent/hands-cgroups.ts';
import { TestHost } from './support/host.ts';
import { cannotRun, cgroupRoot, eventually, isLive, populated, startShell } from './support/processes.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.start();
});
afterEach(() => host.stop());

const receiptOf = (id: string) => host.service.receipts().find((receipt) => receipt.session_id === id);
const goneOf = (id: string) => host.service.gone().find((gone) => gone.session_id === id);

describe.skipIf(cannotRun)('a logoff order', () => {
  test('ends the session within a second, leftovers too, and the receipt says so', async () => {
    const { id, leader, cgroup } = await host.session('setsid sleep 600 & nohup sleep 600 & sleep 600');
    await sleep(400);
    expect(populated(cgroup)).toBe(true);
    const began = performance.now();
    host.service.order(id);
    await eventually(() => !isLive(leader), 1_000);
    await eventually(() => receiptOf(id) !== undefined);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(receiptOf(id)?.state).toBe('ended');
    expect(populated(cgroup)).toBe(undefined);
    expect(readdirSync(host.stateDir)).toEqual([]);
  });

  test('leaves other sessions of the same user alone', async () => {
    const [one, other] = [await host.session(), await host.session()];
    host.service.order(one.id);
    await eventually(() => receiptOf(one.id) !== undefined);
    expect(isLive(other.leader)).toBe(true);
    expect(populated(other.cgroup)).toBe(true);
  });

  test('that overtakes the answer to the open is carried out right after it, for 24 at once', async () => {
    host.service.onOpen = async (body) => {
      const answer = host.service.open(body);
      const id = [...host.service.sessions.keys()].at(-1) ?? '';
      // Every other one knows the session by nothing but its id.
      host.service.order(id, host.service.sessions.size % 2 === 0 ? body.process : null);
      await sleep(30);
      return answer;
    };
    const leaders = await Promise.all(Array.from({ length: 24 }, () => startShell('sleep 600')));
    await Promise.all(leaders.map(({ pid }) => host.ask({ ask: 'open', pid })));
    await eventually(() => new Set(host.service.receipts().map((r) => r.session_id)).size === 24);
    expect(host.service.receipts().every((receipt) => receipt.state === 'ended')).toBe(true);
    expect(leaders.filter(isLive)).toEqual([]);
    expect(existsSync(cgroupRoot) ? readdirSync(cgroupRoot).filter((n) => n.startsWith('ses_')) : []).toEqual(
      [],
    );
  });

  test('twice is two receipts and one end', async () => {
    const { id } = await host.session();
    host.service.order(id);
    host.service.order(id);
    await eventually(() => host.service.receipts().length >= 1);
    host.service.order(id);
    await sleep(100);
    expect(host.service.receipts().every((receipt) => receipt.state === 'ended')).toBe(true);
  });

  test('waits for the agent, for the connection, and for the receipt to be taken', async () => {
    const { id, leader } = await host.session();
    await host.stopAgent();
    const process = host.service.sessions.get(id)?.process ?? null;
    host.service.pending = [{ session_id: id, order_id: 'ord_1', reason: 'x', process }];
    host.service.onReports = () => ({ status: 503 });
    await host.startAgent();
    await eventually(() => !isLive(leader));
    await sleep(300);
    host.service.onReports = () => ({ accepted: 1, unknown: [] });
    await eventually(() => receiptOf(id)?.state === 'ended');
  });

  test('for a session of which this host has lost everything is carried out by its process', async () => {
    const { id, leader, cgroup } = await host.session('setsid sleep 600 & sleep 600');
    await sleep(400);
    await host.stopAgent();
    writeFileSync(`${host.stateDir}/${id}.json`, '{"id":');
    const process = host.service.sessions.get(id)?.process ?? null;
    host.service.sessions.clear();
    host.service.pending = [{ session_id: id, order_id: null, reason: 'x', process }];
    await host.startAgent();
    await eventually(() => receiptOf(id)?.state === 'ended');
    expect(isLive(leader)).toBe(false);
    expect(populated(cgroup)).toBe(undefined);
  });

  test('that cannot be proved yet is told as such, and tried until it is', async () => {
    const { id, cgroup } = await host.session();
    // The agent refuses to kill a cgroup that holds itself; it stands here for whatever cannot be killed.
    moveInto(cgroup, process.pid);
    try {
      host.service.order(id);
      await eventually(() => receiptOf(id) !== undefined);
      expect(receiptOf(id)?.state).toBe('not_proven');
    } finally {
      moveInto(dirname(cgroupRoot), process.pid);
    }
    await eventually(() => host.service.receipts().at(-1)?.state === 'ended', 8_000);
    expect(populated(cgroup)).toBe(undefined);
  });

  test.each([
    ['a process of another boot', { boot_id: '00000000-0000-4000-8000-000000000000' }],
    ['a process that is another by now', { start: '1' }],
  ])('for %s is proved without touching anybody', async (_, change) => {
    const stranger = await startShell('sleep 600');
    host.service.send('order', {
      session_id: 'ses_old',
      order_id: null,
      reason: 'x',
      process: { ...stranger, ...change },
    });
    await eventually(() => receiptOf('ses_old')?.state === 'ended');
    expect(isLive(stranger)).toBe(true);
  });
});

describe.skipIf(cannotRun)('a session that no sshd leads', () => {
  test('keeps the channel that its daemon named', async () => {
    host.service.idleSeconds = 1;
    const { id } = await host.session('sleep 600', { channel: 'sftp' });
    // It ends by its clock: it has been measured.
    await eventually(() => goneOf(id)?.reason === 'idle', 5_000);
    expect(host.service.seen().filter(({ channel }) => channel !== undefined)).toEqual([]);
  });
});

describe.skipIf(cannotRun)('a session that ends by itself', () => {
  test('is reported when its last process is gone', async () => {
    const { id } = await host.session('exit');
    await eventually(() => goneOf(id) !== undefined);
    expect(goneOf(id)).toMatchObject({ reason: 'closed', proved: true });
    await eventually(() => readdirSync(host.stateDir).length === 0);
  });

  test('is still live while what it left running lives, and an order ends that', async () => {
    const { id, leader, cgroup } = await host.session('setsid sleep 600 & exit');
    await eventually(() => !isLive(leader));
    await sleep(1_500);
    expect(goneOf(id)).toBe(undefined);
    host.service.order(id);
    await eventually(() => receiptOf(id)?.state === 'ended');
    expect(populated(cgroup)).toBe(undefined);
  });

  test('is reported with its reason though the agent was restarted before the service took it', async () => {
    host.service.onReports = () => ({ status: 500 });
    host.service.idleSeconds = 1;
    const { id, leader } = await host.session();
    await eventually(() => !isLive(leader));
    await sleep(300);
    await host.stopAgent();
    await host.startAgent();
    host.service.onReports = () => ({ accepted: 1, unknown: [] });
    await eventually(() => goneOf(id) !== undefined);
    expect(goneOf(id)).toMatchObject({ reason: 'idle', proved: true });
  });

  test('while the agent was away is found over at its start', async () => {
    const { id, leader } = await host.session('sleep 0.4');
    const stays = await host.session();
    await host.stopAgent();
    await eventually(() => !isLive(leader));
    await host.startAgent();
    await eventually(() => goneOf(id) !== undefined);
    expect(goneOf(id)).toMatchObject({ reason: 'closed', proved: true });
    expect(isLive(stays.leader)).toBe(true);
    host.service.order(stays.id);
    await eventually(() => receiptOf(stays.id)?.state === 'ended');
  });
});

describe.skipIf(cannotRun)('clocks', () => {
  test('an idle session ends by itself, and says why', async () => {
    host.service.idleSeconds = 1;
    const began = performance.now();
    const { id, leader } = await host.session();
    await eventually(() => goneOf(id) !== undefined);
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(goneOf(id)).toMatchObject({ reason: 'idle', proved: true });
    expect(isLive(leader)).toBe(false);
  });

  test('a session ends at its absolute end, and without the service too', async () => {
    host.service.absoluteSeconds = 1;
    const { id, leader } = await host.session();
    await host.service.stop();
    await eventually(() => !isLive(leader), 2_500);
    await host.service.start();
    await eventually(() => goneOf(id) !== undefined, 15_000);
    expect(goneOf(id)).toMatchObject({ reason: 'absolute', proved: true });
  });

  test('a policy that shortens them holds for live sessions at once', async () => {
    const { id, leader } = await host.session();
    host.service.send('clocks', {
      sessions: [
        { session_id: id, idle_seconds: 1, absolute_expires_at: new Date(Date.now() + 9e5).toISOString() },
      ],
    });
    await eventually(() => !isLive(leader), 2_500);
    await eventually(() => goneOf(id)?.reason === 'idle');
  });

  test('a policy that changed while the agent was away holds from hello on', async () => {
    const { id, leader } = await host.session();
    await host.stopAgent();
    const session = host.service.sessions.get(id);
    if (session) session.absolute_expires_at = new Date().toISOString();
    await host.startAgent();
    await eventually(() => !isLive(leader), 2_500);
    await eventually(() => goneOf(id)?.reason === 'absolute');
  });
});

describe.skipIf(cannotRun)('both sides compare notes', () => {
  test('hello names what is live, after every connect', async () => {
    const { id } = await host.session();
    host.service.breakStreams();
    const hellos = () => host.service.asked.filter(({ path }) => path === '/v1/agent/hello');
    await eventually(() => hellos().length === 2);
    expect(hellos().map(({ body }) => body)).toMatchObject([{ sessions: [] }, { sessions: [id] }]);
  });

  test('a session that this host lost is taken up again under its id', async () => {
    const { id, leader } = await host.session();
    await host.stopAgent();
    writeFileSync(`${host.stateDir}/${id}.json`, '');
    await host.startAgent();
    await eventually(() => existsSync(`${host.stateDir}/${id}.json`));
    await host.ready();
    host.service.order(id);
    await eventually(() => receiptOf(id)?.state === 'ended');
    expect(isLive(leader)).toBe(false);
  });

  test('a session whose open was never answered does not stay live in the books', async () => {
    host.service.onOpen = (body) => {
      host.service.open(body);
      return { status: 500 };
    };
    const leader = await startShell('sleep 0.5');
    expect((await host.ask({ ask: 'open', pid: leader.pid })).verdict).toBe('unavailable');
    const id = [...host.service.sessions.keys()][0] ?? '';
    await eventually(() => goneOf(id) !== undefined, 6_000);
  });

  test('a session that the service does not know is ended, since no order could reach it', async () => {
    const { id, leader } = await host.session();
    host.service.sessions.clear();
    host.service.onReports = () => ({ accepted: 0, unknown: [id] });
    host.service.breakStreams();
    await eventually(() => !isLive(leader));
  });
});

describe.skipIf(cannotRun)('while another machine speaks under the name of this host', () => {
  const clash = async () => {
    host.service.helloStatus = 409;
    host.service.breakStreams();
    await eventually(() => host.lines.some((line) => line.includes('another machine speaks')));
  };

  test('nobody logs in here, at once; no order is carried out; and all goes on once it is gone', async () => {
    const { id, leader } = await host.session();
    host.service.pending = [{ session_id: id, order_id: 'ord_1', reason: 'x', process: leader }];
    await clash();
    expect((await host.ask({ ask: 'auth', password: 'x' })).verdict).toBe('unavailable');
    await sleep(1_000);
    expect(isLive(leader)).toBe(true);
    expect(host.service.streams).toBe(0);
    expect(host.agent?.inTouch()).toBe(false);
    host.service.helloStatus = 200;
    await eventually(() => receiptOf(id)?.state === 'ended', 15_000);
    await host.ready();
    expect((await host.ask({ ask: 'auth', password: 'x' })).verdict).toBe('allow');
  });

  test('no stream is opened in its name, and nothing is reported, which would pass for its sign of life', async () => {
    const { id, leader } = await host.session();
    await host.stopAgent();
    host.service.helloStatus = 409;
    const before = host.service.asked.filter(({ path }) => path === '/v1/agent/reports').length;
    await host.startAgent();
    process.kill(leader.pid, 'SIGKILL');
    await eventually(() => host.lines.filter((line) => line.includes('another machine speaks')).length >= 3);
    await sleep(1_500);
    expect(host.service.asked.filter(({ path }) => path === '/v1/agent/reports')).toHaveLength(before);
    expect(host.service.opened).toBe(2);
    host.service.helloStatus = 200;
    await eventually(() => goneOf(id) !== undefined, 15_000);
  });
});

describe.skipIf(cannotRun)('an open that the service had granted before', () => {
  test('is the same session again: one entry, one end', async () => {
    host.service.onOpen = (body) => {
      host.service.open(body);
      return { status: 500 };
    };
    const leader = await startShell('sleep 600');
    expect((await host.ask({ ask: 'open', pid: leader.pid })).verdict).toBe('unavailable');
    const [session] = [...host.service.sessions.values()];
    const id = session?.id ?? '';
    host.service.onOpen = () => ({ decision: 'allow', session: { ...session, account_id: 'acc_1' } });
    const again = () => host.ask({ ask: 'open', pid: leader.pid });
    expect(await again()).toEqual({ verdict: 'allow', session_id: id });
    // The notes that are compared after a lost answer find it, too.
    await sleep(1_300);
    expect(await again()).toEqual({ verdict: 'allow', session_id: id });
    expect(readdirSync(host.stateDir)).toEqual([`${id}.json`]);
    host.service.order(id);
    await eventually(() => receiptOf(id)?.state === 'ended');
    expect(isLive(leader)).toBe(false);
    expect(goneOf(id)).toBe(undefined);
  });

  test('is refused when that session is another process, or over: neither is touched', async () => {
    const { id, leader } = await host.session();
    const session = host.service.sessions.get(id);
    host.service.onOpen = () => ({ decision: 'allow', session: { ...session, account_id: 'acc_1' } });
    const other = await startShell('sleep 600');
    expect((await host.ask({ ask: 'open', pid: other.pid })).verdict).toBe('deny');
    host.service.order(id);
    await eventually(() => receiptOf(id)?.state === 'ended');
    expect(isLive(leader)).toBe(false);
    expect(isLive(other)).toBe(true);
  });
});

test.skipIf(cannotRun)('a session that cannot be set up is denied and reported lost', async () => {
  const leader = await startShell('sleep 600');
  host.service.onOpen = (body) => {
    process.kill(leader.pid, 'SIGKILL');
    return host.service.open(body);
  };
  expect((await host.ask({ ask: 'open', pid: leader.pid })).verdict).toBe('deny');
  await eventually(() => host.service.gone().length === 1);
  expect(host.service.gone()[0]).toMatchObject({ reason: 'lost' });
});
