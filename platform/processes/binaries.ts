import { spawnSync } from 'node:child_process';

/** Debian calls Alertmanager `prometheus-alertmanager`; others call it `alertmanager`. */
const NAMES = {
  promtool: ['promtool'],
  amtool: ['amtool'],
  prometheus: ['prometheus'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
} as const;

export type Binary = keyof typeof NAMES;

/** The command of an installed Prometheus binary, or null. */
export function findBinary(binary: Binary): string | null {
  return NAMES[binary].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null;
}

/** For `describe.skipIf`: the missing binaries, or null; prints the reason, because a skip without a reason looks like a pass. */
export function missingBinaries(...binaries: Binary[]): string | null {
  const missing = binaries.filter((binary) => findBinary(binary) === null);
  if (missing.length === 0) return null;
  process.stderr.write(
    `skipped: ${missing.join(', ')} not found (Debian: apt-get install prometheus prometheus-alertmanager)\n`,
  );
  return missing.join(', ');
}
