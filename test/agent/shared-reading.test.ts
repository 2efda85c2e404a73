/** Questions of strangers start no more programs than one at a time, and none waits beyond its deadline. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { socketsFor } from '../../src/agent/hands-activity.ts';
import { allPids, statOf } from '../../src/agent/hands-processes.ts';
import { SharedReading } from '../../src/agent/shared-reading.ts';

const never = new AbortController().signal;
const children = () => allPids().filter((pid) => statOf(pid)?.parent === process.pid).length;
const hasSs = () => {
  try {
    return execFileSync('ss', ['-V'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
};

test.skipIf(!hasSs())('ATTACK: 512 questions at once start one ss, and all are answered by two', async () => {
  const before = children();
  const first = socketsFor(never);
  const rest = Array.from({ length: 511 }, () => socketsFor(never));
  expect(children() - before).toBe(1);
  const [begun, ...later] = await Promise.all([first, ...rest]);
  expect(begun?.size).toBeGreaterThanOrEqual(0);
  expect(new Set(later).size).toBe(1);
  expect(later[0]).not.toBe(begun);
});

function readings() {
  const ends: ((value: number) => void)[] = [];
  const shared = new SharedReading(() => new Promise<number>((resolve) => void ends.push(resolve)));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { ends, shared, settled };
}

test('who came after a reading began gets the next one, never what was read before he came', async () => {
  const { ends, shared, settled } = readings();
  const heard: string[] = [];
  const come = (name: string) => shared.take(never).then((value) => void heard.push(`${name}${value}`));
  const all = [come('a'), come('b'), come('c')];
  expect(ends).toHaveLength(1);
  ends[0]?.(0);
  // Between the end of one and the beginning of the next, too.
  all.push(Promise.resolve().then(() => come('d')));
  await settled();
  expect(heard).toEqual(['a0']);
  all.push(come('e'));
  ends[1]?.(1);
  await settled();
  ends[2]?.(2);
  await Promise.all(all);
  expect(ends).toHaveLength(3);
  expect(heard.slice(0, 3)).toEqual(['a0', 'b1', 'c1']);
  expect(heard).toContain('e2');
  expect(heard.at(heard.findIndex((each) => each.startsWith('d')))).toMatch(/^d[12]$/);
});

test('a reading that hangs holds nobody beyond his deadline, and the next one is not begun beside it', async () => {
  const { ends, shared } = readings();
  const gone = new AbortController();
  const waiting = Array.from({ length: 16 }, () => shared.take(gone.signal));
  gone.abort(new Error('too late'));
  for (const each of await Promise.allSettled(waiting)) expect(each.status).toBe('rejected');
  await expect(shared.take(gone.signal)).rejects.toThrow('too late');
  expect(ends).toHaveLength(1);
  ends[0]?.(0);
});

test('a reading that fails is the next one’s affair no longer', async () => {
  let times = 0;
  const shared = new SharedReading(async () => {
    times += 1;
    if (times === 1) throw new Error('once');
    return times;
  });
  const [one, two] = await Promise.allSettled([shared.take(never), shared.take(never)]);
  expect([one.status, two]).toEqual(['rejected', { status: 'fulfilled', value: 2 }]);
});
