import { useMemo } from 'react';
import { layoutGraph } from './layout/layoutGraph.ts';
import type { Layout, LayoutInput } from './layout/types.ts';

interface LayoutState {
  layout: Layout;
  /** Changes with the structure of the graph, not with its states. */
  key: string;
}

/** The layout of a graph, computed again only when its structure changes. */
export function useLayout(input: LayoutInput): LayoutState {
  const key = useMemo(() => JSON.stringify(input), [input]);
  const layout = useMemo(() => layoutGraph(JSON.parse(key) as LayoutInput), [key]);
  return { layout, key };
}
