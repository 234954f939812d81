// Lets Node import and require this checkout's TypeScript: webpack requires its loaders.
import { withPrivateCache } from './privateCache.mjs';

await withPrivateCache(() => import('tsx'));
