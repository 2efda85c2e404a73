/** Every cell of the matrix of doors is proved by a test of a real daemon, or says why it cannot be. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { allCells, type Cell, cannot, cellsOf, claimedIn, markOf, matrix, proves } from '../support/doors.ts';

const folder = `${projectRoot}/test/daemons`;
const claimed = new Set(
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => claimedIn(readFileSync(`${folder}/${name}`, 'utf8'))),
);
const allPassed = new Map<Cell, boolean>([...claimed].map((cell) => [cell, true]));

test('no cell is left open', () => {
  expect(claimed.size).toBeGreaterThan(80);
  expect(allCells.filter((cell) => markOf(cell, allPassed) === 'missing')).toEqual([]);
  expect(claimed.size + Object.keys(cannot).length).toBe(allCells.length);
});

test('docs/doors.md shows this matrix', () => {
  expect(readFileSync(`${projectRoot}/docs/doors.md`, 'utf8')).toContain(matrix(allPassed));
});

test('a claim that is misspelt, or cannot be, is a fault', () => {
  for (const claim of ['rlogin: right', 'ssh: rihgt', 'ssh', 'FreeRADIUS: idle end']) {
    expect(() => cellsOf(claim), claim).toThrow();
    expect(() => proves(claim), claim).toThrow();
  }
  expect(() => claimedIn(`it('x', proves(\n'ssh: right, wrnog'), f)`)).toThrow();
  expect(() => claimedIn(`eachDoor('vsftpd', 'rsh'); it('x', provesAt(door, 'right'), f)`)).toThrow();
  expect(() => claimedIn(`it('x', provesAt(door, 'right'), f)`)).toThrow();
});

test('a table claims its cells for each of its doors, and not for others', () => {
  const table = `eachDoor('vsftpd', 'IMAP'); it('x', provesAt(door,\n'right, wrong'), f); it('y', proves('ssh: right'), g)`;
  expect(claimedIn(table)).toEqual([
    ...['ssh: right', 'vsftpd: right', 'vsftpd: wrong', 'IMAP: right', 'IMAP: wrong'],
  ]);
});

test('a cell that no test claims is missing, one whose test failed is marked, and both are seen in the table', () => {
  const found = new Map<Cell, boolean>([
    ['ssh: right', true],
    ['ssh: wrong', false],
  ]);
  expect(markOf('ssh: right', found)).toBe('ok');
  expect(markOf('ssh: wrong', found)).toBe('FAIL');
  expect(markOf('ssh: suspended', found)).toBe('missing');
  expect(markOf('FreeRADIUS: idle end', found)).toBe('–');
  expect(matrix(found)).toMatch(/^\| ssh +\| ok +\| FAIL +\| missing/m);
});
