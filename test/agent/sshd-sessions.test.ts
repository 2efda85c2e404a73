/** Sessions of a real sshd that began while the agent was away, and their clocks measured on a real connection. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allPids, statOf } from '../../src/agent/hands-processes.ts';
import { MissedTwice } from '../../src/agent/look-around.ts';
import type { OpenRequest } from '../../src/protocol/agent.ts';
import { TestHost } from './support/host.ts';
import { cannotRun, cgroupRoot, eventually, isLive, populated, refOf } from './support/processes.ts';
import { noSshd, TestSshd } from './support/sshd.ts';

let host: TestHost;
let sshd: TestSshd;
let found: OpenRequest[];

beforeEach(async () => {
  host = new TestHost();
  sshd = new TestSshd();
  found = [];
  await host.service.start();
  await sshd.start();
});
afterEach(async () => {
  sshd.stop();
  await host.stop();
});

/** Answers for the sessions of this test's daemon; the machine may have others. */
function answering(answer: (body: OpenRequest) => object): void {
  host.service.onAdopt = (body) => {
    if (statOf(body.process.pid)?.parent !== sshd.pid) return { decision: 'unknown' };
    found.push(body);
    return answer(body);
  };
}

async function connected(client: ChildProcess): Promise<void> {
  let text = '';
  client.stdout?.on('data', (piece) => {
    text += String(piece);
  });
  client.stdin?.write('pwd\n');
  await eventually(() => text.includes('Remote working directory'));
}

/** The interactive client lingers until it is written to, so the daemon's side is looked at. */
function disconnected(opened: OpenRequest | undefined): boolean {
  return opened !== undefined && !isLive(opened.process);
}

describe.skipIf(cannotRun ?? noSshd)('a session that began while the agent was away', () => {
  test('is found, has a cgroup of its own, turns out to be sftp, and can be logged off', async () => {
    const client = sshd.sftp();
    await connected(client);
    answering((body) => host.service.open(body));
    await host.startAgent();
    await eventually(() => found.length === 1);
    expect(found[0]).toMatchObject({
      ...{ login: 'nobody', store: 'ssh', channel: 'ssh', adopted: true, method: 'other' },
      source_ip: '127.0.0.1',
    });
    const [id] = [...host.service.sessions.keys()];
    await eventually(() => host.service.seen().some((seen) => seen.channel === 'sftp'));
    expect(populated(`${cgroupRoot}/${id}`)).toBe(true);
    const began = performance.now();
    host.service.order(id ?? '');
    await eventually(() => disconnected(found[0]));
    expect(performance.now() - began).toBeLessThan(1_000);
    await eventually(() => host.service.receipts()[0]?.state === 'ended');
  });

  test('is left alone when the service does not know its login: it may be the operator', async () => {
    const client = sshd.sftp();
    await connected(client);
    answering(() => ({ decision: 'unknown' }));
    await host.startAgent();
    await eventually(() => found.length === 1);
    await sleep(400);
    expect(disconnected(found[0])).toBe(false);
    await connected(client);
  });

  test('is ended when the service refuses it', async () => {
    const client = sshd.sftp();
    await connected(client);
    answering(() => ({ decision: 'deny', reason: 'invalid_credentials' }));
    await host.startAgent();
    await eventually(() => disconnected(found[0]), 2_000);
  });

  test('is asked about once, not at every connect', async () => {
    await connected(sshd.sftp());
    answering((body) => host.service.open(body));
    await host.startAgent();
    await eventually(() => found.length === 1);
    host.service.breakStreams();
    await eventually(() => host.service.asked.filter(({ path }) => path.endsWith('/hello')).length === 2);
    await sleep(300);
    expect(found).toHaveLength(1);
  });
});

test('what is missed once is left to the next look; a pid that another process has by then is new', () => {
  const missed = new MissedTwice();
  const [one, other] = [
    { pid: 41, start: '1', boot_id: 'b' },
    { pid: 41, start: '2', boot_id: 'b' },
  ];
  expect(missed.look()(one)).toBe(false);
  const second = missed.look();
  expect([second(one), second(other)]).toEqual([true, false]);
  expect(missed.look()(other)).toBe(true);
  missed.look();
  expect(missed.look()(other)).toBe(false);
});

describe.skipIf(cannotRun ?? noSshd)('a session of which no daemon told, though the agent was there', () => {
  test('is found by and by, opened once, and can be logged off', async () => {
    answering((body) => host.service.open(body));
    await host.startAgent({ lookAroundMs: 100 });
    await host.ready();
    await connected(sshd.sftp());
    await eventually(() => found.length === 1);
    await sleep(400);
    expect(found).toHaveLength(1);
    const [id] = [...host.service.sessions.keys()];
    host.service.order(id ?? '');
    await eventually(() => disconnected(found[0]), 2_000);
  });

  test('is left alone when the service does not know its login, and told of once', async () => {
    answering(() => ({ decision: 'unknown' }));
    await host.startAgent({ lookAroundMs: 100 });
    await host.ready();
    const client = sshd.sftp();
    await connected(client);
    await eventually(() => found.length >= 3);
    const pid = found[0]?.process.pid;
    expect(host.lines.filter((line) => line.includes(`"pid":${pid},"decision":"unknown"`))).toHaveLength(1);
    expect(disconnected(found[0])).toBe(false);
  });
});

describe.skipIf(cannotRun ?? noSshd)('a connection that goes on though its session was refused', () => {
  test('is ended without asking again: as one found running it might be let in', async () => {
    answering((body) => host.service.open(body));
    host.service.onOpen = () => ({ decision: 'deny', reason: 'changed_meanwhile' });
    await host.startAgent();
    await host.ready();
    const client = sshd.sftp();
    await connected(client);
    const monitor = allPids().find((pid) => statOf(pid)?.parent === sshd.pid) ?? 0;
    const process = refOf(monitor);
    expect(await host.ask({ ask: 'open', pid: monitor, login: 'nobody' })).toEqual({ verdict: 'deny' });
    await eventually(() => !isLive(process), 2_000);
    expect(found).toEqual([]);
  });

  test('is not adopted at the next connect either', async () => {
    answering((body) => host.service.open(body));
    host.service.onOpen = () => ({ decision: 'deny', reason: 'changed_meanwhile' });
    await host.startAgent();
    await host.ready();
    await connected(sshd.sftp());
    const monitor = allPids().find((pid) => statOf(pid)?.parent === sshd.pid) ?? 0;
    const process = refOf(monitor);
    await host.ask({ ask: 'open', pid: monitor, login: 'nobody' });
    host.service.breakStreams();
    await eventually(() => !isLive(process), 2_000);
    expect(found).toEqual([]);
  });

  test('is put before the service when nobody had decided', async () => {
    answering((body) => host.service.open(body));
    host.service.onOpen = () => ({ status: 500 });
    await host.startAgent();
    await host.ready();
    await connected(sshd.sftp());
    const monitor = allPids().find((pid) => statOf(pid)?.parent === sshd.pid) ?? 0;
    expect(await host.ask({ ask: 'open', pid: monitor, login: 'nobody' })).toEqual({
      verdict: 'unavailable',
    });
    await eventually(() => found.length === 1);
    expect(isLive(refOf(monitor))).toBe(true);
  });
});

describe.skipIf(cannotRun ?? noSshd)('a container on this host', () => {
  const below = (pid: number, ancestor: number): boolean =>
    pid === ancestor || (pid > 1 && below(statOf(pid)?.parent ?? 0, ancestor));

  test.each([
    ['mount', ['unshare', '--mount']],
    ['pid', ['unshare', '--pid', '--fork', '--kill-child']],
  ])('with a %s namespace of its own keeps its sessions to itself', async (_, unshare) => {
    const contained = new TestSshd();
    await contained.start(unshare);
    try {
      await connected(contained.sftp());
      await connected(sshd.sftp());
      const asked: OpenRequest[] = [];
      answering((body) => host.service.open(body));
      const answer = host.service.onAdopt;
      host.service.onAdopt = (body) => {
        if (below(body.process.pid, contained.pid)) asked.push(body);
        return answer(body);
      };
      await host.startAgent();
      await eventually(() => found.length === 1);
      await sleep(300);
      expect(asked).toEqual([]);
    } finally {
      contained.stop();
    }
  });
});

describe.skipIf(cannotRun ?? noSshd)('idle, measured on a real connection', () => {
  test('use keeps it, keepalives alone do not', async () => {
    const client = sshd.sftp();
    await connected(client);
    host.service.idleSeconds = 2;
    answering((body) => host.service.open(body));
    await host.startAgent();
    await eventually(() => found.length === 1);
    const leader = found[0]?.process;
    if (!leader) throw new Error('nothing found');
    const began = performance.now();
    while (performance.now() - began < 5_000) {
      client.stdin?.write('pwd\nls /\n');
      await sleep(300);
    }
    expect(isLive(leader)).toBe(true);
    const quiet = performance.now();
    await eventually(() => !isLive(leader), 6_000);
    expect(performance.now() - quiet).toBeGreaterThan(1_000);
    expect(performance.now() - quiet).toBeLessThan(3_500);
    await eventually(() => host.service.gone()[0]?.reason === 'idle');
    expect(host.service.gone()[0]?.proved).toBe(true);
  });
});
