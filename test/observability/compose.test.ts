import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NEWEST_RELEASE } from '../../cli/demo/airflow/release.ts';
import { readExporterConfig } from '../../exporter/config.ts';
import { APP_ID, DATASOURCE_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID, LOOKUP_PANEL_ID } from '../../shared/grafana.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
// The schema defines the structure, which is only traversed here.
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

/** Services of a profile, or of none. */
function namesOf(profiles: string[]): string[] {
  return Object.entries(compose.services)
    .filter(([, service]) => isDeepStrictEqual((service as { profiles?: string[] }).profiles ?? [], profiles))
    .map(([name]) => name)
    .sort();
}

describe('docker-compose.yml', () => {
  it('follows the Compose specification', () => {
    expect(composeProblems()).toEqual([]);
  });

  it('runs every service, but an Airflow only with its profile', () => {
    expect(namesOf([])).toEqual([
      ...['alertmanager', 'exporter', 'grafana', 'grants', 'migrate', 'postgres', 'prometheus', 'roles', 'scheduler'],
      'worker',
    ]);
    expect(namesOf(['airflow'])).toEqual(['airflow', 'airflow-grants', 'airflow-postgres', 'airflow-roles']);
    for (const name of namesOf([]))
      expect(
        Object.keys(compose.services[name].depends_on ?? {}).filter((other) => other.startsWith('airflow')),
      ).toEqual([]);
  });

  it('pins each image by digest, except those that are built here and the Airflow of the profile', () => {
    const images = Object.values<{ image: string; build?: unknown }>(compose.services)
      .map(({ image }) => image)
      .filter((image) => image !== 'runbeat:local' && !image.startsWith('apache/airflow:'));
    expect(images.length).toBeGreaterThan(3);
    const bases = [...read('Dockerfile').matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image!);
    expect(bases.length).toBeGreaterThan(1);
    for (const image of [...images, ...bases]) expect(image).toMatch(/^[\w/.-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  });

  it('runs the release of Airflow and the DAG that the demo runs', () => {
    const { image, volumes } = compose.services.airflow as { image: string; volumes: string[] };
    expect(image).toBe(`apache/airflow:${NEWEST_RELEASE.version}`);
    expect(existsSync(path.join(ROOT, volumes[0]!.split(':')[0]!, 'onboarding.py'))).toBe(true);
  });

  it('makes the exporter observe that Airflow, too, but only with the profile', () => {
    const setting = compose.services.exporter.environment.RUNBEAT_CONFIG as string;
    const [, file] = /^\$\{COMPOSE_PROFILES:\+([^}]+)\}$/.exec(setting) ?? [];
    const { sources } = readExporterConfig({ RUNBEAT_CONFIG: path.join(ROOT, file!), RUNBEAT_KEYS: 'a=conf.a' });
    const hosts = sources.map(({ name, url, keys }) => [name, new URL(url).hostname, keys.length]);
    expect(hosts).toEqual([
      ['runbeat', 'postgres', 1],
      ['airflow', 'airflow-postgres', 1],
    ]);
    for (const { url } of sources) expect(new URL(url).username).toBe('runbeat_reader');
  });

  it('checks the health of every long-running service', () => {
    const without = Object.entries(compose.services).filter(
      ([name, service]) =>
        !['roles', 'migrate', 'grants', 'airflow-roles', 'airflow-grants'].includes(name) &&
        !(service as { healthcheck?: object }).healthcheck,
    );
    expect(without).toEqual([]);
  });

  it('has no defaults for secrets, and .env.example names what to set', () => {
    const text = read('docker-compose.yml');
    const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|WEBHOOK_URL))([^}]*)\}/g)];
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter(([, , rest]) => !rest!.startsWith(':?')).map(([use]) => use)).toEqual([]);
    const example = read('.env.example');
    for (const [, name] of secrets) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  });

  it('allows every id of the unsigned plugin and its children', () => {
    const allowed = compose.services.grafana.environment.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS as string;
    expect(allowed.split(',').sort()).toEqual(
      [APP_ID, DATASOURCE_ID, LOOKUP_PANEL_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID].sort(),
    );
  });

  it('gives no container more than it needs', () => {
    for (const [name, service] of Object.entries(compose.services) as [string, Record<string, unknown>][]) {
      expect([name, service.cap_drop, service.read_only]).toEqual([name, ['ALL'], true]);
      expect(service.security_opt).toContain('no-new-privileges:true');
    }
  });

  it('makes no service a superuser except the one-shot that creates the roles, and gives each its own role', () => {
    const roles = Object.entries(compose.services).flatMap(([name, service]) =>
      Object.values((service as { environment?: Record<string, string> }).environment ?? {}).flatMap((value) =>
        [...value.matchAll(/postgres\w*(?:\+psycopg2)?:\/\/(\w+):/g)].map(([, role]) => `${name}: ${role}`),
      ),
    );
    expect(roles.sort()).toEqual([
      'airflow-grants: airflow',
      'airflow-roles: postgres',
      'airflow: airflow',
      'exporter: runbeat_exporter',
      'exporter: runbeat_reader',
      'grants: runbeat_owner',
      'migrate: runbeat_owner',
      'roles: postgres',
      'scheduler: runbeat_scheduler',
      'worker: runbeat_worker',
    ]);
  });

  it('publishes ports on this machine only', () => {
    const ports = Object.values(compose.services).flatMap((service) => (service as { ports?: string[] }).ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('gives Grafana every variable that its provisioning files use', () => {
    const files = ['datasources', 'plugins', 'dashboards', 'alerting'].map((part) =>
      read(`provisioning/grafana/${part}/runbeat.yaml`),
    );
    const asked = files.join('\n').matchAll(/\$(RUNBEAT_\w+)/g);
    for (const [, name] of asked) expect(compose.services.grafana.environment).toHaveProperty(name!);
  });

  it('replaces the webhook that the shipped Alertmanager file names', () => {
    const url = /sed "s#([^#]+)#/.exec(compose.services.alertmanager.entrypoint[2] as string)?.[1];
    expect(read('provisioning/alertmanager/alertmanager.yml')).toContain(`url: ${url}`);
  });
});
