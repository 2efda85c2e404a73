import { defineConfig } from 'vitest/config';

/**
 * Tried again: deadlines that the product has to keep (PAM, agent) also end tests on a machine that stalls for seconds.
 * What fails three times is broken.
 */
const shared = { pool: 'forks', testTimeout: 60_000, hookTimeout: 120_000, retry: 2 } as const;

/** A real browser wants the machine to itself. */
const alone = ['test/browser/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: './test/support/global-setup.ts',
    maxWorkers: 2,
    reporters: ['default', './test/support/doors-reporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/daemons/**', ...alone],
        },
      },
      {
        // Real daemons share the machine (users, cgroups, PAM) and mostly wait: one file at a time.
        test: {
          ...shared,
          name: 'daemons',
          include: ['test/daemons/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
