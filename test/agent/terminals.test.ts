/** A notice on a session's terminal reaches whoever reads it, holds nothing up, and goes to nobody else's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { allPids, statOf } from '../../src/agent/hands-processes.ts';
import { sayOnTerminals } from '../../src/agent/hands-terminals.ts';
import { ptsNumber } from '../../src/agent/proc-text.ts';

const notRoot = process.getuid?.() === 0 ? undefined : 'only root writes on the terminals of others';
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** script(1) holds the master of a terminal, as sshd does; what runs at it, and what its master has read. */
async function atTerminal(command: string) {
  const holder = spawn('script', ['-qfc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  started.push(holder);
  let read = '';
  holder.stdout.on('data', (piece) => {
    read += piece;
  });
  const [child, pts] = await vi.waitFor(() => {
    const pid = allPids().find((each) => statOf(each)?.parent === holder.pid) ?? 0;
    const number = ptsNumber(statOf(pid)?.tty ?? 0);
    if (number === undefined) throw new Error('nothing runs at the terminal yet');
    return [pid, number];
  });
  return { holder, child, terminal: `/dev/pts/${pts}`, read: () => read };
}

test.skipIf(notRoot)(`it is read, once however many processes sit there ${notRoot ?? ''}`, async () => {
  const { child, read } = await atTerminal('sleep 60 & sleep 60; true');
  const sitting = () => [child, ...allPids().filter((pid) => statOf(pid)?.parent === child)];
  await expect.poll(() => sitting().length).toBe(3);
  const pids = sitting();
  expect(sayOnTerminals(pids, 'you are logged off')).toBe(true);
  await expect.poll(read).toContain('you are logged off');
  expect(read().match(/logged off/g)).toHaveLength(1);
});

test.skipIf(notRoot)('ATTACK: a terminal that nobody reads holds no logoff up', async () => {
  const { holder, child, read } = await atTerminal('yes');
  await expect.poll(() => read().length).toBeGreaterThan(1_000);
  holder.kill('SIGSTOP');
  await expect.poll(() => sayOnTerminals([child], 'you are logged off')).toBe(false);
});

test.skipIf(notRoot)('a terminal of somebody else is not written on', async () => {
  const { child, terminal, read } = await atTerminal('sleep 60');
  chownSync(terminal, 12_345, -1);
  expect(sayOnTerminals([child], 'not for you')).toBe(false);
  chownSync(terminal, 0, -1);
  expect(sayOnTerminals([child], 'for you')).toBe(true);
  await expect.poll(read).toContain('for you');
  expect(read()).not.toContain('not for you');
});
