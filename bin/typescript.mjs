// Lets Node import this checkout's TypeScript: `node --import ./bin/typescript.mjs FILE`.
import { withPrivateCache } from './privateCache.mjs';

await withPrivateCache(async () => (await import('tsx/esm/api')).register());
