/** `gatehouse account import`: a file or standard input, a report for people and for programs, a bar only for who watches. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { accountImport, barText, type ImportOptions } from '../../src/cli/import.ts';
import { fitTestHouse } from '../support/house.ts';
import { terminal } from '../support/terminal.ts';

const house = await fitTestHouse();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-import-'));
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

async function* stdin(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const drawn: string[] = [];
const bar = { draw: (text: string) => void drawn.push(text), clear: () => {} };

async function run(text: string, options: Partial<ImportOptions> & { name?: string; json?: boolean } = {}) {
  const file = join(folder, options.name ?? 'file');
  writeFileSync(file, text);
  const screen = terminal(options.json ?? false);
  const asked = { format: 'csv', store: 'ftp', dryRun: false, overwrite: false, resume: false } as const;
  const ctx = house.ctx({ kind: 'console', user: 'root' });
  const io = { input: stdin(text), bar };
  const code = await accountImport(ctx, screen, { ...asked, file, ...options }, io);
  return { code, said: screen.said, cried: screen.cried };
}

const md5 = '8743b52063cd84097a65d1633f5c74f5';

it('says what became of the file, refused rows by line, weak schemes by name', async () => {
  const { code, said, cried } = await run(`ann,${md5}\nbob,nonsense\nann,${md5}\n`);
  expect(code).toBe(0);
  expect(cried).toEqual([expect.stringMatching(/^line 2: Unknown scheme/)]);
  expect(said[0]).toBe(
    '3 lines: 1 logins were created (1 accounts), 0 overwritten, 1 were there already, 1 refused, 0 locked',
  );
  expect(said).toContainEqual(expect.stringMatching(/^ {2}md5 +1$/));
  expect(said).toContainEqual(expect.stringMatching(/^weak: 1 md5\. MD5 without a salt/));
  expect(said).toContain('line 3: ann is there already');
  expect(said).toContain('Logins that are there are changed with --overwrite only.');
  expect(drawn.at(-1)).toMatch(/^\[#{30}\] 100 % {2}3 lines/);
});

it('--json: one document; standard input; a dry run', async () => {
  const { code, said, cried } = await run(`cid,${md5}\ndan,nonsense\n`, {
    file: '-',
    json: true,
    dryRun: true,
  });
  expect([code, cried]).toEqual([0, []]);
  expect(said).toHaveLength(1);
  expect(JSON.parse(said[0] ?? '')).toMatchObject({
    ...{ dry_run: true, id: null, created: 1, refused_count: 1, schemes: { md5: 1 } },
    refused: [{ line: 2 }],
  });
  expect(await house.database.sql`select 1 from accounts where login = 'cid'`).toEqual([]);
});

it('a file that is not there is said, and nothing else', async () => {
  await expect(run('', { file: join(folder, 'none') })).rejects.toThrow(/ENOENT/);
});

it('a killed import says how to go on', async () => {
  const many = Array.from({ length: 1500 }, (_, n) => `kill${n},${md5}`).join('\n');
  const screen = terminal(false);
  const file = join(folder, 'killed');
  writeFileSync(file, many);
  const ctx = house.ctx({ kind: 'console', user: 'root' });
  const asked = { format: 'csv', store: 'ftp', dryRun: false, overwrite: false, resume: false } as const;
  const dies = {
    draw: () => {
      throw new Error('killed');
    },
    clear: () => {},
  };
  const io = { input: stdin(''), bar: dies };
  await expect(accountImport(ctx, screen, { ...asked, file }, io)).rejects.toThrow('killed');
  expect(screen.cried).toContainEqual(expect.stringContaining('--resume'));
  const { said } = await run(many, { name: 'killed', resume: true });
  expect(said[0]).toMatch(/^1,500 lines: 1,500 logins were created/);
});

it('the bar', () => {
  expect(barText({ lines: 430_000, bytes: 43 }, 100, 10_000)).toBe(
    '[#############-----------------]  43 %  430,000 lines  43,000/s',
  );
  expect(barText({ lines: 5, bytes: 5 }, undefined, 0)).toBe('5 lines');
});
