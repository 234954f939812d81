import { useEffect, useMemo, useState } from 'react';
import { runLayout } from './layout/runLayout.ts';
import type { Layout, LayoutInput } from './layout/types.ts';

export interface LayoutState {
  /** Null until the first one is there; the one before while the next is made. */
  layout: Layout | null;
  /** Changes with the structure of the graph, not with its states. */
  key: string;
  error: string | null;
}

/** The layout of a graph, made off the main thread and only when its structure changes. */
export function useLayout(input: LayoutInput): LayoutState {
  const key = useMemo(() => JSON.stringify(input), [input]);
  const [state, setState] = useState<LayoutState>({ layout: null, key: '', error: null });
  useEffect(() => {
    let wanted = true;
    const { result, cancel } = runLayout(JSON.parse(key) as LayoutInput);
    result.then(
      (layout) => wanted && setState({ layout, key, error: null }),
      (error: unknown) => wanted && setState({ layout: null, key, error: String(error) }),
    );
    return () => {
      wanted = false;
      cancel();
    };
  }, [key]);
  return state;
}
