import { css } from '@emotion/css';
import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { runPageUrl } from '../../shared/grafana.ts';
import { ButtonLink } from '../components/ButtonLink.tsx';
import type { Column } from '../components/DataTable.tsx';
import { appHref } from '../components/keepRange.ts';
import { Moment } from '../components/Moment.tsx';
import { StateBadge } from '../components/StateBadge.tsx';
import { PageLink } from '../components/PageLink.tsx';
import { webAddress } from '../components/webAddress.ts';
import { formatSeconds } from '../data/duration.ts';
import { rowMoment, type LookupRow } from './row.ts';

export interface LookupColumnOptions {
  timeZone: TimeZone;
  /** Whether to show the id of each row, which is useful if there are several. */
  showValue: boolean;
  showSource: boolean;
  showStandsAt: boolean;
}

/** Columns of found runs, for both the page and the panel. */
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
    showStandsAt && { id: 'stands_at', header: 'Progress', cell: standsAtCell },
    showSource && { id: 'source', header: 'Source', cell: (row) => row.source, sortValue: (row) => row.source },
    { id: 'links', header: 'Open', cell: (row) => <RowLinks row={row} /> },
  ];
  return columns.filter((column) => column !== false);
}

/** The progress in a few words. The tooltip has the sentence about what it waits for. */
function standsAtCell({ standsAt, waiting }: LookupRow) {
  return <span title={waiting ?? undefined}>{standsAt ?? '–'}</span>;
}

function dagCell(row: LookupRow) {
  const url = runPageUrl({ source: row.source, dag_id: row.dagId, run_id: row.runId }, 'gantt');
  return (
    <PageLink to={url} title={row.runId}>
      {row.dagId}
    </PageLink>
  );
}

function RowLinks({ row }: { row: LookupRow }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.links}>
      {row.graphUrl && <RowLink url={row.graphUrl} name="Graph" runId={row.runId} />}
      {row.ganttUrl && <RowLink url={row.ganttUrl} name="Gantt" runId={row.runId} />}
      {row.externalUrl && <RowLink url={row.externalUrl} name="Airflow" runId={row.runId} />}
      {row.gone && <span className={styles.gone}>no longer in Airflow</span>}
    </div>
  );
}

interface RowLinkProps {
  url: string;
  name: string;
  runId: string;
}

/** A link to the run; links out of Grafana open in a new tab. */
function RowLink({ url, name, runId }: RowLinkProps) {
  const outside = webAddress(url);
  return (
    <ButtonLink
      href={outside ?? appHref(url)}
      leaves={outside !== undefined}
      aria-label={`${name} of run ${runId}${outside ? ' in Airflow' : ''}`}
    >
      {name}
    </ButtonLink>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  gone: css({ color: theme.colors.text.secondary }),
  links: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5) }),
});
