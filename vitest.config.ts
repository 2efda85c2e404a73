import { defineConfig } from 'vitest/config';

/**
 * Tried again: deadlines that the product has to keep (PAM, agent) also end tests on a machine that stalls for seconds.
 * What fails three times is broken.
 */
const shared = { pool: 'forks', testTimeout: 60_000, hookTimeout: 120_000, retry: 2 } as const;

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
          exclude: ['test/daemons/**', 'test/browser/**'],
        },
      },
      {
        // Real daemons share the machine (users, cgroups, PAM): one file at a time, after the others.
        test: {
          ...shared,
          name: 'daemons',
          include: ['test/daemons/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // A real browser wants the machine to itself.
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
