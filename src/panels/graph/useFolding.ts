import { useCallback, useMemo, useState } from 'react';
import { fold, groupSizes, initiallyCollapsed, type ShownGraph } from './fold.ts';
import type { GraphModel } from '../../data/graphModel.ts';
import type { GraphOptions } from './options.ts';

export interface Folding {
  shown: ShownGraph;
  hasGroups: boolean;
  anyOpen: boolean;
  toggle: (group: string) => void;
  openAll: () => void;
  closeAll: () => void;
}

/** Which groups are collapsed: those that the option says, until the user opens or closes some. */
export function useFolding(model: GraphModel, option: GraphOptions['groups']): Folding {
  const [chosen, setChosen] = useState<GraphOptions['groups'] | null>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(() => [...groupSizes(model).keys()], [model]);
  const collapsed = useMemo(() => {
    const initial = initiallyCollapsed(model, chosen ?? option);
    return new Set(groups.filter((group) => initial.has(group) !== toggled.has(group)));
  }, [model, groups, chosen, option, toggled]);
  const shown = useMemo(() => fold(model, collapsed), [model, collapsed]);
  const toggle = useCallback((group: string) => {
    setToggled((before) => {
      const after = new Set(before);
      if (!after.delete(group)) after.add(group);
      return after;
    });
  }, []);
  const setAll = useCallback((all: GraphOptions['groups']) => {
    setChosen(all);
    setToggled(new Set());
  }, []);
  const openAll = useCallback(() => setAll('expanded'), [setAll]);
  const closeAll = useCallback(() => setAll('collapsed'), [setAll]);
  return { shown, hasGroups: groups.length > 0, anyOpen: collapsed.size < groups.length, toggle, openAll, closeAll };
}
