import { locationUtil } from '@grafana/data';
import { Alert, Box, Button, Stack, Text, TextLink } from '@grafana/ui';
import { useState } from 'react';
import { groupedBy } from '../../../shared/groupedBy.ts';
import { DASHBOARD_UIDS, PAGES, runbookPath } from '../../../shared/grafana.ts';
import { keepRange } from '../../components/keepRange.ts';
import { LongWords } from '../../components/LongWords.tsx';
import { Moment } from '../../components/Moment.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { PrometheusNotice } from '../../charts/PrometheusNotice.tsx';
import { useHasPrometheus } from '../../charts/useSeries.ts';
import { useFiringAlerts, type FiringAlert } from './useFiringAlerts.ts';

/** Alerts that are firing now, with links to their runbooks and dashboards. Renders nothing without a Prometheus data source. */
export function FiringAlerts() {
  const hasPrometheus = useHasPrometheus();
  const query = useFiringAlerts(hasPrometheus);
  if (!hasPrometheus) return null;
  return (
    <Box marginBottom={4}>
      <Section title="Alerts" about="Alerts that are firing now.">
        <Alerts query={query} />
      </Section>
    </Box>
  );
}

function Alerts({ query }: { query: ReturnType<typeof useFiringAlerts> }) {
  if (!query.data) return <Text color="secondary">Asking Prometheus…</Text>;
  const { answer, failure } = query.data;
  if (failure) {
    const title = 'Prometheus did not answer, so firing alerts are unknown';
    return <PrometheusNotice title={title} failure={failure} query={query} />;
  }
  if (answer.length === 0) return <Text color="secondary">None.</Text>;
  return (
    <LongWords>
      {[...groupedBy(answer, ({ name, severity }) => `${severity} ${name}`)].map(([rule, alerts]) => (
        <OneRule key={rule} alerts={alerts} />
      ))}
    </LongWords>
  );
}

/** Number of instances of a rule to show at first, so that a hundred late DAGs don't push the schedulers off the page. */
const SHOWN = 3;

/** The firing instances of one rule. */
function OneRule({ alerts }: { alerts: readonly FiringAlert[] }) {
  const [showsAll, setShowsAll] = useState(false);
  const { name, severity } = alerts[0]!;
  const title = alerts.length === 1 ? titleOf(alerts[0]!) : `${name} · ${alerts.length.toLocaleString('en')} firing`;
  const shown = showsAll ? alerts : alerts.slice(0, SHOWN);
  return (
    <Alert severity={severity === 'critical' ? 'error' : 'warning'} title={title}>
      <Stack direction="column" gap={1}>
        {shown.map((alert) => (
          <Instance key={JSON.stringify(alert.labels)} alert={alert} named={alerts.length > 1} />
        ))}
        <Stack direction="row" gap={3} wrap="wrap">
          <TextLink href={locationUtil.assureBaseUrl(runbookPath(name))} external inline={false}>
            What to do
          </TextLink>
          {alerts.length > SHOWN && (
            <Button size="sm" fill="text" variant="secondary" onClick={() => setShowsAll(!showsAll)}>
              {showsAll ? 'Show fewer' : `Show all ${alerts.length.toLocaleString('en')}`}
            </Button>
          )}
        </Stack>
      </Stack>
    </Alert>
  );
}

function Instance({ alert: { severity, labels, since }, named }: { alert: FiringAlert; named: boolean }) {
  return (
    <Stack direction="row" columnGap={3} rowGap={0} wrap="wrap">
      {named && <span>{aboutOf(labels)}</span>}
      <span>
        {named ? '' : severity} since <Moment at={since} timeZone={userTimeZone()} />
      </span>
      <TextLink href={keepRange(dashboardUrl(labels))} inline={false}>
        Dashboard
      </TextLink>
      {labels.dag_id && (
        <TextLink
          href={keepRange(`${PAGES.flows}?${new URLSearchParams(only(labels, 'source', 'dag_id'))}`)}
          inline={false}
        >
          Runs of this DAG
        </TextLink>
      )}
    </Stack>
  );
}

function titleOf({ name, labels }: FiringAlert): string {
  return `${name} · ${aboutOf(labels)}`;
}

function aboutOf(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label} ${value}`)
    .join(' · ');
}

function dashboardUrl(labels: Record<string, string>): string {
  const dashboard = labels.dag_id ? DASHBOARD_UIDS.flows : DASHBOARD_UIDS.scheduler;
  const variables = Object.entries(only(labels, 'source', 'dag_id')).map(([name, value]) => [`var-${name}`, value]);
  return `/d/${dashboard}?${new URLSearchParams(variables)}`;
}

function only(labels: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}
