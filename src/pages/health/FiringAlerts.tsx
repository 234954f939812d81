import { locationUtil } from '@grafana/data';
import { Alert, Box, Stack, Text, TextLink } from '@grafana/ui';
import { DASHBOARD_UIDS, PAGES, runbookPath } from '../../../shared/grafana.ts';
import { keepRange } from '../../components/keepRange.ts';
import { Moment } from '../../components/Moment.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { useHasHistory } from '../../history/useSeries.ts';
import { useFiringAlerts, type FiringAlert } from './useFiringAlerts.ts';

/** What rings now, and where to go from there; nothing where there is no Prometheus to ask. */
export function FiringAlerts() {
  const hasPrometheus = useHasHistory();
  const { data, error } = useFiringAlerts(hasPrometheus);
  if (!hasPrometheus || (!data && !error)) return null;
  return (
    <Box marginBottom={4}>
      <Section title="Alerts" about="What Prometheus has firing, now.">
        {error ? (
          <Alert severity="warning" title="Prometheus did not answer: nobody knows which alerts fire">
            {error.message}
          </Alert>
        ) : data!.length === 0 ? (
          <Text color="secondary">None.</Text>
        ) : (
          <Stack direction="column" gap={1}>
            {data!.map((alert) => (
              <OneAlert key={JSON.stringify(alert)} alert={alert} />
            ))}
          </Stack>
        )}
      </Section>
    </Box>
  );
}

function OneAlert({ alert: { name, severity, labels, since } }: { alert: FiringAlert }) {
  const about = Object.entries(labels).map(([label, value]) => `${label} ${value}`);
  return (
    <Alert severity={severity === 'critical' ? 'error' : 'warning'} title={[name, ...about].join(' · ')}>
      <Stack direction="row" gap={3} wrap="wrap">
        <span>
          {severity} since <Moment at={since} timeZone={userTimeZone()} />
        </span>
        <TextLink href={locationUtil.assureBaseUrl(runbookPath(name))} external inline={false}>
          What to do
        </TextLink>
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
    </Alert>
  );
}

function dashboardUrl(labels: Record<string, string>): string {
  const dashboard = labels.dag_id ? DASHBOARD_UIDS.flows : DASHBOARD_UIDS.scheduler;
  const variables = Object.entries(only(labels, 'source', 'dag_id')).map(([name, value]) => [`var-${name}`, value]);
  return `/d/${dashboard}?${new URLSearchParams(variables)}`;
}

function only(labels: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}
