import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { readSnippets } from '../docs/snippets.ts';

const CHART = 'provisioning/helm/runbeat';
/** Without a cluster, a Helm that was built from source assumes a very old version. */
const CLUSTER = '1.30.0';
const hasHelm = spawnSync('helm', ['version'], { stdio: 'ignore' }).status === 0;
if (!hasHelm) process.stderr.write('skipped: helm not found (go install helm.sh/helm/v3/cmd/helm@v3.19.0)\n');

const documented = readSnippets().find(({ file, language }) => file === 'docs/kubernetes.md' && language === 'yaml')!;

describe.runIf(hasHelm)('the Helm chart', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'runbeat-helm-'));
    writeFileSync(path.join(folder, 'values.yaml'), documented.text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function helm(command: string, more: object = {}): { status: number | null; output: string } {
    writeFileSync(path.join(folder, 'more.yaml'), stringify(more));
    const values = ['--values', path.join(folder, 'values.yaml'), '--values', path.join(folder, 'more.yaml')];
    const args =
      command === 'lint' ? ['lint', '--strict', CHART] : ['template', '--kube-version', CLUSTER, 'runbeat', CHART];
    const done = spawnSync('helm', [...args, ...values], { encoding: 'utf8' });
    return { status: done.status, output: done.stdout + done.stderr };
  }

  const kinds = (more: object = {}): string[] => {
    const { status, output } = helm('template', more);
    expect(status, output).toBe(0);
    return parseAllDocuments(output).flatMap((document) => {
      expect(document.errors).toEqual([]);
      const { kind } = (document.toJS() ?? {}) as { kind?: string };
      return kind ?? [];
    });
  };

  it('passes helm lint with the values of docs/kubernetes.md', () => {
    expect(helm('lint')).toMatchObject({ status: 0 });
  });

  it('installs the exporter, and what is enabled with it', () => {
    const all = kinds();
    expect(all).toEqual(
      expect.arrayContaining(['Deployment', 'Service', 'ServiceMonitor', 'PrometheusRule', 'ConfigMap']),
    );
    const less = kinds({
      serviceMonitor: { enabled: false },
      prometheusRule: { enabled: false },
      grafana: { dashboards: { enabled: false }, datasources: { enabled: false } },
    });
    expect(less).toEqual(expect.arrayContaining(['Deployment', 'Service']));
    expect(less.filter((kind) => ['ServiceMonitor', 'PrometheusRule'].includes(kind))).toEqual([]);
  });

  it('installs scheduler and workers if they are enabled', () => {
    const count = (list: string[]): number => list.filter((kind) => kind === 'Deployment').length;
    const scheduler = {
      enabled: true,
      databaseUrl: 'postgres://runbeat@db:5432/runbeat',
      dags: { configMap: 'dag-files' },
    };
    expect(count(kinds({ scheduler }))).toBeGreaterThan(count(kinds()));
  });

  it('refuses a key that does not exist', () => {
    const { status, output } = helm('template', { exportr: {} });
    expect(status).not.toBe(0);
    expect(output).toContain('exportr');
  });
});
