/** Where the compiled worker of a room is. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Threads of Node 20 cannot load TypeScript: whoever runs from source (the tests) uses the compiled one in `dist`, which
 * `test/support/build.ts` makes anew for each run.
 */
export function workerFile(room: 'hashing' | 'judging' | 'strength'): string {
  const compiled = import.meta.url.endsWith('.ts') ? '../dist' : '.';
  const file = fileURLToPath(new URL(`${compiled}/${room}/worker.js`, import.meta.url));
  if (!existsSync(file)) throw new Error(`the ${room} worker is not compiled; run \`npm run build\``);
  return file;
}
