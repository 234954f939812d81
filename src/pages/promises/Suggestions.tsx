import { css } from '@emotion/css';
import { ClipboardButton, Stack, Text } from '@grafana/ui';
import type { PromiseSuggestion } from '../../../shared/api.ts';
import { useExporter } from '../../app/useExporter.ts';
import { DataTable, type Column } from '../../components/DataTable.tsx';
import { lineText } from '../../components/lineText.ts';
import { Section } from '../../components/Section.tsx';

/** Limits that are defined in Airflow, as suggestions; renders nothing if there are none. */
export function Suggestions() {
  const { data } = useExporter(['promise suggestions'], (api, signal) => api.promiseSuggestions(signal));
  if (!data || data.items.length === 0) return null;
  return (
    <Section
      title="Suggestions from Airflow"
      about="Limits that DAGs define themselves. They cause no alerts until you copy the entry into runbeat.yaml."
    >
      <DataTable
        label="Suggestions from Airflow"
        columns={COLUMNS}
        rows={data.items}
        rowKey={(row) => JSON.stringify([row.source, row.dag_id, row.origin])}
        pageSize={10}
        searchText={(row) => `${row.dag_id} ${row.source}`}
      />
    </Section>
  );
}

const YAML = css({ margin: 0, whiteSpace: 'pre-wrap' });

const COLUMNS: Column<PromiseSuggestion>[] = [
  { id: 'dag', header: 'DAG', cell: (row) => row.dag_id, sortValue: (row) => row.dag_id },
  { id: 'origin', header: 'From', cell: (row) => row.origin, sortValue: (row) => row.origin },
  {
    id: 'limit',
    header: 'Limit',
    align: 'right',
    cell: (row) => lineText(row.limit_seconds),
    sortValue: (row) => row.limit_seconds,
  },
  {
    id: 'yaml',
    header: 'Entry',
    cell: (row) => (
      <Stack direction="row" gap={1} alignItems="center">
        <pre className={YAML}>{row.yaml.trimEnd()}</pre>
        <ClipboardButton
          size="sm"
          variant="secondary"
          icon="copy"
          getText={() => row.yaml}
          aria-label={`Copy the entry for ${row.dag_id}`}
        >
          Copy
        </ClipboardButton>
      </Stack>
    ),
  },
  { id: 'source', header: 'Source', secondary: true, cell: (row) => <Text color="secondary">{row.source}</Text> },
];
