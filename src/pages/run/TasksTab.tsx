import { useMemo } from 'react';
import { Stack } from '@grafana/ui';
import type { RunDetail, TaskInstance } from '../../../shared/api.ts';
import { ButtonLink } from '../../components/ButtonLink.tsx';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { Moment } from '../../components/Moment.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { webAddress } from '../../components/webAddress.ts';
import { formatSeconds } from '../../data/duration.ts';
import { STATES_BY_URGENCY } from '../../data/stateLook.ts';
import { epochOf, instanceKey, upstreamEnds } from '../../data/upstreamEnds.ts';

interface Row extends TaskInstance {
  key: string;
  /** Seconds from the end of the last upstream to the start. */
  waited: number | null;
}

/** A table of all task instances with their times, the most urgent first. */
export function TasksTab({ detail, selectedTask }: { detail: RunDetail; selectedTask: string | null }) {
  const rows = useMemo(() => rowsOf(detail), [detail]);
  const shown = selectedTask
    ? [...rows].sort((a, b) => Number(b.task_id === selectedTask) - Number(a.task_id === selectedTask))
    : rows;
  return (
    <Stack direction="column">
      <DataTable
        label="Tasks"
        columns={columns(rows.some((row) => row.waiting))}
        rows={shown}
        rowKey={(row) => row.key}
        searchText={(row) => row.key}
      />
    </Stack>
  );
}

function rowsOf(detail: RunDetail): Row[] {
  const ends = upstreamEnds(detail);
  return detail.tasks
    .map((task) => {
      const key = instanceKey(task.task_id, task.map_index);
      const [end, start] = [ends.get(key) ?? null, epochOf(task.start_date)];
      return { ...task, key, waited: end === null || start === null ? null : (start - end) / 1000 };
    })
    .sort((a, b) => urgency(a.state) - urgency(b.state) || (epochOf(a.start_date) ?? 0) - (epochOf(b.start_date) ?? 0));
}

function urgency(state: string | null): number {
  const at = STATES_BY_URGENCY.indexOf(state ?? '');
  return at < 0 ? STATES_BY_URGENCY.indexOf('scheduled') + 0.5 : at;
}

function columns(showWaiting: boolean): Column<Row>[] {
  const timeZone = userTimeZone();
  return [
    {
      id: 'state',
      header: 'State',
      cell: (row) => <StateBadge state={row.state} />,
      sortValue: (row) => urgency(row.state),
    },
    { id: 'task', header: 'Task', cell: taskCell, sortValue: (row) => row.key },
    ...(showWaiting
      ? [
          {
            id: 'waiting',
            header: 'Waiting reason',
            cell: (row: Row) => row.waiting?.detail ?? '–',
            sortValue: (row: Row) => row.waiting?.reason ?? null,
          },
        ]
      : []),
    {
      id: 'start',
      secondary: true,
      header: 'Started',
      cell: (row) => <Moment at={row.start_date} timeZone={timeZone} />,
      sortValue: (row) => epochOf(row.start_date),
    },
    {
      id: 'waited',
      header: 'Waited',
      align: 'right',
      cell: (row) => formatSeconds(row.waited),
      sortValue: (row) => row.waited,
    },
    {
      id: 'duration',
      header: 'Ran',
      align: 'right',
      cell: (row) => formatSeconds(row.duration_seconds),
      sortValue: (row) => row.duration_seconds,
    },
    {
      id: 'usual',
      secondary: true,
      header: 'Usually',
      align: 'right',
      cell: (row) => formatSeconds(row.usual?.p50_seconds),
      sortValue: (row) => row.usual?.p50_seconds ?? null,
    },
    {
      id: 'try',
      secondary: true,
      header: 'Try',
      align: 'right',
      cell: (row) => row.try_number,
      sortValue: (row) => row.try_number,
    },
    {
      id: 'operator',
      secondary: true,
      header: 'Operator',
      cell: (row) => row.operator ?? '–',
      sortValue: (row) => row.operator,
    },
    { id: 'pool', secondary: true, header: 'Pool', cell: (row) => row.pool ?? '–', sortValue: (row) => row.pool },
    {
      id: 'hostname',
      secondary: true,
      header: 'Host',
      cell: (row) => row.hostname || '–',
      sortValue: (row) => row.hostname,
    },
  ];
}

/** The task, with a link to its page in Airflow, which opens in a new tab. */
function taskCell({ key: name, external }: Row) {
  const airflow = webAddress(external);
  if (!airflow) return name;
  return (
    <ButtonLink isText leaves href={airflow} aria-label={`${name} in Airflow`}>
      {name}
    </ButtonLink>
  );
}
