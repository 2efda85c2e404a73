/** A daemon's own list is asked for with care: the program may be missing, hang, or never stop. */
import { expect, test } from 'vitest';
import type { Door, FoundSession } from '../../src/agent/doors/index.ts';
import { listedBy } from '../../src/agent/hands-lists.ts';

const row = { pid: 7, parent: 1, start: '1', uids: [0, 0, 0, 0], program: '/usr/sbin/ftpd', title: 'ftpd' };
const door = (...command: readonly [string, ...string[]]): Door => ({
  ...{ name: 'ftpd', store: 'ftp', channel: 'ftp', find: () => [] },
  list: {
    command,
    serves: ({ title }) => title === 'ftpd',
    read: (output): FoundSession[] => [{ pid: 7, login: output.trim() }],
  },
});

test('what it says is read', async () => {
  expect(await listedBy(door('echo', 'alice'), [row])).toEqual([{ pid: 7, login: 'alice' }]);
});

test('it is not run where its daemon does not run', async () => {
  expect(await listedBy(door('echo', 'alice'), [{ ...row, title: 'another' }])).toEqual([]);
});

test.each<[string, [string, ...string[]], number]>([
  ['is missing', ['no-such-program-of-a-daemon'], 1_000],
  ['fails', ['false'], 1_000],
  ['never stops talking', ['yes'], 4_000],
  ['hangs', ['sleep', '60'], 8_000],
])('a program that %s finds nothing, in time', async (_, command, withinMs) => {
  const began = performance.now();
  expect(await listedBy(door(...command), [row])).toEqual([]);
  expect(performance.now() - began).toBeLessThan(withinMs);
});
