import { configDefaults, defineConfig } from 'vitest/config';

/** Long and random: only when asked for (CONTRIBUTING.md). */
const onRequest =
  process.env['TSYNCD_CHURN_OPERATIONS'] === undefined ? ['test/integration/churn.test.ts'] : [];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...onRequest],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
