import { Badge, Text, Tooltip } from '@grafana/ui';
import { useMemo } from 'react';
import type { DagSummary, RunSummary } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { usePromises } from '../../app/usePromises.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { formatSeconds } from '../../data/duration.ts';
import { percent, promiseWords } from '../promises/words.ts';
import { flowStats, isBroken, type FlowStats } from './flowStats.ts';

interface Props {
  dags: readonly DagSummary[];
  runs: readonly RunSummary[];
}

/** A table with one row per DAG. */
export function FlowTable({ dags, runs }: Props) {
  const promises = usePromises().data?.items;
  const rows = useMemo(() => flowStats(dags, runs, promises), [dags, runs, promises]);
  // The source distinguishes DAGs with the same name, so it is shown even on a phone.
  const hasSources = useMemo(() => new Set(rows.map((row) => row.source)).size > 1, [rows]);
  return (
    <DataTable
      label="DAGs"
      columns={hasSources ? [...COLUMNS, SOURCE] : COLUMNS}
      rows={rows}
      rowKey={(row) => `${row.source} ${row.dagId}`}
      searchText={(row) => `${row.dagId} ${row.source}`}
    />
  );
}

const COLUMNS: Column<FlowStats>[] = [
  {
    id: 'dag',
    header: 'DAG',
    cell: (row) => (
      <>
        <PageLink to={`${PAGES.flows}?${new URLSearchParams({ dag_id: row.dagId, source: row.source })}`}>
          {row.dagId}
        </PageLink>
        {row.isPaused && ' '}
        {row.isPaused && <Badge color="orange" text="paused" />}
      </>
    ),
    sortValue: (row) => row.dagId,
  },
  {
    id: 'within',
    header: 'In time',
    align: 'right',
    cell: (row) => <InTime row={row} />,
    sortValue: (row) => row.inTime,
  },
  number('runs', 'Runs', (row) => row.runs),
  number('success', 'Success', (row) => row.success, true),
  number('failed', 'Failed', (row) => row.failed),
  number('active', 'Active', (row) => row.active),
  duration('p50', true),
  duration('p95'),
  duration('p99', true),
];

const SOURCE: Column<FlowStats> = {
  id: 'source',
  header: 'Source',
  cell: (row) => row.source,
  sortValue: (row) => row.source,
};

/** Share of runs that kept the promise about their duration. */
function InTime({ row }: { row: FlowStats }) {
  const { inTime, promise } = row;
  if (inTime === null || !promise) return <>–</>;
  const kept = !isBroken(row);
  return (
    <Tooltip content={`Promised: ${promiseWords(promise)}`}>
      <span tabIndex={0}>
        <Badge color={kept ? 'green' : 'red'} icon={kept ? 'check' : 'exclamation-triangle'} text={percent(inTime)} />
      </span>
    </Tooltip>
  );
}

function number(id: string, header: string, read: (row: FlowStats) => number, secondary = false): Column<FlowStats> {
  return {
    id,
    header,
    align: 'right',
    secondary,
    cell: (row) => read(row).toLocaleString('en'),
    sortValue: read,
  };
}

function duration(id: 'p50' | 'p95' | 'p99', secondary = false): Column<FlowStats> {
  return {
    id,
    header: id,
    align: 'right',
    secondary,
    cell: (row) => <Text color={isOver(row, row[id]) ? 'error' : undefined}>{formatSeconds(row[id])}</Text>,
    sortValue: (row) => row[id],
  };
}

function isOver({ promise }: FlowStats, seconds: number | null): boolean {
  return seconds !== null && promise !== undefined && seconds > promise.limit_seconds!;
}
