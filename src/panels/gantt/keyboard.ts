/** The command of a key. */
export type GanttCommand =
  | { do: 'move'; rows: number }
  | { do: 'first' }
  | { do: 'last' }
  | { do: 'open' }
  | { do: 'close' }
  | { do: 'zoom'; factor: number }
  | { do: 'pan'; fraction: number }
  | { do: 'fit' }
  | { do: 'reset' }
  | { do: 'choose' };

interface Key {
  key: string;
  shiftKey?: boolean;
  ctrlKey?: boolean;
  metaKey?: boolean;
  altKey?: boolean;
}

const PLAIN: Readonly<Record<string, GanttCommand>> = {
  ArrowDown: { do: 'move', rows: 1 },
  ArrowUp: { do: 'move', rows: -1 },
  Home: { do: 'first' },
  End: { do: 'last' },
  '+': { do: 'zoom', factor: 0.5 },
  '=': { do: 'zoom', factor: 0.5 },
  '-': { do: 'zoom', factor: 2 },
  '0': { do: 'reset' },
  Escape: { do: 'reset' },
  f: { do: 'fit' },
  Enter: { do: 'choose' },
  ' ': { do: 'choose' },
};

/** The command of a key, or null if it has none. Left and right open and close a group row; on other rows they move in time. */
export function commandOf(event: Key, onGroupRow: boolean, pageRows: number): GanttCommand | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === 'PageDown') return { do: 'move', rows: pageRows };
  if (event.key === 'PageUp') return { do: 'move', rows: -pageRows };
  if (event.key === 'ArrowRight') return onGroupRow && !event.shiftKey ? { do: 'open' } : { do: 'pan', fraction: 0.2 };
  if (event.key === 'ArrowLeft') return onGroupRow && !event.shiftKey ? { do: 'close' } : { do: 'pan', fraction: -0.2 };
  return PLAIN[event.key] ?? null;
}
