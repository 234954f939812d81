import { Text } from '@grafana/ui';
import { useMemo } from 'react';
import { runPageUrl } from '../../../shared/grafana.ts';
import type { JourneyPage, JourneyParent, JourneyRun } from '../../../shared/journeys.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { Moment } from '../../components/Moment.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { journeyRuns } from '../../data/journeyRuns.ts';
import { formatSeconds } from '../../data/duration.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

const FOUND_BY = {
  triggered_by: 'recorded by the scheduler',
  conf: 'named in the run’s conf',
  run_id: 'named in the run’s id',
  asset_event: 'by an asset event',
} as const satisfies Record<JourneyParent['found_by'], string>;

/** The runs of the journey as a table: what started each run, the gap before it, and its duration. */
export function JourneyTable({ journey }: { journey: JourneyPage }) {
  const rows = useMemo(() => journeyRuns(journey), [journey]);
  const sources = new Set(rows.map((run) => run.source)).size;
  return (
    <DataTable
      label="Runs of the journey"
      columns={columns(sources > 1)}
      rows={rows}
      rowKey={(run) => JSON.stringify([run.source, run.dag_id, run.run_id])}
      searchText={(run) => `${run.dag_id} ${run.run_id}`}
    />
  );
}

function columns(showSource: boolean): Column<JourneyRun>[] {
  const timeZone = userTimeZone();
  const all: (Column<JourneyRun> | false)[] = [
    { id: 'state', header: 'State', cell: (run) => <StateBadge state={run.state} />, sortValue: (run) => run.state },
    {
      id: 'run',
      header: 'Run',
      cell: (run) => (
        <>
          <RunLink {...run} />
          {run.waiting && (
            <div>
              <Text color="secondary" variant="bodySmall">
                {run.waiting.detail}
              </Text>
            </div>
          )}
        </>
      ),
      sortValue: (run) => `${run.dag_id} ${run.run_id}`,
    },
    showSource && { id: 'source', header: 'Source', cell: (run) => run.source, sortValue: (run) => run.source },
    { id: 'parents', header: 'Started by', cell: (run) => <Parents parents={run.parents} /> },
    {
      id: 'gap',
      header: 'Gap before it',
      align: 'right',
      cell: (run) => formatSeconds(run.gap?.seconds),
      sortValue: (run) => run.gap?.seconds ?? null,
    },
    {
      id: 'queued',
      secondary: true,
      header: 'Queued',
      align: 'right',
      cell: (run) => formatSeconds(run.queue_seconds),
      sortValue: (run) => run.queue_seconds,
    },
    {
      id: 'start',
      header: 'Started',
      cell: (run) => <Moment at={run.start_date} timeZone={timeZone} />,
      sortValue: (run) => epochOf(run.start_date),
    },
    {
      id: 'duration',
      header: 'Duration',
      align: 'right',
      cell: (run) => formatSeconds(run.duration_seconds),
      sortValue: (run) => run.duration_seconds,
    },
  ];
  return all.filter((column) => column !== false);
}

interface Named {
  source: string;
  dag_id: string;
  run_id: string;
}

function RunLink({ source, dag_id, run_id }: Named) {
  return <PageLink to={runPageUrl({ source, dag_id, run_id }, 'gantt')}>{`${dag_id} · ${run_id}`}</PageLink>;
}

function Parents({ parents }: { parents: readonly JourneyParent[] }) {
  if (parents.length === 0) return <>–</>;
  return parents.map((parent) => (
    <div key={`${parent.source} ${parent.dag_id} ${parent.run_id}`} title={FOUND_BY[parent.found_by]}>
      <RunLink {...parent} />
    </div>
  ));
}
