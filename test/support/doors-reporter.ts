/** Prints the matrix of doors after the tests of the daemons, and fails a whole run that leaves a cell open. */
import { readdirSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { projectRoot } from './build.ts';
import { allCells, type Cell, markOf, matrix } from './doors.ts';

/** A cell holds when every test that claims it has passed. */
function cellsFound(modules: readonly TestModule[]): Map<Cell, boolean> {
  const found = new Map<Cell, boolean>();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'skipped' || state === 'pending') continue;
      for (const cell of test.meta().proves ?? [])
        found.set(cell, state === 'passed' && found.get(cell) !== false);
    }
  }
  return found;
}

export default class DoorsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const run = modules.filter((module) => module.project.name === 'daemons');
    const found = cellsFound(run);
    if (found.size === 0) return;
    const files = readdirSync(`${projectRoot}/test/daemons`).filter((name) => name.endsWith('.test.ts'));
    const whole = run.length === files.length;
    process.stdout.write(`\n${matrix(found, whole ? 'missing' : 'not run')}\n`);
    const missing = allCells.filter((cell) => markOf(cell, found) === 'missing');
    if (missing.length > 0 && process.env.CI === 'true' && whole) {
      process.stderr.write(`not proved on a real daemon: ${missing.join('; ')}\n`);
      process.exitCode = 1;
    }
  }
}
