import { ensureInstalled } from '../../cli/demo/airflow/install.ts';
import { releasesToInstall } from './lab/releases.ts';

/** Before any test, because several files use the same release. */
export async function setup(): Promise<void> {
  for (const release of releasesToInstall(process.env.RUNBEAT_LAB_RELEASES))
    await ensureInstalled(release, (line) => process.stderr.write(`${line}\n`));
}
