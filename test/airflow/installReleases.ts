import { ensureInstalled } from '../../cli/demo/airflow/install.ts';
import { releasesToInstall } from './lab/releases.ts';

/** Installs releases before any test, because several files use the same one. */
export async function setup(): Promise<void> {
  for (const release of releasesToInstall(process.env.RUNBEAT_LAB_RELEASES))
    await ensureInstalled(release, (line) => process.stderr.write(`${line}\n`));
}
