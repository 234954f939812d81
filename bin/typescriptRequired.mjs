// Lets Node import and require the TypeScript of this checkout, because webpack requires its loaders.
import { withPrivateCache } from './privateCache.mjs';

await withPrivateCache(() => import('tsx'));
