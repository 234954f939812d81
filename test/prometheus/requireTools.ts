import { findBinary, type Binary } from '../../platform/processes/binaries.ts';

const TOOLS: readonly Binary[] = ['prometheus', 'promtool', 'alertmanager', 'amtool'];

/** Fails if the tools for the live tests are missing, so that these are not skipped unnoticed. */
export default function requireTools(): void {
  const missing = TOOLS.filter((tool) => findBinary(tool) === null);
  if (missing.length === 0) return;
  throw new Error(
    `test:live needs ${missing.join(', ')}. Install Prometheus and Alertmanager ` +
      '(Debian: apt-get install prometheus prometheus-alertmanager).',
  );
}
