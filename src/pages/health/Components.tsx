import { Alert, Badge, Stack, Text } from '@grafana/ui';
import type { ComponentStatus, SourceHealth } from '../../../shared/api.ts';
import { useExporter } from '../../app/useExporter.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { isOf } from '../../components/isOf.ts';
import { Moment } from '../../components/Moment.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { formatSeconds } from '../../data/duration.ts';

const REFRESH_MS = 10_000;

/** Components of an Airflow other than schedulers, and problems in it; renders nothing for sources without any. */
export function Components({ source }: { source: string | undefined }) {
  const { data } = useExporter(['source health'], (api, signal) => api.health(signal), { refreshMs: REFRESH_MS });
  const shown = (data?.items ?? []).filter(isOf(source)).filter(hasAnything);
  if (shown.length === 0) return null;
  return (
    <Section title="Components" about="Triggerers, DAG processors and DAG files of each Airflow.">
      <Stack direction="column" gap={2}>
        {shown.map((health) => (
          <OneSource key={health.source} health={health} />
        ))}
      </Stack>
    </Section>
  );
}

function hasAnything({ components, import_errors, deferred_unserved, unparsed_dags, notes }: SourceHealth): boolean {
  return (
    components.some(({ component }) => component !== 'scheduler') ||
    [import_errors?.total, deferred_unserved, unparsed_dags?.total, notes.length].some((count) => (count ?? 0) > 0)
  );
}

function OneSource({ health }: { health: SourceHealth }) {
  const { source, import_errors: errors, deferred_unserved: deferred, unparsed_dags: unparsed, notes } = health;
  const parts = health.components.filter(({ component }) => component !== 'scheduler');
  return (
    <Stack direction="column" gap={1}>
      <Text element="h3" variant="h6">
        {source}
      </Text>
      {(deferred ?? 0) > 0 && (
        <Alert severity="error" title={`Deferred tasks without a live triggerer: ${deferred!.toLocaleString('en')}`}>
          Start a triggerer; the tasks resume where they stopped.
        </Alert>
      )}
      {errors && errors.total > 0 && (
        <Alert severity="warning" title={`DAG files that can’t be imported: ${errors.total.toLocaleString('en')}`}>
          <DataTable
            label={`Import errors of ${source}`}
            columns={ERRORS}
            rows={errors.items}
            rowKey={(row) => row.file}
            pageSize={10}
          />
        </Alert>
      )}
      {unparsed && unparsed.total > 0 && (
        <Alert severity="warning" title={`DAGs not parsed for ten minutes: ${unparsed.total.toLocaleString('en')}`}>
          {unparsed.items.map(({ dag_id }) => dag_id).join(', ')}
        </Alert>
      )}
      {parts.length > 0 && (
        <DataTable
          label={`Components of ${source}`}
          columns={PARTS}
          rows={parts}
          rowKey={(row) => `${row.component} ${row.instance}`}
        />
      )}
      {notes.map((note) => (
        <Text key={note} color="secondary">
          {note}
        </Text>
      ))}
    </Stack>
  );
}

const PARTS: Column<ComponentStatus>[] = [
  {
    id: 'alive',
    header: 'Alive',
    cell: ({ alive }) =>
      alive ? (
        <Badge color="green" icon="heart" text="alive" />
      ) : (
        <Badge color="red" icon="heart-break" text="no heartbeat" />
      ),
    sortValue: ({ alive }) => Number(alive),
  },
  {
    id: 'component',
    header: 'Component',
    cell: ({ component }) => component.replaceAll('_', ' '),
    sortValue: (row) => row.component,
  },
  { id: 'instance', header: 'Instance', cell: (row) => row.instance, sortValue: (row) => row.instance },
  {
    id: 'age',
    header: 'Heartbeat age',
    align: 'right',
    cell: (row) => formatSeconds(row.heartbeat_age_seconds),
    sortValue: (row) => row.heartbeat_age_seconds,
  },
];

const ERRORS: Column<{ file: string; since: string | null; error: string | null }>[] = [
  { id: 'file', header: 'File', cell: (row) => row.file, sortValue: (row) => row.file },
  {
    id: 'since',
    header: 'Since',
    cell: (row) => <Moment at={row.since} timeZone={userTimeZone()} />,
    sortValue: (row) => row.since,
  },
  { id: 'error', header: 'Error', cell: (row) => row.error?.trim().split('\n').at(-1) ?? '–' },
];
