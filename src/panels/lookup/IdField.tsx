import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, TextArea, useStyles2 } from '@grafana/ui';
import { useId, useState, type FormEvent, type KeyboardEvent } from 'react';
import { formatIds, parseIds } from '../../lookup/parseIds.ts';

interface Props {
  label: string;
  /** Ids as the variable contains them. */
  value: string;
  onAsk: (value: string) => void;
}

/** Field for one or more ids; Enter submits them. Remount it (`key`) when the variable changes elsewhere. */
export function IdField({ label, value, onAsk }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const [text, setText] = useState(value);
  const ids = parseIds(text);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    onAsk(formatIds(ids));
  };
  const askOnEnter = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) ask(event);
  };
  return (
    <form className={styles.form} role="search" onSubmit={ask}>
      <label htmlFor={id}>{label}</label>
      <TextArea
        id={id}
        className={styles.field}
        rows={Math.min(4, Math.max(1, text.split('\n').length))}
        value={text}
        placeholder="one id, or paste a column"
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={askOnEnter}
      />
      <Button type="submit" icon="search" disabled={ids.length === 0}>
        {ids.length > 1 ? `Find runs of ${ids.length.toLocaleString('en')}` : 'Find runs'}
      </Button>
    </form>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  field: css({ flex: '1 1 140px', width: 'auto', minHeight: theme.spacing(4), resize: 'vertical' }),
});
