import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fullPack } from './pack.ts';
import { DEFAULT_THRESHOLDS } from './thresholds.ts';
for (const [name, text] of fullPack(DEFAULT_THRESHOLDS)) {
  const file = path.join('provisioning', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
