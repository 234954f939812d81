import { defineConfig } from 'vitest/config';

/** The built plugin in a real Chromium, over the real product. One file at a time: they share two cores with it. */
export default defineConfig({
  test: {
    name: 'browser, required',
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/globalSetup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
