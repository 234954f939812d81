import { Alert, Badge, EmptyState, Text } from '@grafana/ui';
import type { SchedulerStatus } from '../../../shared/api.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { isOf } from '../../components/isOf.ts';
import { Moment } from '../../components/Moment.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { formatSeconds } from '../../data/duration.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

const REFRESH_MS = 5_000;

export function useSchedulers() {
  return useExporter(['schedulers'], (api, signal) => api.schedulers(signal), { refreshMs: REFRESH_MS });
}

/** Every scheduler that has sent a heartbeat recently. */
export function Schedulers({ source }: { source: string | undefined }) {
  const query = useSchedulers();
  return (
    <Section title="Schedulers" about="Each scheduler writes a heartbeat every few seconds.">
      <Answer query={query}>
        {({ items: all }) => {
          const items = all.filter(isOf(source));
          if (all.length > 0 && items.length === 0) return <Text color="secondary">This source has none.</Text>;
          return <SchedulerTable schedulers={items} />;
        }}
      </Answer>
    </Section>
  );
}

function SchedulerTable({ schedulers }: { schedulers: readonly SchedulerStatus[] }) {
  if (schedulers.length === 0) {
    return (
      <EmptyState variant="not-found" message="No scheduler has ever written a heartbeat">
        Start a scheduler, or check that the exporter reads the database that your scheduler writes to.
      </EmptyState>
    );
  }
  const dead = new Set(schedulers.map((scheduler) => scheduler.source));
  for (const scheduler of schedulers) if (scheduler.alive) dead.delete(scheduler.source);
  return (
    <>
      {[...dead].map((source) => (
        <Alert key={source} severity="error" title={`No scheduler of ${source} is alive, so no run progresses`}>
          Start a scheduler; runs resume where they stopped.
        </Alert>
      ))}
      <DataTable
        label="Schedulers"
        columns={columns(schedulers.some((scheduler) => scheduler.lane !== null))}
        rows={schedulers}
        rowKey={(row) => `${row.source} ${row.scheduler}`}
      />
    </>
  );
}

/** Only the bundled scheduler has lanes. */
function columns(showLane: boolean): Column<SchedulerStatus>[] {
  const lane: Column<SchedulerStatus> = {
    id: 'lane',
    header: 'Lane',
    secondary: true,
    cell: (row) => row.lane ?? '–',
    sortValue: (row) => row.lane,
  };
  return [
    {
      id: 'alive',
      header: 'Alive',
      cell: (row) =>
        row.alive ? (
          <Badge color="green" icon="heart" text="alive" />
        ) : (
          <Badge color="red" icon="heart-break" text="no heartbeat" />
        ),
      sortValue: (row) => Number(row.alive),
    },
    { id: 'scheduler', header: 'Scheduler', cell: (row) => row.scheduler, sortValue: (row) => row.scheduler },
    {
      id: 'age',
      header: 'Heartbeat age',
      align: 'right',
      cell: (row) => formatSeconds(row.heartbeat_age_seconds),
      sortValue: (row) => row.heartbeat_age_seconds,
    },
    {
      id: 'latest',
      header: 'Latest heartbeat',
      secondary: true,
      cell: (row) => <Moment at={row.latest_heartbeat} timeZone={userTimeZone()} />,
      sortValue: (row) => epochOf(row.latest_heartbeat),
    },
    { id: 'state', header: 'State', cell: (row) => row.state, sortValue: (row) => row.state },
    ...(showLane ? [lane] : []),
    { id: 'source', header: 'Source', cell: (row) => row.source, sortValue: (row) => row.source },
  ];
}
