import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { allAlerts } from './all.ts';
import { alertExpression, type AlertDefinition } from './definition.ts';

/** The document with generated tables. The rest of it is written by hand. */
export const ALERT_DOCS = 'docs/alerts.md';

const MARKS = {
  alerts: ['<!-- alerts -->', '<!-- /alerts -->'],
  thresholds: ['<!-- thresholds -->', '<!-- /thresholds -->'],
} as const;

/** The document with its tables regenerated from the definitions. */
export function withAlertTable(document: string, thresholds: Thresholds): string {
  const alerts = allAlerts(thresholds).map(alertRow);
  const withAlerts = between(document, MARKS.alerts, [
    '| alert | severity | fires when | for | held back while `RunbeatSchedulerDown` fires |',
    '|---|---|---|---|---|',
    ...alerts,
  ]);
  return between(withAlerts, MARKS.thresholds, [
    '| threshold | default |',
    '|---|---|',
    ...Object.entries(thresholds).map(([name, value]) => `| \`${name}\` | ${shown(value)} |`),
  ]);
}

function alertRow(alert: AlertDefinition): string {
  const expression = alert.grafanaOnly ? 'Grafana only: Prometheus does not answer' : promql(alert);
  const heldBack = alert.heldBackOn ? alert.heldBackOn.map((label) => `same ${label}`).join(', ') || 'always' : 'no';
  const pending = alert.forSeconds === 0 ? 'at once' : duration(alert.forSeconds);
  return `| [${alert.name}](runbooks/${alert.name}.md) | ${alert.severity} | ${expression} | ${pending} | ${heldBack} |`;
}

function promql(alert: AlertDefinition): string {
  return `\`${alertExpression(alert).replaceAll('\n', ' ').replaceAll('|', '\\|')}\``;
}

function shown(value: unknown): string {
  if (!Array.isArray(value)) return `\`${String(value)}\``;
  return value.map((entry) => `\`${JSON.stringify(entry).replaceAll('"', '')}\``).join('<br>');
}

/** Replaces the text between two marks, each of which is on a separate line. */
function between(document: string, [open, close]: readonly [string, string], lines: string[]): string {
  const start = document.indexOf(open);
  const end = document.indexOf(close);
  if (start < 0 || end < start) throw new Error(`${ALERT_DOCS} has no ${open} … ${close}.`);
  return `${document.slice(0, start)}${open}\n${lines.join('\n')}\n${document.slice(end)}`;
}
