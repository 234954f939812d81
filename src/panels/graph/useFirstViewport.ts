import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { Size } from '../useElementSize.ts';
import type { ShownGraph } from './fold.ts';
import type { Layout } from './layout/types.ts';
import { focusOf } from './search.ts';
import { firstViewport } from './viewport.ts';

/**
 * Turns to the graph when its structure (`key`) changes; a later refresh of its states leaves the user where they are.
 * The very first time the view is mounted there already.
 */
export function useFirstViewport(key: string, layout: Layout, size: Size | null, shown: ShownGraph): void {
  const { setViewport } = useReactFlow();
  const done = useRef('');
  useEffect(() => {
    if (!size || done.current === key) return;
    const mounted = done.current === '';
    done.current = key;
    if (mounted) return;
    void setViewport(firstViewport(layout, size, focusOf(shown)));
  }, [key, layout, size, shown, setViewport]);
}
