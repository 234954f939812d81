import type { TimeRange } from '@grafana/data';
import { Text } from '@grafana/ui';
import type { Transition } from '../../shared/api.ts';
import { runPageUrl } from '../../shared/grafana.ts';
import { useApp } from '../app/AppContext.tsx';
import { useExporter } from '../app/useExporter.ts';
import { Answer } from './Answer.tsx';
import { DataTable, type Column } from './DataTable.tsx';
import { PageLink } from './PageLink.tsx';
import { Moment } from './Moment.tsx';
import { Section } from './Section.tsx';
import { userTimeZone } from './timeZone.ts';
import { formatSeconds } from '../data/duration.ts';
import { epochOf, instanceKey } from '../data/upstreamEnds.ts';

const LIMIT = 50;

interface Props {
  range: TimeRange;
  /** Limits it to one DAG. */
  dagId?: string;
  source?: string;
}

/** The slowest transitions from one task to the next, with their stages. */
export function SlowTransitions({ range, dagId, source }: Props) {
  const bounds = { from: range.from.toISOString(), to: range.to.toISOString() };
  const { transitionSeconds } = useApp().settings;
  const query = useExporter(
    ['transitions', source, dagId, bounds],
    (api, signal) => api.transitions({ source, dagId, ...bounds, limit: LIMIT }, signal),
    { keepPrevious: true },
  );
  return (
    <Section
      title="Slowest transitions"
      about="Time from the upstream's end to the next task's start, split into stages."
    >
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text color="secondary">No transition between tasks in this time range.</Text>
          ) : (
            <DataTable
              label="Slowest transitions"
              columns={columns(transitionSeconds, new Set(items.map((row) => row.source)).size > 1)}
              rows={items}
              rowKey={(row) => `${row.source} ${row.run_id} ${row.task_id} ${row.map_index} ${row.started_at}`}
              initialSort={{ id: 'seconds', descending: true }}
              pageSize={10}
            />
          )
        }
      </Answer>
    </Section>
  );
}

function columns(line: number, showSource: boolean): Column<Transition>[] {
  const all: (Column<Transition> | false)[] = [
    {
      id: 'seconds',
      header: 'Took',
      align: 'right',
      cell: (row) => <Text color={row.seconds > line ? 'error' : undefined}>{formatSeconds(row.seconds)}</Text>,
      sortValue: (row) => row.seconds,
    },
    {
      id: 'edge',
      header: 'From → to',
      cell: (row) => `${row.upstream_task_id} → ${instanceKey(row.task_id, row.map_index)}`,
      sortValue: (row) => row.task_id,
    },
    stage('noticed', 'Noticed'),
    stage('queued', 'Queued'),
    stage('started', 'Started'),
    {
      id: 'run',
      header: 'Run',
      cell: (row) => <PageLink to={runPageUrl(row, 'gantt')}>{`${row.dag_id} ${row.run_id}`}</PageLink>,
      sortValue: (row) => row.run_id,
    },
    {
      id: 'at',
      header: 'When',
      secondary: true,
      cell: (row) => <Moment at={row.started_at} timeZone={userTimeZone()} />,
      sortValue: (row) => epochOf(row.started_at),
    },
    showSource && { id: 'source', header: 'Source', cell: (row) => row.source, sortValue: (row) => row.source },
  ];
  return all.filter((column) => column !== false);
}

function stage(id: 'noticed' | 'queued' | 'started', header: string): Column<Transition> {
  return {
    id,
    header,
    align: 'right',
    secondary: true,
    cell: (row) => formatSeconds(row.stages[id]),
    sortValue: (row) => row.stages[id],
  };
}
