// Lets Node import the TypeScript of this checkout: `node --import ./bin/typescript.mjs FILE`.
import { withPrivateCache } from './privateCache.mjs';

await withPrivateCache(async () => (await import('tsx/esm/api')).register());
