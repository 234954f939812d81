import type { QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField, Stack } from '@grafana/ui';
import { useMemo } from 'react';
import { queryTypeOf, type ExporterSource, type QueryType, type RunsJsonData, type RunsQuery } from '../types.ts';
import { QueryField, type FieldName } from './QueryField.tsx';
import { suggestions, suggestRuns } from './suggestions.ts';

type Props = QueryEditorProps<ExporterSource, RunsQuery, RunsJsonData>;

const TYPES: { value: QueryType; label: string; description: string }[] = [
  { value: 'lookup', label: 'Lookup', description: 'runs of one or many ids' },
  { value: 'runs', label: 'Runs', description: 'runs of the time range' },
  { value: 'run_tasks', label: 'Run tasks', description: 'every try of a run’s tasks, for the Gantt' },
  { value: 'run_graph', label: 'Run graph', description: 'tasks and edges of a run, for the graph' },
  { value: 'journey', label: 'Journey', description: 'all runs of an id with the gaps between, for the Gantt' },
  { value: 'transitions', label: 'Transitions', description: 'slowest transitions between two tasks' },
  { value: 'schedulers', label: 'Schedulers', description: 'schedulers and their current heartbeats' },
  { value: 'outages', label: 'Outages', description: 'intervals without a live scheduler' },
];

const FIELDS: Record<QueryType, readonly FieldName[]> = {
  lookup: ['key', 'values', 'dag_id', 'source', 'use_time_range', 'limit'],
  runs: ['dag_id', 'states', 'source', 'limit'],
  run_tasks: ['dag_id', 'run_id', 'source'],
  run_graph: ['dag_id', 'run_id', 'source'],
  journey: ['key', 'values', 'limit'],
  transitions: ['dag_id', 'source', 'limit'],
  schedulers: ['source'],
  outages: ['source', 'limit'],
};

/** Edits a query: its type, and only the fields that this type uses. */
export function QueryEditor(props: Props) {
  const { query, onChange, onRunQuery } = props;
  const type = queryTypeOf(query);
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      <InlineField label="Show" labelWidth={10}>
        <Combobox
          id={`runbeat-${query.refId}-type`}
          width={30}
          options={TYPES}
          value={type}
          onChange={({ value }) => {
            onChange({ ...query, queryType: value });
            onRunQuery();
          }}
        />
      </InlineField>
      <Fields {...props} type={type} />
    </Stack>
  );
}

/** Edits the query of an annotation, which is always about outages. */
export function OutagesEditor(props: Props) {
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      <Fields {...props} type="outages" />
    </Stack>
  );
}

function Fields({ type, query, onChange, onRunQuery, datasource }: Props & { type: QueryType }) {
  const suggest = useMemo(
    () => ({ ...suggestions(datasource.api), run_id: suggestRuns(datasource.api, query.dag_id) }),
    [datasource, query.dag_id],
  );
  const change = (part: Partial<RunsQuery>) => {
    onChange({ ...query, queryType: type, ...part });
    onRunQuery();
  };
  return FIELDS[type].map((name) => (
    <QueryField key={`${type} ${name}`} name={name} query={query} onChange={change} suggest={suggest} />
  ));
}
