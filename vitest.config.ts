import { defineConfig } from 'vitest/config';

/** A shared CI machine stalls for seconds at times; a test that needed its second try is reported as such. */
const RETRIES = process.env.CI ? 1 : 0;

/** Two projects: `node` runs services against a real PostgreSQL, `dom` runs the plugin's components in jsdom. */
export default defineConfig({
  test: {
    // One more than cores: the tests of alerts wait most of their time.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'node',
          retry: RETRIES,
          include: ['test/**/*.test.ts'],
          exclude: ['test/src/**', 'test/airflow/live/**', 'test/browser/**'],
          environment: 'node',
          globalSetup: ['test/postgres/globalSetup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'dom',
          retry: RETRIES,
          include: ['test/src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['test/src/setup.ts'],
          server: { deps: { inline: [/@grafana\//, /uplot/] } },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          // Where there is a Chromium; `npm run test:browser` insists on one.
          name: 'browser',
          retry: RETRIES,
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/browser/globalSetup.ts'],
          // After the others: a page that paints shares two cores with nobody.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
