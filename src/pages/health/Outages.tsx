import { css } from '@emotion/css';
import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import { Badge, Collapse, Stack, Text, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { Outage } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { isOf } from '../../components/isOf.ts';
import { PageLink } from '../../components/PageLink.tsx';
import { Moment } from '../../components/Moment.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import type { PageRange } from '../../components/usePageRange.ts';
import { formatSeconds } from '../../data/duration.ts';
import { useSchedulers } from './Schedulers.tsx';

const LIMIT = 100;
const REFRESH_MS = 10_000;

interface Props {
  pageRange: PageRange;
  source: string | undefined;
}

/** Intervals without a live scheduler, each with the runs that it delayed. */
export function Outages({ pageRange: { range, query: asked }, source }: Props) {
  const open = asked.to === 'now';
  const query = useExporter(
    ['outages', source, asked, range.from.valueOf()],
    (api, signal) => api.outages({ source, ...bounds(range, open), limit: LIMIT }, signal),
    { keepPrevious: true, refreshMs: open && REFRESH_MS },
  );
  return (
    <Section title="Outages" about="Intervals without a live scheduler, and the runs they delayed.">
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <NoOutage source={source} />
          ) : (
            <div>
              {items.map((outage) => (
                <OneOutage key={`${outage.source} ${outage.from}`} outage={outage} open={items.length === 1} />
              ))}
            </div>
          )
        }
      </Answer>
    </Section>
  );
}

/** The text if there are no outages. Without any scheduler, "No outage" would be misleading. */
function NoOutage({ source }: { source: string | undefined }) {
  const schedulers = useSchedulers().data?.items.filter(isOf(source));
  return (
    <Text color="secondary">
      {schedulers?.length === 0
        ? 'No scheduler has been seen yet, so outages are not known.'
        : 'No outage in this time range.'}
    </Text>
  );
}

/** The bounds of a query. A range up to now has no end, so that it includes outages that begin after the page was opened. */
function bounds(range: TimeRange, open: boolean) {
  return { from: range.from.toISOString(), to: open ? undefined : range.to.toISOString() };
}

function OneOutage({ outage, open }: { outage: Outage; open: boolean }) {
  const styles = useStyles2(getStyles);
  const [isOpen, setOpen] = useState(open);
  const delayed = outage.delayed_runs.length;
  const label = (
    <Stack direction="row" gap={2} alignItems="center" wrap="wrap">
      <Moment at={outage.from} timeZone={userTimeZone()} />
      <strong>{formatSeconds(outage.duration_seconds)}</strong>
      {outage.to === null && <Badge color="red" text="ongoing" />}
      <span>{delayed === 0 ? 'no runs delayed' : `${delayed} ${delayed === 1 ? 'run' : 'runs'} delayed`}</span>
      <Text color="secondary">{outage.source}</Text>
    </Stack>
  );
  return (
    <Collapse label={label} isOpen={isOpen} onToggle={setOpen} className={styles.outage}>
      {delayed === 0 ? (
        <Text color="secondary">No run is known to have been delayed.</Text>
      ) : (
        <DataTable
          label="Delayed runs"
          columns={columnsOf(outage.source)}
          rows={outage.delayed_runs}
          rowKey={(run) => `${run.dag_id} ${run.run_id}`}
          initialSort={{ id: 'delay', descending: true }}
          pageSize={20}
        />
      )}
    </Collapse>
  );
}

function columnsOf(source: string): Column<Outage['delayed_runs'][number]>[] {
  return [
    {
      id: 'keys',
      header: 'Business keys',
      cell: (run) =>
        Object.entries(run.keys)
          .map(([key, values]) => `${key} ${values.join(', ')}`)
          .join(' · ') || '–',
    },
    { id: 'dag', header: 'DAG', cell: (run) => run.dag_id, sortValue: (run) => run.dag_id },
    {
      id: 'delay',
      header: 'Delayed by',
      align: 'right',
      cell: (run) => formatSeconds(run.delayed_seconds),
      sortValue: (run) => run.delayed_seconds,
    },
    {
      id: 'run',
      header: 'Run',
      cell: (run) => (
        <PageLink to={runPageUrl({ source, dag_id: run.dag_id, run_id: run.run_id }, 'gantt')}>{run.run_id}</PageLink>
      ),
    },
  ];
}

const getStyles = (theme: GrafanaTheme2) => ({ outage: css({ marginBottom: theme.spacing(1) }) });
