/** Compiles `src` to `dist` once a run, for the tests that start Gatehouse as a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Type errors do not stop it: `npm test` has checked the types before, and says so better. */
export async function buildDist(): Promise<void> {
  const compiler = `${projectRoot}/node_modules/typescript/bin/tsc`;
  await new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: projectRoot }, done);
  });
}
