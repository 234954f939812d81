import { existsSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Removes a folder in which a demo ran, and its cluster. For root, the cluster is elsewhere, because the user that runs
 * PostgreSQL can't enter a temporary folder.
 */
export function removeDemoFolder(folder: string): void {
  const cluster = path.join(folder, '.runbeat', 'postgres');
  if (existsSync(cluster)) {
    const placed = realpathSync(cluster);
    if (!placed.startsWith(folder)) rmSync(path.dirname(placed), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}
