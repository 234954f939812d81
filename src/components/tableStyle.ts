import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';

interface StyledColumn {
  header: string;
  align?: 'right';
  secondary?: boolean;
}

/** Widths of the table below which secondary columns are hidden, and below which a row becomes a card. */
const MEDIUM = '@container (max-width: 820px)';
const NARROW = '@container (max-width: 620px)';
const WIDE = '@container (min-width: 620.1px)';

/** The class of a table with these columns. Grafana's table has no classes for columns, so they are selected by position. */
export function useTableStyle(columns: readonly StyledColumn[]): string {
  const theme = useTheme2();
  const key = JSON.stringify(columns.map(({ header, align, secondary }) => ({ header, align, secondary })));
  return useMemo(() => {
    const styles = (JSON.parse(key) as StyledColumn[]).map((column, at) => columnStyle(column, at + 1, theme));
    return css([tableStyle(theme), ...styles]);
  }, [theme, key]);
}

function columnStyle({ header, align, secondary }: StyledColumn, place: number, theme: GrafanaTheme2) {
  const [head, cell] = [`th:nth-child(${place})`, `td:nth-child(${place})`];
  return {
    ...(align === 'right' && {
      // A duration such as "331 ms" stays on one line.
      [`${head}, ${head} > button, ${cell}`]: {
        textAlign: 'right' as const,
        fontVariantNumeric: 'tabular-nums',
        whiteSpace: 'nowrap' as const,
      },
      // The same space that the header reserves for the arrow.
      [WIDE]: { [cell]: { paddingRight: theme.spacing(2.5) } },
    }),
    ...(secondary && { [MEDIUM]: { [`${head}, ${cell}`]: { display: 'none' } } }),
    [NARROW]: { [`${cell}::before`]: { content: JSON.stringify(header) } },
  };
}

function tableStyle(theme: GrafanaTheme2) {
  return {
    'th, th > button': { fontSize: theme.typography.bodySmall.fontSize, color: theme.colors.text.secondary },
    [NARROW]: {
      '&, tbody, tr': { display: 'block' },
      thead: { display: 'none' },
      tr: { padding: theme.spacing(1, 0) },
      td: {
        display: 'grid',
        gridTemplateColumns: 'minmax(112px, 30%) 1fr',
        justifyItems: 'start',
        gap: theme.spacing(1),
        padding: theme.spacing(0.25, 0),
        overflowWrap: 'anywhere' as const,
      },
      'td::before': { color: theme.colors.text.secondary },
    },
  };
}
