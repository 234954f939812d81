import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { APP_ID, DATASOURCE_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID, LOOKUP_PANEL_ID } from '../../shared/grafana.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
// The shape is what the schema says; here it is only walked.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const compose: any = parse(read('docker-compose.yml'), { merge: true });

/** The schema of the Compose specification, as dclint ships it. */
function composeProblems(): unknown {
  const folder = path.dirname(require.resolve('dclint/package.json'));
  const { $schema: _, ...schema } = JSON.parse(
    readFileSync(path.join(folder, 'schemas/compose.schema.json'), 'utf8'),
  ) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  return validate(compose) ? [] : validate.errors;
}

describe('docker-compose.yml', () => {
  it('follows the Compose specification', () => {
    expect(composeProblems()).toEqual([]);
  });

  it('runs every part', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['alertmanager', 'exporter', 'grafana', 'migrate', 'postgres', 'prometheus', 'scheduler', 'worker'].sort(),
    );
  });

  it('checks the health of everything that stays', () => {
    const without = Object.entries(compose.services).filter(
      ([name, service]) => name !== 'migrate' && !(service as { healthcheck?: object }).healthcheck,
    );
    expect(without).toEqual([]);
  });

  it('gives no secret a default, and says in .env.example what to set', () => {
    const text = read('docker-compose.yml');
    const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|WEBHOOK_URL))([^}]*)\}/g)];
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter(([, , rest]) => !rest!.startsWith(':?')).map(([use]) => use)).toEqual([]);
    const example = read('.env.example');
    for (const [, name] of secrets) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  });

  it('allows every id of the unsigned plugin, children too', () => {
    const allowed = compose.services.grafana.environment.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS as string;
    expect(allowed.split(',').sort()).toEqual(
      [APP_ID, DATASOURCE_ID, LOOKUP_PANEL_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID].sort(),
    );
  });

  it('publishes ports on this machine only', () => {
    const ports = Object.values(compose.services).flatMap((service) => (service as { ports?: string[] }).ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('gives Grafana every variable that its provisioning files ask for', () => {
    const files = ['datasources', 'plugins', 'dashboards', 'alerting'].map((part) =>
      read(`provisioning/grafana/${part}/runbeat.yaml`),
    );
    const asked = files.join('\n').matchAll(/\$(RUNBEAT_\w+)/g);
    for (const [, name] of asked) expect(compose.services.grafana.environment).toHaveProperty(name!);
  });

  it('replaces the very webhook that the shipped Alertmanager file names', () => {
    const url = /sed "s#([^#]+)#/.exec(compose.services.alertmanager.entrypoint[2] as string)?.[1];
    expect(read('provisioning/alertmanager/alertmanager.yml')).toContain(`url: ${url}`);
  });
});
