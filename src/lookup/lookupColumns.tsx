import { locationUtil, type TimeZone } from '@grafana/data';
import { LinkButton, Stack, TextLink } from '@grafana/ui';
import type { Column } from '../components/DataTable.tsx';
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
  return row.graphUrl ? (
    <TextLink href={row.graphUrl} inline color="primary" title={row.runId}>
      {row.dagId}
    </TextLink>
  ) : (
    <span title={row.runId}>{row.dagId}</span>
  );
}

function RowLinks({ row }: { row: LookupRow }) {
  const of = `of run ${row.runId}`;
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      {row.graphUrl && (
        <LinkButton
          size="sm"
          variant="secondary"
          icon="sitemap"
          href={internal(row.graphUrl)}
          aria-label={`Graph ${of}`}
        >
          Graph
        </LinkButton>
      )}
      {row.ganttUrl && (
        <LinkButton
          size="sm"
          variant="secondary"
          icon="align-left"
          href={internal(row.ganttUrl)}
          aria-label={`Gantt ${of}`}
        >
          Gantt
        </LinkButton>
      )}
      {row.externalUrl && (
        <LinkButton
          size="sm"
          fill="text"
          icon="external-link-alt"
          href={row.externalUrl}
          target="_blank"
          rel="noreferrer"
          aria-label={`Open in Airflow: run ${row.runId}`}
        >
          Airflow
        </LinkButton>
      )}
    </Stack>
  );
}

function internal(url: string): string {
  return locationUtil.assureBaseUrl(url);
}
