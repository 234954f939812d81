import { ensureInstalled } from '../cli/demo/airflow/install.ts';
import { releasesToInstall } from './airflow/lab/releases.ts';
import { installHosts } from './browser/hosts.ts';

/** Fetches what the tests of Airflow and of the browser would fetch when they begin. CI does it while it checks and builds. */
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const airflows = releasesToInstall(process.env.RUNBEAT_LAB_RELEASES).map((release) => ensureInstalled(release, say));
installHosts();
await Promise.all(airflows);
