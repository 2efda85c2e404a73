/** The README's tour works when it is pasted: its very blocks are run, against the service as `npm start` starts it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tour-'));
let service: ReturnType<typeof spawn>;
let env: NodeJS.ProcessEnv;
let said = '';

beforeAll(async () => {
  env = { ...process.env, GATEHOUSE_DATA_DIR: folder, PORT: String(await freePort()), DATABASE_URL: '' };
  service = spawn(process.execPath, [`${projectRoot}/dist/main/cli.js`, 'serve'], { env, cwd: projectRoot });
  await new Promise<void>((resolve, reject) => {
    service.on('exit', () => reject(new Error(`the service ended: ${said}`)));
    for (const stream of [service.stdout, service.stderr]) {
      stream?.on('data', (piece: Buffer) => {
        said += piece.toString();
        if (/listening on[\s\S]*next: /.test(said)) resolve();
      });
    }
  });
}, 60_000);

afterAll(async () => {
  service.removeAllListeners('exit');
  const over = new Promise((resolve) => service.on('exit', resolve));
  service.kill('SIGTERM');
  await over;
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

// Not twice: the names of the first try are taken.
const once = { timeout: 150_000, retry: 0 };
it('every block of the five-minute tour does what the text around it says', once, async () => {
  expect(said).toMatch(/next: gatehouse operator create/);
  const readme = readFileSync(`${projectRoot}/README.md`, 'utf8');
  const blocks = [...readme.matchAll(/^```sh tour\n(.*?)^```/gms)].map((match) => match[1]);
  expect(blocks.length).toBeGreaterThan(4);
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile('bash', ['-eu', '-s'], { env, cwd: projectRoot }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
    child.stdin?.end(blocks.join('\necho ---\n'));
  });
  expect(code, output).toBe(0);
  const parts = output.split('---\n');
  expect(parts[1]).toMatch(/"store":"panel".*\n.*"store":"ftp"/);
  expect(parts[2]?.match(/"decision":"deny","reason":"invalid_credentials"/g)).toHaveLength(2);
  expect(parts[3]).toContain('"active":true');
  expect(parts[4]).toContain('would end 1 session: 1 panel');
  expect(parts[4]).toContain('{"active":false,"reason":"ended"}');
  expect(parts[5]).toContain('unpaid');
  expect(parts[6]).toMatch(/"decision":"allow".*"login":"bob"/);
  expect(parts[7]).toMatch(/"verdict":"password_request".*We never ask[\s\S]*open +message/);
  expect(parts[8]).toMatch(/reset\?token=/);
});
