/** Compiles `src` to `dist` once a run, for the tests that start Gatehouse as a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Type errors do not stop it: `npm test` has checked the types before, and says so better. Runs beside each other
 * (`.ci/suite`) are told that it is done: none takes away what another is reading.
 */
export async function buildDist(): Promise<void> {
  if (process.env.GATEHOUSE_BUILT === 'true') return;
  const compiler = `${projectRoot}/node_modules/typescript/bin/tsc`;
  await new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: projectRoot }, done);
  });
}
