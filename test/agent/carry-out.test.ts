import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { carryOut, type Target } from '../../src/agent/carry-out.ts';
import { killFrozen, makeCgroup, membersOf, moveInto } from '../../src/agent/hands-cgroups.ts';
import { bootId, treeOf } from '../../src/agent/hands-processes.ts';
import type { ProcessRef } from '../../src/protocol/agent.ts';
import { systemWorld } from '../../src/world.ts';
import {
  cannotRun,
  cgroupRoot,
  endAll,
  eventually,
  isLive,
  populated,
  refOf,
  startShell,
} from './support/processes.ts';
import { recycler } from './support/recycled.ts';

const tools = { world: systemWorld, boot: bootId(), agentPid: process.pid };

afterEach(endAll);

/** A shell whose children are all born inside the session's cgroup, as after a PAM open. */
async function session(
  name: string,
  script: string,
): Promise<Target & { path: string; process: ProcessRef }> {
  const leader = await startShell(`sleep 0.15; ${script}`);
  const path = `${cgroupRoot}/${name}`;
  makeCgroup(path);
  moveInto(path, leader.pid);
  await sleep(400);
  return { process: leader, cgroup: { path, own: true }, adopted: false, path };
}

describe.skipIf(cannotRun)(`an ended session leaves nothing behind ${cannotRun ?? ''}`, () => {
  test('nohup, setsid and double-forked children go with their leader', async () => {
    const target = await session(
      'ses_tree',
      'nohup sleep 600 & setsid sleep 600 & (setsid bash -c "trap \\"\\" TERM HUP; sleep 600 & wait" &) ; sleep 600',
    );
    expect(populated(target.path)).toBe(true);
    const ended = await carryOut(target, tools);
    expect(ended.state).toBe('ended');
    expect(populated(target.path)).toBe(undefined);
    expect(isLive(target.process)).toBe(false);
  });

  test('processes that are another every millisecond do not outrun it', async () => {
    // Each forks its successor, in a session of its own, and is gone: whoever was listed is dead by the signal.
    const chain = "perl -MPOSIX -e 'while (1) { exit if fork; setsid; select undef, undef, undef, 0.001 }'";
    const target = await session('ses_forks', `for i in 1 2 3 4 5 6 7 8; do ${chain} & done; sleep 600`);
    expect(membersOf(target.path).length).toBeGreaterThan(4);
    const ended = await carryOut(target, tools);
    expect(ended.state).toBe('ended');
    expect(populated(target.path)).toBe(undefined);
  });

  test('a kernel without cgroup.kill empties it too, frozen', async () => {
    const chain = "perl -MPOSIX -e 'while (1) { exit if fork; setsid; select undef, undef, undef, 0.001 }'";
    const target = await session('ses_frozen', `for i in 1 2 3 4; do ${chain} & done; sleep 600`);
    await killFrozen(target.path);
    await eventually(() => populated(target.path) === false);
  });

  test('a leader that ignores SIGTERM is gone within its grace', async () => {
    const target = await session('ses_deaf', 'trap "" TERM; while :; do sleep 0.1; done');
    const began = performance.now();
    const done = carryOut(target, tools);
    await eventually(() => !isLive(target.process));
    expect(performance.now() - began).toBeLessThan(900);
    expect((await done).state).toBe('ended');
  });

  test('a stopped session is ended too', async () => {
    const target = await session('ses_stopped', 'kill -STOP $$; sleep 600');
    expect((await carryOut(target, tools)).state).toBe('ended');
    expect(populated(target.path)).toBe(undefined);
  });

  test('cgroups that a session made below its own go with it', async () => {
    const target = await session('ses_nested', 'sleep 600 & sleep 600');
    makeCgroup(`${target.path}/hideaway`);
    const hidden = await startShell('sleep 600');
    moveInto(`${target.path}/hideaway`, hidden.pid);
    expect((await carryOut(target, tools)).state).toBe('ended');
    expect(isLive(hidden)).toBe(false);
    expect(populated(target.path)).toBe(undefined);
  });

  test('what is left of a session whose leader is long gone is ended', async () => {
    const target = await session('ses_left', 'setsid sleep 600 & exit');
    await eventually(() => !isLive(target.process));
    expect(populated(target.path)).toBe(true);
    expect((await carryOut(target, tools)).state).toBe('ended');
    expect(populated(target.path)).toBe(undefined);
  });

  test('ending twice is ending once', async () => {
    const target = await session('ses_twice', 'sleep 600');
    const both = await Promise.all([carryOut(target, tools), carryOut(target, tools)]);
    expect(both.map((ended) => ended.state)).toEqual(['ended', 'ended']);
    expect((await carryOut(target, tools)).state).toBe('ended');
  });

  test('a leader that was never moved is taken with its children', async () => {
    const leader = await startShell('sleep 600 & sleep 600; true');
    const path = `${cgroupRoot}/ses_outside`;
    const tree = treeOf(leader.pid).map(refOf);
    expect(tree).toHaveLength(3);
    const ended = await carryOut({ process: leader, cgroup: { path, own: true }, adopted: true }, tools);
    expect(ended.state).toBe('ended');
    expect(tree.filter(isLive)).toEqual([]);
  });
});

describe('only the process that was reported is ended', () => {
  test('a recycled pid is never signalled', async () => {
    const stranger = await startShell('sleep 600');
    const target = { ...stranger, start: String(Number(stranger.start) - 1) };
    const cgroup = { path: `${cgroupRoot}/ses_recycled`, own: true };
    const ended = await carryOut({ process: target, cgroup, adopted: false }, tools);
    expect(ended.state).toBe('ended');
    await sleep(300);
    expect(isLive(refOf(stranger.pid))).toBe(true);
    expect(refOf(stranger.pid).start).toBe(stranger.start);
  });

  test.skipIf(cannotRun)(
    '500 times over, the process that got the pid of a dead leader lives on',
    async () => {
      const pids = recycler();
      let rounds = 0;
      const killed: number[] = [];
      for (let tries = 0; rounds < 500 && tries < 700; tries++) {
        const leader = refOf(await pids.begin());
        if (!(await pids.recycle(leader.pid))) continue;
        rounds++;
        const decoy = refOf(leader.pid);
        expect(decoy.start).not.toBe(leader.start);
        // With a cgroup that is gone, and without any: by the two ways that a session is ended.
        const cgroup = rounds % 2 === 0 ? null : { path: `${cgroupRoot}/ses_decoy${rounds}`, own: true };
        await carryOut({ process: leader, cgroup, adopted: false }, tools);
        if (!isLive(decoy)) killed.push(rounds);
        await pids.end(decoy.pid);
      }
      pids.stop();
      expect(killed).toEqual([]);
      expect(rounds).toBe(500);
    },
  );

  test('a pid of another boot is never signalled', async () => {
    const stranger = await startShell('sleep 600');
    const target = { ...stranger, boot_id: '00000000-0000-4000-8000-000000000000' };
    const ended = await carryOut(
      { process: target, cgroup: { path: `${cgroupRoot}/x`, own: true }, adopted: false },
      tools,
    );
    expect(ended.state).toBe('ended');
    expect(isLive(stranger)).toBe(true);
  });

  test.skipIf(cannotRun)('a cgroup with the agent itself inside is refused', async () => {
    const target = await session('ses_self', 'sleep 600');
    const ended = await carryOut(target, { ...tools, agentPid: target.process.pid });
    expect(ended.state).toBe('not_proven');
    expect(isLive(target.process)).toBe(true);
  });
});

describe('without cgroup v2', () => {
  test('the tree is ended as far as it can be seen, and never called proved', async () => {
    const leader = await startShell('sleep 600 & bash -c "sleep 600 & wait" & wait');
    const ended = await carryOut({ process: leader, cgroup: null, adopted: false }, tools);
    expect(ended).toEqual({ state: 'not_proven', detail: 'leader ended; no cgroup v2 to prove the rest' });
    expect(isLive(leader)).toBe(false);
  });
});
