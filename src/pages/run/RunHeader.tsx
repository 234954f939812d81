import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, ClipboardButton, Stack, Text, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { RunDetail } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { isFinishedRun } from '../../../shared/states.ts';
import { endPromise, usePromises } from '../../app/usePromises.ts';
import { ButtonLink } from '../../components/ButtonLink.tsx';
import { Moment } from '../../components/Moment.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { webAddress } from '../../components/webAddress.ts';
import { formatSeconds } from '../../data/duration.ts';
import { TraceLink } from '../../explore/TraceLink.tsx';
import { ConfButton } from './ConfButton.tsx';
import { queuedFor } from './queuedFor.ts';
import { verdictOf, type Verdict } from './verdict.ts';

const BADGE_COLORS = { good: 'green', bad: 'red', open: 'blue' } as const satisfies Record<Verdict['tone'], string>;

interface Props {
  run: RunDetail['run'];
}

/** The heading of the page: the DAG and the state of the run. */
export function RunTitle({ run }: Props) {
  const promise = endPromise(usePromises().data?.items, { source: run.source, dagId: run.dag_id });
  const verdict = verdictOf(run.state, run.duration_seconds, promise?.limit_seconds ?? null);
  return (
    <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
      <Text element="h1">{run.dag_id}</Text>
      <StateBadge state={run.state} />
      {verdict && <Badge color={BADGE_COLORS[verdict.tone]} text={verdict.text} />}
      {!isFinishedRun(run.state) && <Text color="secondary">live</Text>}
    </Stack>
  );
}

/** Buttons for the run's conf and its page in the source's UI. */
export function RunActions({ run }: Props) {
  const airflow = webAddress(run.links.external);
  return (
    <Stack direction="row" gap={1}>
      <ConfButton conf={run.conf} />
      {airflow && (
        <ButtonLink href={airflow} leaves>
          Open in Airflow
        </ButtonLink>
      )}
      {run.gone && <Text color="secondary">Airflow no longer has this run</Text>}
    </Stack>
  );
}

/** The run's business keys, times and duration. */
export function RunFacts({ run }: Props) {
  const styles = useStyles2(getStyles);
  const timeZone = userTimeZone();
  return (
    <dl className={styles.facts}>
      {Object.entries(run.keys).map(([key, values]) => (
        <Fact key={key} name={key}>
          <KeyLinks name={key} values={values} />
        </Fact>
      ))}
      <Fact name="Duration">
        {formatSeconds(run.duration_seconds)}
        {run.usual && <Text color="secondary">{` usually ${formatSeconds(run.usual.p50_seconds)}`}</Text>}
      </Fact>
      <Fact name="Started">
        <Moment at={run.start_date} timeZone={timeZone} />
      </Fact>
      {!run.end_date && run.expected_end && (
        <Fact name="Expected end">
          <Moment at={run.expected_end} timeZone={timeZone} />
        </Fact>
      )}
      {run.end_date && (
        <Fact name="Ended">
          <Moment at={run.end_date} timeZone={timeZone} />
        </Fact>
      )}
      <Fact name="Logical date">
        <Moment at={run.logical_date} timeZone={timeZone} />
      </Fact>
      <Fact name="Queued for">{formatSeconds(queuedFor(run))}</Fact>
      <Fact name="Run">
        <span className={styles.runId}>{run.run_id}</span>
        <ClipboardButton
          size="sm"
          fill="text"
          variant="secondary"
          icon="copy"
          aria-label="Copy the run id"
          getText={() => run.run_id}
        />
      </Fact>
      {run.trace_id && (
        <Fact name="Trace">
          <TraceLink
            traceId={run.trace_id}
            what="the run"
            runRef={{ source: run.source, dagId: run.dag_id, runId: run.run_id }}
            start_date={run.start_date}
            end_date={run.end_date}
          />
        </Fact>
      )}
      <Fact name="Source">
        {run.source} · {run.run_type}
        {run.clear_number > 0 && ` · cleared ${run.clear_number}×`}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function KeyLinks({ name, values }: { name: string; values: readonly string[] }) {
  return (
    <Stack direction="row" gap={1} wrap="wrap">
      {values.map((value) => (
        <PageLink key={value} to={`${PAGES.lookup}?${new URLSearchParams({ key: name, value })}`}>
          {value}
        </PageLink>
      ))}
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  runId: css({ overflowWrap: 'anywhere' }),
  facts: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1, 4),
    margin: 0,
    dt: { fontSize: theme.typography.bodySmall.fontSize, fontWeight: 400, color: theme.colors.text.secondary },
    dd: { margin: 0, fontVariantNumeric: 'tabular-nums' },
  }),
});
