/** Files of logins through `gatehouse account import`: rows a second, and whether memory grows with the file. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onGround } from './parts/ground.ts';
import { root } from './parts/processes.ts';
import { fine, say, sayMachine, whole } from './parts/report.ts';

const rows = Number(process.env.ROWS ?? 1_000_000);
const small = Math.min(rows, 10_000);

/** CSV as a panel would export it: three schemes, some locked, with an address. */
async function writeFile(path: string, count: number, name: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('login,hash,email\n');
  const sha512 = `$6$saltsalt$${'a'.repeat(86)}`;
  for (let n = 0; n < count; n++) {
    const login = `${name}${n}@example.net`;
    const md5 = createHash('md5').update(login).digest('hex');
    const hash = [md5, sha512, `$2y$10$${'a'.repeat(53)}`, `!${md5}`][n % 4] ?? '';
    if (!file.write(`${login},${hash},${login}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

interface Imported {
  readonly seconds: number;
  readonly peakMib: number;
  readonly created: number;
}

/** The command as a host runs it; its peak memory is the kernel's own figure. */
async function runImport(
  file: string,
  databaseUrl: string,
  dataDir: string,
  ...more: string[]
): Promise<Imported> {
  const args = [
    join(root, 'dist/main/cli.js'),
    'account',
    'import',
    file,
    '--format',
    'csv',
    '--store',
    'ftp',
  ];
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    GATEHOUSE_DATA_DIR: dataDir,
    NODE_ENV: 'production',
  };
  const from = performance.now();
  const child = spawn(process.execPath, [...args, '--json', ...more], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peakKib = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakKib = Math.max(peakKib, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0));
    } catch {}
  }, 50);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  clearInterval(look);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${said}`);
  const { created } = JSON.parse(said) as { created: number };
  return { seconds: (performance.now() - from) / 1000, peakMib: peakKib / 1024, created };
}

await onGround(false, async ({ sql, databaseUrl, dataDir, serve }) => {
  // Whoever imports while the service runs pays no start of it.
  await serve();
  const file = join(dataDir, 'logins.csv');
  const told = (what: string, count: number, { seconds, peakMib }: Imported) =>
    say(
      `${what}: ${whole(count)} rows in ${fine(seconds, 1)} s, ${whole(count / seconds)} rows/s, peak ${fine(peakMib, 0)} MiB`,
    );
  await writeFile(file, small, 'small');
  told('a small file', small, await runImport(file, databaseUrl, dataDir));
  await writeFile(file, rows, 'many');
  told('a dry run', rows, await runImport(file, databaseUrl, dataDir, '--dry-run'));
  const first = await runImport(file, databaseUrl, dataDir);
  if (first.created !== rows) throw new Error(`only ${first.created} were created`);
  told('import', rows, first);
  told('the same again, all there', rows, await runImport(file, databaseUrl, dataDir));
  rmSync(file);
  await sayMachine(sql);
});
