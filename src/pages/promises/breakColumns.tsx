import type { PromiseBreak, PromiseKind } from '../../../shared/api.ts';
import { journeyPageUrl, runPageUrl } from '../../../shared/grafana.ts';
import type { Column } from '../../components/DataTable.tsx';
import { Moment } from '../../components/Moment.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { formatSeconds } from '../../data/duration.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

/** Columns of the table of what broke a promise. */
export function breakColumns(kind: PromiseKind): Column<PromiseBreak>[] {
  return kind === 'journey' ? [...BREAKS, JOURNEY] : BREAKS;
}

const BREAKS: Column<PromiseBreak>[] = [
  {
    id: 'at',
    header: 'Broken',
    cell: (row) => <Moment at={row.at} timeZone={userTimeZone()} />,
    sortValue: (row) => epochOf(row.at),
  },
  { id: 'run', header: 'Run', cell: runCell, sortValue: (row) => row.run?.run_id ?? row.day },
  { id: 'state', header: 'State', cell: (row) => (row.run ? <StateBadge state={row.run.state} /> : '–') },
  {
    id: 'duration',
    header: 'Duration',
    align: 'right',
    cell: (row) => formatSeconds(row.run?.duration_seconds),
    sortValue: (row) => row.run?.duration_seconds ?? null,
  },
];

/** For a journey, the run is its arrival. This column links to the page of the journey. */
const JOURNEY: Column<PromiseBreak> = {
  id: 'journey',
  header: 'Journey',
  cell: ({ journey }) =>
    journey && (
      <PageLink to={journeyPageUrl(journey.key, journey.value)}>{`${journey.key} = ${journey.value}`}</PageLink>
    ),
  sortValue: ({ journey }) => journey?.value ?? null,
};

function runCell({ source, run, day }: PromiseBreak) {
  if (!run) return day ? `no run of ${day} succeeded in time` : 'no run succeeded in time';
  return <PageLink to={runPageUrl({ ...run, source }, 'gantt')}>{run.run_id}</PageLink>;
}
