import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const PROVISIONING = fileURLToPath(new URL('../../provisioning', import.meta.url));

/** Checks the committed files with Prometheus's and Alertmanager's own tools. */
describe('the committed configuration', () => {
  it('is valid for promtool, with its rules', async () => {
    const file = path.join(PROVISIONING, 'prometheus/prometheus.yml');
    const { stdout } = await run('promtool', ['check', 'config', file]);
    expect(stdout.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
  });

  it('is valid for amtool, with its inhibition', async () => {
    const { stdout } = await run('amtool', ['check-config', path.join(PROVISIONING, 'alertmanager/alertmanager.yml')]);
    expect(stdout).toContain('SUCCESS');
    expect(stdout).toContain('2 inhibit rules');
  });
});
