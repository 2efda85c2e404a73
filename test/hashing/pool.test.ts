import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HashingBusy } from '../../src/hashing/admission.ts';
import type { EngineWish } from '../../src/hashing/job.ts';
import { createHashing, type Hashing } from '../../src/hashing/pool.ts';
import { hashesComputed, hashQueue } from '../../src/metrics.ts';
import { systemWorld } from '../../src/world.ts';
import { oldPepper, ringOf } from './ring.ts';

/** The run itself may be a nice one. */
const ownNiceness = getPriority();

const keyring = ringOf(oldPepper);

function open(
  more: { threads?: number; cost?: number; engine?: EngineWish; maxWaitMs?: number } = {},
): Promise<Hashing> {
  return createHashing({ threads: 2, cost: 6, engine: 'auto', keyring, world: systemWorld, ...more });
}

/** Niceness of every thread of this process: field 19 of its stat line. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((task) => {
    const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

async function computed(purpose: string): Promise<number> {
  const { values } = await hashesComputed.get();
  return values.find(({ labels }) => labels.purpose === purpose)?.value ?? 0;
}

describe.each(['auto', 'bcryptjs'] as const)('a pool with engine %s', (engine) => {
  let hashing: Hashing;
  beforeAll(async () => {
    hashing = await open({ engine });
  });
  afterAll(() => hashing.close());

  test('what it creates it verifies, and nothing else', async () => {
    const { hash, scheme } = await hashing.create('correct horse');
    expect(scheme).toBe('gatehouse');
    expect(hash).toMatch(/^\$gh1\$p1\$2b\$06\$[./A-Za-z0-9]{53}$/);
    expect(await hashing.verify('correct horse', hash)).toEqual({ ok: true, outdated: false });
    expect(await hashing.verify('correct hors', hash)).toEqual({ ok: false, outdated: false });
  });

  test('the same password is salted anew each time', async () => {
    const [one, other] = await Promise.all([hashing.create('same'), hashing.create('same')]);
    expect(one?.hash).not.toBe(other?.hash);
  });

  test('hashes made elsewhere are right and outdated', async () => {
    const stored = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    expect(await hashing.verify('U*U', stored)).toEqual({ ok: true, outdated: true });
  });

  test('hashes are counted by purpose, and a decoy is one', async () => {
    const before = await Promise.all(['verify', 'decoy'].map(computed));
    await hashing.decoy('anything');
    await hashing.verify('right', '!');
    await hashing.verify('right', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
    const after = await Promise.all(['verify', 'decoy'].map(computed));
    expect(after.map((count, at) => count - (before[at] ?? 0))).toEqual([1, 2]);
  });
});

test('a hash of one engine is a hash of the other', async () => {
  const [one, other] = await Promise.all([open({ threads: 1 }), open({ threads: 1, engine: 'bcryptjs' })]);
  try {
    expect(other.engine).toBe('bcryptjs');
    for (const password of ['a', 'pässwörd', 'x'.repeat(200)]) {
      expect((await other.verify(password, (await one.create(password)).hash)).ok).toBe(true);
      expect((await one.verify(password, (await other.create(password)).hash)).ok).toBe(true);
    }
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

test.runIf(process.platform === 'linux')(
  'only the hash threads step back, and they end with the pool',
  async () => {
    const before = niceness().filter((nice) => nice === 10).length;
    const hashing = await open({ threads: 3 });
    expect(niceness().filter((nice) => nice === 10)).toHaveLength(before + 3);
    const main = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8');
    expect(Number(main.slice(main.lastIndexOf(')') + 2).split(' ')[16])).toBe(ownNiceness);
    await hashing.close();
    await expect.poll(() => niceness().filter((nice) => nice === 10).length).toBe(before);
  },
);

describe('a full queue', () => {
  test('is refused by time with a moment to come back, and what was let in is served', async () => {
    const hashing = await open({ threads: 1, cost: 9, maxWaitMs: 100 });
    try {
      const results = await Promise.allSettled(Array.from({ length: 60 }, () => hashing.decoy('storm')));
      const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
      expect(refused.length).toBeGreaterThan(30);
      expect(refused.length).toBeLessThan(60);
      for (const reason of refused) {
        expect(reason).toBeInstanceOf(HashingBusy);
        expect(reason.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      }
      expect(hashing.waitMs()).toBe(0);
      expect((await hashQueue.get()).values[0]?.value).toBe(0);
      await hashing.decoy('after the storm');
    } finally {
      await hashing.close();
    }
  });

  test('does not tell names: a decoy and a verification are refused alike', async () => {
    const hashing = await open({ threads: 1, cost: 9, maxWaitMs: 0 });
    try {
      const { hash } = await hashing.create('right');
      const running = hashing.decoy('first');
      await expect(hashing.verify('right', hash)).rejects.toBeInstanceOf(HashingBusy);
      await expect(hashing.verify('right', '!')).rejects.toBeInstanceOf(HashingBusy);
      await expect(hashing.decoy('right')).rejects.toBeInstanceOf(HashingBusy);
      await running;
    } finally {
      await hashing.close();
    }
  });
});

test('the event loop turns freely while hashes are computed', async () => {
  const hashing = await open({ cost: 10, maxWaitMs: 60_000 });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let turns = 0;
  let over = false;
  const turn = () => {
    turns += 1;
    // Not without pause: on a busy machine the hash threads step back for this very loop.
    if (!over) setTimeout(turn, 1);
  };
  delay.enable();
  turn();
  await Promise.all(Array.from({ length: 16 }, () => hashing.decoy('storm')));
  over = true;
  delay.disable();
  await hashing.close();
  // Sixteen hashes of some 50 ms: on this thread the loop would have turned about 16 times, with 50 ms between.
  expect(turns).toBeGreaterThan(50);
  expect(delay.percentile(50) / 1e6).toBeLessThan(25);
});

test('a pool of no threads is refused at the start', async () => {
  await expect(open({ threads: 0 })).rejects.toThrow(RangeError);
});
