import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, Text, TextLink, useStyles2 } from '@grafana/ui';
import { useEffect, useState, type ReactNode } from 'react';
import { DATASOURCE_ID, PAGES } from '../../../shared/grafana.ts';
import type { AppSettings } from '../../app/settings.ts';
import { Section } from '../../components/Section.tsx';
import { checkExporter, checkKeys, checkPrometheus, type Check } from './checks.ts';

type Settings = Required<AppSettings>;

/** The steps from an exporter to the first result. Each one shows whether it is done, and what is missing. */
export function FirstSteps({ settings }: { settings: Settings }) {
  const styles = useStyles2(getStyles);
  return (
    <Section title="First steps">
      <ol className={styles.steps}>
        <Step title="Exporter" check={checkExporter} settings={settings}>
          Start the exporter next to your Airflow or Runbeat scheduler and set RUNBEAT_SOURCE_URL. A read-only role is
          enough. Then{' '}
          <TextLink href={`/connections/datasources/${DATASOURCE_ID}`} inline>
            add the data source “Runbeat runs”
          </TextLink>{' '}
          with the exporter’s URL and its RUNBEAT_API_TOKEN, if it has one.
        </Step>
        <Step title="Prometheus" check={checkPrometheus} settings={settings}>
          For charts over time and alerts, let Prometheus scrape the exporter’s /metrics, and choose that data source
          below.
        </Step>
        <Step title="Business keys" check={checkKeys} settings={settings}>
          Set the keys by which runs are found, e.g. RUNBEAT_KEYS=user_id=conf.user_id. Then{' '}
          <TextLink href={PAGES.lookup} inline>
            look up an id
          </TextLink>
          .
        </Step>
      </ol>
    </Section>
  );
}

interface StepProps {
  title: string;
  check: (settings: Settings) => Promise<Check>;
  settings: Settings;
  children: ReactNode;
}

function Step({ title, check, settings, children }: StepProps) {
  const [result, setResult] = useState<Check | null>(null);
  useEffect(() => {
    let wanted = true;
    void check(settings).then((found) => wanted && setResult(found));
    return () => {
      wanted = false;
    };
  }, [check, settings]);
  return (
    <li>
      <Text element="h3" variant="h6">
        {title}{' '}
        {result && (
          <Icon
            name={result.ok ? 'check-circle' : 'exclamation-triangle'}
            aria-label={result.ok ? 'done' : 'missing'}
          />
        )}
      </Text>
      <div>{children}</div>
      <div role="status">
        <Text color={result === null ? 'secondary' : result.ok ? 'success' : 'warning'}>
          {result?.words ?? 'Checking…'}
        </Text>
      </div>
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  steps: css({ paddingLeft: theme.spacing(2.5), maxWidth: 720, li: { marginBottom: theme.spacing(1.5) } }),
});
