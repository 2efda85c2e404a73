import { defineConfig } from 'vitest/config';

/** The bench of the doors stands on what the tests of the daemons stand on. */
export default defineConfig({
  test: {
    globalSetup: './test/support/global-setup.ts',
    include: ['bench/doors/*.bench.ts'],
    pool: 'forks',
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
    reporters: ['dot'],
  },
});
