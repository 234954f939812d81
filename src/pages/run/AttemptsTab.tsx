import { Button, EmptyState } from '@grafana/ui';
import { useMemo, useState } from 'react';
import type { RunDetail } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { Moment } from '../../components/Moment.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { formatSeconds } from '../../data/duration.ts';
import type { RunRef } from '../../data/exporterApi.ts';
import { epochOf } from '../../data/upstreamEnds.ts';
import { LogLink } from '../../explore/LogLink.tsx';
import { attemptRows, type AttemptRow } from './attemptRows.ts';
import { LogDrawer } from './LogDrawer.tsx';

interface Props {
  detail: RunDetail;
  runRef: RunRef;
  /** If this task has tries, only these are listed. */
  selectedTask: string | null;
}

/** Every try of every task, newest first, with its log. */
export function AttemptsTab({ detail, runRef, selectedTask }: Props) {
  const all = useMemo(() => attemptRows(detail), [detail]);
  const chosen = all.filter((row) => row.taskId === selectedTask);
  const rows = chosen.length > 0 ? chosen : all;
  const [opened, setOpened] = useState<AttemptRow | null>(null);
  if (rows.length === 0) return <EmptyState variant="not-found" message="No task has started yet" />;
  return (
    <>
      {rows !== all && (
        <p>
          Tries of {selectedTask}.{' '}
          <PageLink inText to={runPageUrl(detail.run, 'attempts')}>
            Show the tries of all tasks
          </PageLink>
        </p>
      )}
      <DataTable
        label="Tries"
        columns={columns(setOpened, runRef)}
        rows={rows}
        rowKey={(row) => `${row.task} ${row.try_number}`}
        initialSort={{ id: 'start', descending: true }}
        searchText={(row) => row.task}
      />
      {opened && <LogDrawer attempt={opened} runRef={runRef} onClose={() => setOpened(null)} />}
    </>
  );
}

function columns(onOpen: (row: AttemptRow) => void, runRef: RunRef): Column<AttemptRow>[] {
  const timeZone = userTimeZone();
  return [
    { id: 'state', header: 'State', cell: (row) => <StateBadge state={row.state} />, sortValue: (row) => row.state },
    { id: 'task', header: 'Task', cell: (row) => row.task, sortValue: (row) => row.task },
    { id: 'try', header: 'Try', align: 'right', cell: (row) => row.try_number, sortValue: (row) => row.try_number },
    {
      id: 'start',
      secondary: true,
      header: 'Started',
      cell: (row) => <Moment at={row.start_date} timeZone={timeZone} />,
      sortValue: (row) => epochOf(row.start_date ?? row.queued_at),
    },
    {
      id: 'duration',
      header: 'Ran',
      align: 'right',
      cell: (row) => formatSeconds(row.duration_seconds),
      sortValue: (row) => row.duration_seconds,
    },
    {
      id: 'hostname',
      secondary: true,
      header: 'Host',
      cell: (row) => row.hostname || '–',
      sortValue: (row) => row.hostname,
    },
    {
      id: 'log',
      header: 'Log',
      cell: (row) => (
        <>
          <Button
            size="sm"
            fill="text"
            icon="file-alt"
            aria-label={`Log of ${row.task}, try ${row.try_number}`}
            onClick={() => onOpen(row)}
          >
            Log
          </Button>
          <LogLink attempt={row} runRef={runRef} />
        </>
      ),
    },
  ];
}
