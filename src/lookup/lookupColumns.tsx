import { locationUtil, textUtil, type IconName, type TimeZone } from '@grafana/data';
import { LinkButton, Stack, TextLink } from '@grafana/ui';
import { runPageUrl } from '../../shared/grafana.ts';
import type { Column } from '../components/DataTable.tsx';
import { keepRange } from '../components/keepRange.ts';
import { Moment } from '../components/Moment.tsx';
import { StateBadge } from '../components/StateBadge.tsx';
import { formatSeconds } from '../data/duration.ts';
import { rowMoment, type LookupRow } from './row.ts';

export interface LookupColumnOptions {
  timeZone: TimeZone;
  /** Which id a row belongs to: of interest when there are several. */
  showValue: boolean;
  showSource: boolean;
  showStandsAt: boolean;
}

/** Columns of found runs, for the page and the panel alike. */
export function lookupColumns({
  timeZone,
  showValue,
  showSource,
  showStandsAt,
}: LookupColumnOptions): Column<LookupRow>[] {
  const columns: (Column<LookupRow> | false)[] = [
    { id: 'state', header: 'State', cell: (row) => <StateBadge state={row.state} />, sortValue: (row) => row.state },
    showValue && { id: 'value', header: 'Id', cell: (row) => row.value, sortValue: (row) => row.value },
    {
      id: 'logical_date',
      header: 'Logical date',
      cell: (row) => <Moment at={rowMoment(row)} timeZone={timeZone} />,
      sortValue: rowMoment,
    },
    { id: 'dag_id', header: 'DAG', cell: dagCell, sortValue: (row) => row.dagId },
    {
      id: 'duration',
      header: 'Duration',
      align: 'right',
      cell: (row) => formatSeconds(row.durationSeconds),
      sortValue: (row) => row.durationSeconds,
    },
    showStandsAt && { id: 'stands_at', header: 'Where it stands', cell: (row) => row.standsAt ?? '–' },
    showSource && { id: 'source', header: 'Source', cell: (row) => row.source, sortValue: (row) => row.source },
    { id: 'links', header: 'Open', cell: (row) => <RowLinks row={row} /> },
  ];
  return columns.filter((column) => column !== false);
}

function dagCell(row: LookupRow) {
  const url = keepRange(runPageUrl({ source: row.source, dag_id: row.dagId, run_id: row.runId }, 'gantt'));
  return (
    <TextLink href={url} inline={false} title={row.runId}>
      {row.dagId}
    </TextLink>
  );
}

function RowLinks({ row }: { row: LookupRow }) {
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      {row.graphUrl && <RowLink url={row.graphUrl} name="Graph" icon="sitemap" runId={row.runId} />}
      {row.ganttUrl && <RowLink url={row.ganttUrl} name="Gantt" icon="align-left" runId={row.runId} />}
      {row.externalUrl && <RowLink url={row.externalUrl} name="Airflow" icon="external-link-alt" runId={row.runId} />}
    </Stack>
  );
}

interface RowLinkProps {
  url: string;
  name: string;
  icon: IconName;
  runId: string;
}

/** A way into the run; what leads out of Grafana opens beside it. */
function RowLink({ url, name, icon, runId }: RowLinkProps) {
  const leaves = /^https?:/i.test(url);
  return (
    <LinkButton
      size="sm"
      variant="secondary"
      icon={leaves ? 'external-link-alt' : icon}
      href={leaves ? textUtil.sanitizeUrl(url) : locationUtil.assureBaseUrl(keepRange(url))}
      target={leaves ? '_blank' : undefined}
      rel={leaves ? 'noreferrer' : undefined}
      aria-label={`${name} of run ${runId}${leaves ? ' in Airflow' : ''}`}
    >
      {name}
    </LinkButton>
  );
}
