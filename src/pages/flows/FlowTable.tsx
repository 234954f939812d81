import { Badge, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import type { DagSummary, RunSummary } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { useApp } from '../../app/AppContext.tsx';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { keepRange } from '../../components/keepRange.ts';
import { lineText } from '../../components/lineText.ts';
import { formatSeconds } from '../../data/duration.ts';
import { flowStats, type FlowStats } from './flowStats.ts';

/** Share of flows that must be within the line. */
const OBJECTIVE = 0.95;

interface Props {
  dags: readonly DagSummary[];
  runs: readonly RunSummary[];
}

/** One row a DAG. */
export function FlowTable({ dags, runs }: Props) {
  const { flowSeconds } = useApp().settings;
  const rows = useMemo(() => flowStats(dags, runs, flowSeconds), [dags, runs, flowSeconds]);
  return (
    <DataTable label="DAGs" columns={columns(flowSeconds)} rows={rows} rowKey={(row) => `${row.source} ${row.dagId}`} />
  );
}

function columns(line: number): Column<FlowStats>[] {
  return [
    {
      id: 'dag',
      header: 'DAG',
      cell: (row) => (
        <>
          <TextLink href={keepRange(`${PAGES.flows}?${new URLSearchParams({ dag_id: row.dagId })}`)} inline={false}>
            {row.dagId}
          </TextLink>
          {row.isPaused && <Badge color="orange" text="paused" />}
        </>
      ),
      sortValue: (row) => row.dagId,
    },
    {
      id: 'within',
      header: `Within ${lineText(line)}`,
      align: 'right',
      cell: (row) => <Objective share={row.withinLine} />,
      sortValue: (row) => row.withinLine,
    },
    number('runs', 'Runs', (row) => row.runs),
    number('success', 'Success', (row) => row.success, true),
    number('failed', 'Failed', (row) => row.failed),
    number('active', 'Active', (row) => row.active),
    duration('p50', line, true),
    duration('p95', line),
    duration('p99', line, true),
    { id: 'source', header: 'Source', secondary: true, cell: (row) => row.source, sortValue: (row) => row.source },
  ];
}

function Objective({ share }: { share: number | null }) {
  if (share === null) return <>–</>;
  const text = `${(Math.floor(share * 1000) / 10).toLocaleString('en')}%`;
  return <Badge color={share >= OBJECTIVE ? 'green' : 'red'} text={text} />;
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

function duration(id: 'p50' | 'p95' | 'p99', line: number, secondary = false): Column<FlowStats> {
  return {
    id,
    header: id,
    align: 'right',
    secondary,
    cell: (row) => <Text color={(row[id] ?? 0) > line ? 'error' : undefined}>{formatSeconds(row[id])}</Text>,
    sortValue: (row) => row[id],
  };
}
