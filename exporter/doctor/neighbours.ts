import { RUNS_DATASOURCE_UID } from '../../shared/grafana.ts';
import { Findings, type Finding } from './finding.ts';

const TIMEOUT_MS = 5_000;

interface Answer {
  status: number;
  body: unknown;
}

/** Requests JSON; null if nothing answers. */
async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer | null> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return null;
  }
}

/** Whether an exporter runs at the configured address and has read its sources. */
export async function examineExporter(url: string): Promise<Finding[]> {
  const findings = new Findings('exporter');
  const alive = await ask(`${url}/healthz`);
  if (!alive) {
    findings.warn(
      `No exporter answers at ${url}.`,
      'Start it with `npx runbeat exporter`, or set RUNBEAT_LISTEN to its address.',
    );
    return findings.all;
  }
  findings.ok(
    `An exporter answers at ${url} (version ${(alive.body as { version?: string } | null)?.version ?? 'unknown'}).`,
  );
  const ready = await ask(`${url}/readyz`);
  if (ready?.status === 200) findings.ok('It has read its sources within the last polls.');
  else findings.fault('It can’t read a source, or lags behind.', `See its log. ${url}/readyz names the failed checks.`);
  return findings.all;
}

interface Target {
  scrapeUrl: string;
  health: string;
  lastError: string;
  labels: { job?: string };
}

/** Whether a Prometheus scrapes an exporter, and has the shipped rules. */
export async function examinePrometheus(url: string): Promise<Finding[]> {
  const findings = new Findings('Prometheus');
  const targets = await ask(`${url}/api/v1/targets?state=active`);
  if (targets?.status !== 200) {
    findings.fault(`No Prometheus answers at ${url}.`, 'Set --prometheus to the address of its web pages.');
    return findings.all;
  }
  const active = (targets.body as { data?: { activeTargets?: Target[] } }).data?.activeTargets ?? [];
  const ours = active.filter(({ labels }) => labels.job === 'runbeat');
  if (ours.length === 0) {
    findings.fault(
      'It scrapes no exporter: it has no target of the job "runbeat".',
      'Copy the job from provisioning/prometheus/prometheus.yml; the shipped rules expect that name.',
    );
  }
  for (const { scrapeUrl, health, lastError } of ours) {
    if (health === 'up') findings.ok(`It scrapes ${scrapeUrl}.`);
    else
      findings.fault(
        `It can’t scrape ${scrapeUrl}: ${lastError || health}.`,
        'Check whether the machine of Prometheus can open that address.',
      );
  }
  const rules = await ask(`${url}/api/v1/rules`);
  const text = JSON.stringify(rules?.body ?? '');
  if (text.includes('RunbeatSchedulerDown')) findings.ok('It has the shipped rules.');
  else
    findings.warn(
      'It has none of the shipped rules, so it raises no alerts, and dashboards are slow for long time ranges.',
      'Add provisioning/prometheus/rules/*.yml under rule_files. If Grafana raises the alerts, the recording rules suffice.',
    );
  return findings.all;
}

/** Whether a Grafana has the app and reaches the exporter through its data source. `token`: of a service account with the role Viewer. */
export async function examineGrafana(url: string, token: string | null): Promise<Finding[]> {
  const findings = new Findings('Grafana');
  const health = await ask(`${url}/api/health`);
  if (!health) {
    findings.fault(`No Grafana answers at ${url}.`, 'Set --grafana to the address of its web pages.');
    return findings.all;
  }
  const version = (health.body as { version?: string } | null)?.version;
  findings.ok(`Grafana ${version ?? '(version unknown)'} answers at ${url}.`);
  if (token === null) {
    findings.warn('Further checks need a token.', 'Set GRAFANA_TOKEN to a token of a service account.');
    return findings.all;
  }
  const headers = { authorization: `Bearer ${token}` };
  const sources = await ask(`${url}/api/datasources/uid/${RUNS_DATASOURCE_UID}`, headers);
  if (sources?.status === 401)
    findings.fault('It refuses GRAFANA_TOKEN.', 'Create a new token for the service account.');
  const proxied = await ask(`${url}/api/datasources/proxy/uid/${RUNS_DATASOURCE_UID}/api/v1/schedulers`, headers);
  if (proxied?.status === 200) findings.ok('It reaches the exporter through its data source.');
  else
    findings.fault(
      `It does not reach the exporter through the data source ${RUNS_DATASOURCE_UID} (status ${proxied?.status ?? 'none'}).`,
      'Open the data source in Grafana and press “Save & test”: the URL must be one that Grafana’s server can open.',
    );
  return findings.all;
}
