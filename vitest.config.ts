import { defineConfig } from 'vitest/config';

/** A shared CI machine stalls for seconds at times; a test that needed its second try is reported as such. */
const RETRIES = process.env.CI ? 1 : 0;

/** Limits that only a hanging test exceeds: other load on the machine must not fail tests. */
const HANG = { testTimeout: 300_000, hookTimeout: 300_000 };

const LIVE = ['test/prometheus/**/*.test.ts', 'test/pooler/**/*.test.ts', 'test/**/*.live.test.ts'];

/**
 * One project for each kind of test. `npm test` runs `node` and `dom`, which need only Node. The others have commands
 * of their own: `npm run test:live`, `test:browser` and `test:airflow`; `npm run test:all` runs every one.
 *
 * - `node`: the services against a real PostgreSQL
 * - `dom`: the plugin's components in jsdom
 * - `live`: what needs Prometheus or PgBouncer, and files named `*.live.test.ts`, in which minutes of real time pass
 * - `browser`: the built plugin in a real Chromium
 * - `airflow`: real Airflows from PyPI
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
          retry: RETRIES,
          include: ['test/**/*.test.ts'],
          exclude: ['test/src/**', 'test/airflow/live/**', 'test/browser/**', ...LIVE],
          environment: 'node',
          globalSetup: ['test/postgres/globalSetup.ts'],
          ...HANG,
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
          ...HANG,
        },
      },
      {
        test: {
          name: 'live',
          retry: RETRIES,
          include: LIVE,
          environment: 'node',
          globalSetup: ['test/prometheus/requireTools.ts', 'test/postgres/globalSetup.ts'],
          // One more than cores: these tests wait most of their time.
          maxWorkers: 3,
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'browser',
          retry: RETRIES,
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/browser/globalSetup.ts'],
          // One file at a time: a page that paints shares the cores with nothing else.
          maxWorkers: 1,
          ...HANG,
        },
      },
      {
        test: {
          name: 'airflow',
          retry: RETRIES,
          include: ['test/airflow/live/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/airflow/installReleases.ts', 'test/postgres/globalSetup.ts'],
          // One file at a time: each Airflow keeps two cores busy.
          maxWorkers: 1,
          testTimeout: 1_200_000,
          hookTimeout: 2_400_000,
        },
      },
    ],
  },
});
