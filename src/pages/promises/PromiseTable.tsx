import { css } from '@emotion/css';
import { Badge, Text } from '@grafana/ui';
import type { PromiseStatus } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { VerdictsByDay } from './VerdictsByDay.tsx';
import { percent, promiseKey, promiseUrl, promiseWords, STATE_LOOKS, urgencyOf } from './words.ts';

const ONE_LINE = css({ whiteSpace: 'nowrap' });

/** A table with one row per promise and DAG. Promises that are broken or at risk come first. */
export function PromiseTable({ promises }: { promises: readonly PromiseStatus[] }) {
  return (
    <DataTable
      label="Promises"
      columns={columns(new Set(promises.map(({ source }) => source)).size > 1)}
      rows={promises}
      rowKey={promiseKey}
      initialSort={{ id: 'state', descending: false }}
      searchText={({ promise, dag_id, owner, tags, source }) => [promise, dag_id, owner, source, ...tags].join(' ')}
    />
  );
}

function columns(showSource: boolean): Column<PromiseStatus>[] {
  const source: Column<PromiseStatus> = {
    id: 'source',
    header: 'Source',
    secondary: true,
    cell: (row) => <span className={ONE_LINE}>{row.source}</span>,
    sortValue: (row) => row.source,
  };
  return [
    {
      id: 'state',
      header: 'State',
      cell: ({ state }) => <Badge {...STATE_LOOKS[state]} className={ONE_LINE} />,
      sortValue: ({ state }) => urgencyOf(state),
    },
    { id: 'dag', header: 'DAG', cell: dagCell, sortValue: (row) => row.dag_id },
    {
      id: 'promise',
      header: 'Promise',
      cell: (row) => (
        <div>
          <PageLink to={promiseUrl(row)}>{row.promise}</PageLink>
          <div>
            <Text color="secondary" variant="bodySmall">
              {promiseWords(row)}
            </Text>
          </div>
        </div>
      ),
      sortValue: (row) => row.promise,
    },
    {
      id: 'allowance',
      header: 'Allowance left',
      align: 'right',
      cell: ({ allowance }) => (allowance ? <Allowance {...allowance} /> : '–'),
      sortValue: ({ allowance }) => allowance?.left ?? null,
    },
    {
      id: 'history',
      header: 'Verdicts by day',
      secondary: true,
      cell: ({ history }) => <VerdictsByDay days={history} />,
    },
    { id: 'reason', header: 'Why', cell: ({ reason }) => reason },
    ...(showSource ? [source] : []),
  ];
}

function Allowance({ left, broken, allowed, runs, period_days }: NonNullable<PromiseStatus['allowance']>) {
  const words = `${broken} of ${runs.toLocaleString('en')} runs broke the promise in ${period_days} days; ${allowed.toLocaleString('en', { maximumFractionDigits: 1 })} are allowed`;
  return (
    <span title={words}>
      <Text color={left < 0 ? 'error' : left < 0.25 ? 'warning' : undefined}>
        {left < 0 ? 'used up' : percent(left)}
      </Text>
    </span>
  );
}

function dagCell({ dag_id, source }: PromiseStatus) {
  return <PageLink to={`${PAGES.flows}?${new URLSearchParams({ dag_id, source })}`}>{dag_id}</PageLink>;
}
