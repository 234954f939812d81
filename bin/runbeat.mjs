#!/usr/bin/env node
// A checkout runs its sources. An installed package or image runs the compiled build.
import { existsSync } from 'node:fs';

const source = new URL('../cli/main.ts', import.meta.url);
if (existsSync(source)) {
  await import('./typescript.mjs');
  await import(source.href);
} else {
  await import(new URL('../build/cli/main.js', import.meta.url).href);
}
