import { EmptyState, LinkButton, Stack } from '@grafana/ui';
import { locationUtil } from '@grafana/data';
import { useMemo } from 'react';
import type { RunSummary } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import { endPromise, usePromises } from '../../app/usePromises.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { Section } from '../../components/Section.tsx';
import { SlowTransitions } from '../../components/SlowTransitions.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import type { PageRange } from '../../components/usePageRange.ts';
import { LongWords } from '../../components/LongWords.tsx';
import { SeriesChart, WithPrometheus } from '../../charts/SeriesChart.tsx';
import { quantiles } from '../../charts/promql.ts';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { lookupColumns } from '../../lookup/lookupColumns.tsx';
import { rowKey, rowOfRun } from '../../lookup/row.ts';
import { FlowTable } from './FlowTable.tsx';
import { trendData } from './trendData.ts';

interface Props {
  dagId: string;
  /** Absent for all sources. */
  source: string | undefined;
  runs: readonly RunSummary[];
  pageRange: PageRange;
}

/** One DAG: its statistics, every run over time, its slowest transitions and its runs. */
export function OneFlow({ dagId, source, runs, pageRange: { range } }: Props) {
  const line = endPromise(usePromises().data?.items, { source, dagId })?.limit_seconds ?? undefined;
  const trend = useMemo(() => trendData(runs, range), [runs, range]);
  const durations = useMemo(() => durationsOf(dagId, source), [dagId, source]);
  if (runs.length === 0) {
    return (
      <LongWords>
        <EmptyState
          variant="not-found"
          message={`No run of ${dagId} in this time range`}
          button={
            <LinkButton
              variant="secondary"
              href={locationUtil.assureBaseUrl(
                `${PAGES.flows}?${new URLSearchParams({ ...(source && { source }), dag_id: dagId, from: 'now-30d', to: 'now' })}`,
              )}
            >
              Show the last 30 days
            </LinkButton>
          }
        />
      </LongWords>
    );
  }
  return (
    <>
      <FlowTable dags={[]} runs={runs} />
      <Stack direction="column" gap={2}>
        <TimeChart
          title="Every run"
          description="Start and duration of each run. A line marks the promised duration."
          data={trend}
          line={line}
          points
        />
        <WithPrometheus>
          <SeriesChart
            title="Duration"
            description="Percentiles of finished runs over time. A line marks the promised duration."
            query={durations}
            range={range}
            line={line}
          />
        </WithPrometheus>
      </Stack>
      <SlowTransitions range={range} dagId={dagId} source={source} />
      <Runs runs={runs} />
    </>
  );
}

function durationsOf(dagId: string, source: string | undefined) {
  const record = { name: RECORDS.runBuckets, keeps: 'counter', interval: '1m' } as const;
  return quantiles(METRICS.runDuration.name, record, { source, dag_id: dagId });
}

function Runs({ runs }: { runs: readonly RunSummary[] }) {
  const rows = useMemo(() => runs.map(rowOfRun), [runs]);
  const columns = lookupColumns({
    timeZone: userTimeZone(),
    showValue: rows.some((row) => row.value !== ''),
    showSource: new Set(rows.map((row) => row.source)).size > 1,
    showStandsAt: false,
  });
  return (
    <Section title="Runs">
      <DataTable
        label="Runs"
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        initialSort={{ id: 'logical_date', descending: true }}
        pageSize={20}
        searchText={(row) => `${row.runId} ${row.value} ${row.state}`}
      />
    </Section>
  );
}
