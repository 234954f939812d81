import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** The tests that start a real Airflow from PyPI. One file at a time: each keeps two cores busy. */
export default defineConfig({
  test: {
    include: ['test/airflow/live/**/*.test.ts'],
    globalSetup: [path.resolve(import.meta.dirname, '../postgres/globalSetup.ts')],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
    reporters: ['verbose'],
  },
});
