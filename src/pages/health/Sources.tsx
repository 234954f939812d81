import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, EmptyState, Stack, Text, useStyles2 } from '@grafana/ui';
import type { SourceStatus } from '../../../shared/api.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { isOf } from '../../components/isOf.ts';
import { Section } from '../../components/Section.tsx';
import { formatSeconds } from '../../data/duration.ts';
import { sourceVerdict } from './verdicts.ts';

const REFRESH_MS = 5_000;

export function useSources() {
  return useExporter(['sources'], (api, signal) => api.sources(signal), { refreshMs: REFRESH_MS });
}

interface Props {
  query: ReturnType<typeof useSources>;
  source: string | undefined;
}

/** For each observed database: whether it can be read, how far the data is behind, and whether ready work waits. */
export function Sources({ query, source: named }: Props) {
  return (
    <Section title="Sources" about="Databases that the exporter observes, and their current state.">
      <Answer query={query}>
        {({ items: all }) => {
          const items = all.filter(isOf(named));
          if (all.length > 0 && items.length === 0)
            return <Text color="secondary">There is no source with this name.</Text>;
          return items.length === 0 ? (
            <EmptyState variant="not-found" message="The exporter observes no database">
              Set RUNBEAT_SOURCE_URL, or name the sources in runbeat.yaml.
            </EmptyState>
          ) : (
            <Stack direction="column" gap={1}>
              {items.map((source) => (
                <Source key={source.source} source={source} />
              ))}
            </Stack>
          );
        }}
      </Answer>
    </Section>
  );
}

function Source({ source }: { source: SourceStatus }) {
  const styles = useStyles2(getStyles);
  const verdict = sourceVerdict(source);
  return (
    <div className={styles.source}>
      <Alert severity={verdict.severity} title={`${source.source}: ${verdict.title}`} className={styles.alert}>
        <Stack direction="row" gap={3} wrap="wrap">
          <Text color="secondary">{source.version ?? source.kind}</Text>
          <span>read {formatSeconds(source.lag_seconds)} behind</span>
          {source.catchup_progress !== null && (
            <span>{Math.floor(source.catchup_progress * 100)}% of the history indexed</span>
          )}
        </Stack>
        {verdict.advice && <div>{verdict.advice}</div>}
      </Alert>
    </div>
  );
}

const getStyles = (_: GrafanaTheme2) => ({ source: css({ minWidth: 0 }), alert: css({ marginBottom: 0 }) });
