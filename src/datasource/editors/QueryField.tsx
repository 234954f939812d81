import { InlineField, InlineSwitch, Input, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import { DAG_RUN_STATES } from '../../../shared/states.ts';
import type { RunsQuery } from '../types.ts';
import { TextCombobox } from './TextCombobox.tsx';

const LABEL_WIDTH = 10;

export type FieldName = 'key' | 'values' | 'states' | 'source' | 'dag_id' | 'run_id' | 'use_time_range' | 'limit';
type TextName = 'key' | 'dag_id' | 'run_id' | 'source';

export interface QueryFieldProps {
  name: FieldName;
  query: RunsQuery;
  onChange: (part: Partial<RunsQuery>) => void;
  suggest: Record<TextName, (input: string) => Promise<ComboboxOption[]>>;
}

const TEXTS: Record<TextName, { label: string; placeholder: string; width: number }> = {
  key: { label: 'Key', placeholder: 'user_id', width: 30 },
  dag_id: { label: 'DAG', placeholder: 'any, or $dag', width: 30 },
  run_id: { label: 'Run', placeholder: 'run_id, or $run', width: 50 },
  source: { label: 'Source', placeholder: 'any', width: 30 },
};

/** One field of a query, by its name. */
export function QueryField({ name, query, onChange, suggest }: QueryFieldProps) {
  const props = { id: `runbeat-${query.refId}-${name}`, query, onChange };
  switch (name) {
    case 'values':
      return <IdsField {...props} />;
    case 'states':
      return <StatesField {...props} />;
    case 'use_time_range':
      return <TimeRangeField {...props} />;
    case 'limit':
      return <LimitField {...props} />;
    default: {
      const { label, ...look } = TEXTS[name];
      return (
        <InlineField label={label} labelWidth={LABEL_WIDTH}>
          <TextCombobox
            {...look}
            id={props.id}
            value={query[name]}
            suggest={suggest[name]}
            onChange={(value) => onChange({ [name]: value })}
          />
        </InlineField>
      );
    }
  }
}

type FieldProps = Pick<QueryFieldProps, 'query' | 'onChange'> & { id: string };

function IdsField({ id, query, onChange }: FieldProps) {
  return (
    <InlineField
      label="Ids"
      labelWidth={LABEL_WIDTH}
      tooltip="Separate values with commas, or use a multi-value variable."
    >
      <Input
        id={id}
        width={40}
        defaultValue={query.values}
        placeholder="42, or $user"
        onBlur={(event) => onChange({ values: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Enter' && onChange({ values: event.currentTarget.value })}
      />
    </InlineField>
  );
}

function StatesField({ id, query, onChange }: FieldProps) {
  return (
    <InlineField label="States" labelWidth={LABEL_WIDTH}>
      <MultiCombobox
        id={id}
        width={30}
        placeholder="all"
        options={DAG_RUN_STATES.map((value) => ({ value: String(value), label: value }))}
        value={query.states ?? []}
        onChange={(chosen) => onChange({ states: chosen.map(({ value }) => value) })}
      />
    </InlineField>
  );
}

function TimeRangeField({ id, query, onChange }: FieldProps) {
  return (
    <InlineField label="Time range only" tooltip="If off, ids are found at any time.">
      <InlineSwitch
        id={id}
        value={query.use_time_range ?? false}
        onChange={(event) => onChange({ use_time_range: event.currentTarget.checked })}
      />
    </InlineField>
  );
}

function LimitField({ id, query, onChange }: FieldProps) {
  return (
    <InlineField label="Limit" labelWidth={LABEL_WIDTH}>
      <Input
        id={id}
        type="number"
        min={1}
        width={12}
        defaultValue={query.limit}
        placeholder="100"
        onBlur={(event) => onChange({ limit: Number(event.currentTarget.value) || undefined })}
      />
    </InlineField>
  );
}
