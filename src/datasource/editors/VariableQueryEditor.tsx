import type { QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField, Stack } from '@grafana/ui';
import { useMemo } from 'react';
import {
  variableKindOf,
  type ExporterSource,
  type RunsJsonData,
  type RunsQuery,
  type RunsVariableQuery,
  type VariableKind,
} from '../types.ts';
import { suggestions } from './suggestions.ts';
import { TextCombobox } from './TextCombobox.tsx';

type Props = QueryEditorProps<ExporterSource, RunsQuery, RunsJsonData, RunsVariableQuery>;

const KINDS: { value: VariableKind; label: string; description: string }[] = [
  { value: 'dags', label: 'DAGs', description: 'dag_ids, of all sources or one' },
  { value: 'sources', label: 'Sources', description: 'the databases that the exporter observes' },
  { value: 'states', label: 'Run states', description: 'queued, running, success, failed' },
  { value: 'keys', label: 'Business keys', description: 'by which runs are found, e.g. user_id' },
  { value: 'values', label: 'Values of a key', description: 'seen in the dashboard’s time range, newest first' },
];

/** What a dashboard variable lists. */
export function VariableQueryEditor({ query, onChange, datasource }: Props) {
  const suggest = useMemo(() => suggestions(datasource.api), [datasource]);
  const kind = variableKindOf(query);
  const change = (part: Partial<RunsVariableQuery>) =>
    onChange({ ...query, refId: query.refId ?? 'RunbeatVariable', kind, ...part });
  return (
    <Stack direction="row" wrap="wrap" gap={1}>
      <InlineField label="List" labelWidth={12}>
        <Combobox
          id="runbeat-variable-kind"
          width={30}
          options={KINDS}
          value={kind}
          onChange={({ value }) => change({ kind: value })}
        />
      </InlineField>
      {kind === 'dags' && (
        <InlineField label="Source" labelWidth={12} tooltip="Leave empty for all sources. Accepts a variable.">
          <TextCombobox
            id="runbeat-variable-source"
            width={30}
            placeholder="all"
            value={query.source}
            suggest={suggest.source}
            onChange={(source) => change({ source })}
          />
        </InlineField>
      )}
      {kind === 'values' && (
        <InlineField label="Key" labelWidth={12} tooltip="Leave empty for all keys. Accepts a variable.">
          <TextCombobox
            id="runbeat-variable-key"
            width={30}
            placeholder="all"
            value={query.key}
            suggest={suggest.key}
            onChange={(key) => change({ key })}
          />
        </InlineField>
      )}
    </Stack>
  );
}
