import { defineConfig } from 'vitest/config';

/** Two projects: `node` runs services against a real PostgreSQL, `dom` runs the plugin's components in jsdom. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
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
          include: ['test/src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['test/src/setup.ts'],
          server: { deps: { inline: [/@grafana\//, /uplot/] } },
          testTimeout: 30_000,
        },
      },
    ],
  },
});
