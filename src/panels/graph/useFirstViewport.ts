import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { Size } from '../useElementSize.ts';
import type { ShownGraph } from './fold.ts';
import type { Layout, Orientation } from './layout/types.ts';
import { focusOf } from './search.ts';
import { firstViewport } from './viewport.ts';

/**
 * Shows the graph when its structure (`key`) changes. A later refresh of its states leaves the user's view unchanged.
 * The first time, the view is mounted with the right viewport already.
 */
export function useFirstViewport(
  key: string,
  layout: Layout,
  size: Size | null,
  shown: ShownGraph,
  orientation: Orientation,
): void {
  const { setViewport } = useReactFlow();
  const done = useRef('');
  useEffect(() => {
    if (!size || done.current === key) return;
    const mounted = done.current === '';
    done.current = key;
    if (mounted) return;
    void setViewport(firstViewport(layout, size, focusOf(shown, layout, orientation)));
  }, [key, layout, size, shown, orientation, setViewport]);
}
