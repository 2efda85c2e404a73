/** Global setup: threads of Node 20 cannot load TypeScript, so the hash worker is compiled before the run. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = fileURLToPath(new URL('./worker.tsconfig.json', import.meta.url));

export default function compileWorker(): void {
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 'inherit', 'inherit'] });
}
