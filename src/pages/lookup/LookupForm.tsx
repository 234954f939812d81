import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Combobox, Field, TextArea, useStyles2 } from '@grafana/ui';
import { memo, useMemo, useState, type FormEvent, type KeyboardEvent } from 'react';
import { useExporter } from '../../app/useExporter.ts';
import { parseIds, formatIds } from '../../lookup/parseIds.ts';
import type { LookupQuestion } from '../../lookup/findRuns.ts';

interface Props {
  question: LookupQuestion | null;
  busy: boolean;
  onAsk: (question: LookupQuestion) => void;
}

/** The form for ids. Enter submits, Shift+Enter starts a new line. To show another question, remount it (`key`). */
export function LookupForm({ question, busy, onAsk }: Props) {
  const styles = useStyles2(getStyles);
  const [text, setText] = useState(formatIds(question?.values ?? []));
  const [chosenKey, setKey] = useState(question?.key);
  const [dagId, setDagId] = useState(question?.dagId);
  const known = useExporter(['keys'], (api, signal) => api.keys({}, signal)).data?.items;
  const key = chosenKey ?? known?.[0]?.key ?? 'user_id';
  const keys = useMemo(() => [key, ...(known ?? []).map((each) => each.key)], [key, known]);
  const ids = parseIds(text);
  const ask = (event?: FormEvent) => {
    event?.preventDefault();
    if (ids.length > 0) onAsk({ key, values: ids, dagId });
  };
  const askOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  };
  const example = known?.find((each) => each.key === key)?.values[0] ?? '42';
  return (
    <form className={styles.form} onSubmit={ask} role="search" aria-label="Find runs by id">
      <KeyField name={key} names={keys} onChange={setKey} className={styles.key} />
      <Field label={idsLabel(ids.length)} htmlFor="lookup-ids" noMargin className={styles.ids}>
        <TextArea
          id="lookup-ids"
          value={text}
          className={styles.area}
          rows={Math.min(6, Math.max(1, text.split('\n').length))}
          placeholder={`e.g. ${example}, or paste a column`}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={askOnEnter}
          autoFocus={!question}
        />
      </Field>
      <DagField dagId={dagId} onChange={setDagId} className={styles.dag} />
      <Button type="submit" icon={busy ? 'spinner' : 'search'} disabled={ids.length === 0} className={styles.button}>
        {ids.length > 1 ? `Find runs of ${ids.length.toLocaleString('en')}` : 'Find runs'}
      </Button>
    </form>
  );
}

interface KeyFieldProps {
  name: string;
  names: readonly string[];
  onChange: (name: string) => void;
  className: string;
}

const KeyField = memo(function KeyField({ name, names, onChange, className }: KeyFieldProps) {
  return (
    <Field label="Key" htmlFor="lookup-key" noMargin className={className}>
      <Combobox id="lookup-key" options={optionsOf(names)} value={name} onChange={(option) => onChange(option.value)} />
    </Field>
  );
});

interface DagFieldProps {
  dagId: string | undefined;
  onChange: (dagId: string | undefined) => void;
  className: string;
}

const DagField = memo(function DagField({ dagId, onChange, className }: DagFieldProps) {
  const known = useExporter(['dags'], (api, signal) => api.dags(signal)).data?.items;
  const ids = [...(dagId ? [dagId] : []), ...(known ?? []).map((dag) => dag.dag_id)];
  return (
    <Field label="DAG" htmlFor="lookup-dag" noMargin className={className}>
      <Combobox
        id="lookup-dag"
        isClearable
        placeholder="Any"
        createCustomValue
        options={optionsOf(ids)}
        value={dagId ?? null}
        onChange={(option) => onChange(option?.value)}
      />
    </Field>
  );
});

function idsLabel(count: number): string {
  return count > 1 ? `Ids (${count.toLocaleString('en')})` : 'Id';
}

function optionsOf(values: readonly string[]) {
  return [...new Set(values)].map((value) => ({ value, label: value }));
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1.5), alignItems: 'flex-start' }),
  key: css({ flex: '0 1 180px', minWidth: 140 }),
  ids: css({ flex: '1 1 260px', minWidth: 200 }),
  dag: css({ flex: '0 1 220px', minWidth: 160 }),
  // Aligned with the fields, which have labels above them.
  button: css({
    marginTop: theme.spacing(2.5),
    [theme.breakpoints.down('sm')]: { marginTop: 0, flex: '1 1 100%', justifyContent: 'center' },
  }),
  area: css({ minHeight: theme.spacing(4), paddingTop: 5, paddingBottom: 5 }),
});
