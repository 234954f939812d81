import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { DATASOURCE_ID, PAGES } from '../../../shared/grafana.ts';
import { Section } from '../../components/Section.tsx';

/** From an exporter to a first answer. */
export function FirstSteps() {
  const styles = useStyles2(getStyles);
  return (
    <Section title="First steps">
      <ol className={styles.steps}>
        <li>
          Start the exporter beside your Airflow or Runbeat scheduler, with RUNBEAT_SOURCE_URL (a read-only role is all
          it needs) and RUNBEAT_KEYS, e.g. <code>user_id=conf.user_id</code>.
        </li>
        <li>
          <TextLink href={`/connections/datasources/${DATASOURCE_ID}`} inline>
            Add the data source “Runbeat runs”
          </TextLink>{' '}
          with the exporter’s URL and, where one is set, its RUNBEAT_API_TOKEN.
        </li>
        <li>Choose it below and test it.</li>
        <li>
          <TextLink href={PAGES.lookup} inline>
            Look up an id
          </TextLink>
          . For history on the health and flows pages, let Prometheus scrape the exporter’s /metrics and choose that
          data source below.
        </li>
      </ol>
    </Section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  steps: css({ paddingLeft: theme.spacing(2.5), maxWidth: 720, li: { marginBottom: theme.spacing(0.5) } }),
});
