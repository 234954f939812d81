import { useStyles2 } from '@grafana/ui';
import { useReactFlow, useStore } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useElementSize } from '../useElementSize.ts';
import type { DagGraphProps } from './DagGraph.tsx';
import { describeNode } from './describe.ts';
import { GROUP_ID } from './fold.ts';
import { FlowView } from './FlowView.tsx';
import { GraphLegend } from './GraphLegend.tsx';
import { GraphToolbar } from './GraphToolbar.tsx';
import { CollapseContext } from './GroupBox.tsx';
import type { Orientation } from './layout/types.ts';
import { MiniMap } from './MiniMap.tsx';
import { DEFAULT_GRAPH_OPTIONS } from './options.ts';
import { findNodes, focusOf, slowStarts } from './search.ts';
import { graphStyles, ZOOM_ATTRIBUTE } from './styles.ts';
import { layoutInput, type Look } from './toFlow.ts';
import { useFolding } from './useFolding.ts';
import { useLayout } from './useLayout.ts';
import { centreOn, firstViewport, fitViewport, LEGIBLE_ZOOM } from './viewport.ts';
import { directionOf, firstNode, step } from './walk.ts';

const NARROW_PX = 560;
const NO_TASKS = 'This run has no tasks to draw.';
const BIG_ENOUGH_FOR_MAP = 12;

/** Toolbar, graph, minimap and legend; what DagGraph shows inside React Flow's provider. */
export function GraphView({
  model,
  width,
  height,
  selectedTaskId = null,
  onSelectTask,
  ...props
}: DagGraphProps): ReactElement {
  const options = useMemo(() => ({ ...DEFAULT_GRAPH_OPTIONS, ...props.options }), [props.options]);
  const styles = useStyles2(graphStyles);
  const view = useRef<HTMLDivElement>(null);
  const size = useElementSize(view, { width, height });
  const flow = useReactFlow();
  const far = useStore((state) => state.transform[2] < LEGIBLE_ZOOM);
  const [text, setText] = useState('');
  const [turned, setTurned] = useState<Orientation | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const orientation = turned ?? options.orientation;
  const folding = useFolding(model, options.groups);
  const { shown, toggle } = folding;
  const input = useMemo(() => layoutInput(shown, orientation), [shown, orientation]);
  const { layout, key, error } = useLayout(input);
  const found = useMemo(() => findNodes(shown, text), [shown, text]);
  const slow = useMemo(() => slowStarts(shown, options.slowTransitionSeconds), [shown, options.slowTransitionSeconds]);
  const look = useMemo(
    (): Look => ({
      orientation,
      slowSeconds: options.slowTransitionSeconds,
      edgeLabels: options.edgeLabels,
      showCriticalPath: options.showCriticalPath,
      activeId,
      selectedTaskId,
      found,
    }),
    [orientation, options, activeId, selectedTaskId, found],
  );
  useFirstViewport(key, layout, size, shown, orientation);

  const choose = useCallback(
    (id: string) => {
      setActiveId(id);
      if (id.startsWith(GROUP_ID)) toggle(id.slice(GROUP_ID.length));
      else onSelectTask?.(id);
    },
    [toggle, onSelectTask],
  );
  const goTo = (id: string | null | undefined) => {
    const at = id == null ? undefined : layout?.nodes[id];
    if (id == null || !at) return;
    setActiveId(id);
    void flow.setViewport(centreOn(at, size, Math.max(flow.getZoom(), LEGIBLE_ZOOM * 1.15)), { duration: glide() });
  };
  const goToNext = (ids: readonly string[]) => goTo(ids[(ids.indexOf(activeId ?? '') + 1) % ids.length]);
  const fit = () => layout && void flow.setViewport(fitViewport(layout, size), { duration: glide() });
  const zoomBy = (factor: number) => void flow.zoomTo(flow.getZoom() * factor, { duration: glide() });
  const onKeyDown = (event: KeyboardEvent) => {
    if (!layout || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const direction = directionOf(event.key, orientation);
    if (direction)
      goTo(activeId ? step(activeId, direction, shown.edges, layout, orientation) : firstNode(layout, orientation));
    else if (event.key === '+' || event.key === '=') zoomBy(1.4);
    else if (event.key === '-') zoomBy(1 / 1.4);
    else if (event.key === '0' || event.key === 'f') fit();
    else if (event.key === 'Enter' && activeId) choose(activeId);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const active = shown.nodes.find((node) => node.id === activeId);

  return (
    <div className={styles.root} style={{ width, height }}>
      {options.showToolbar && (
        <GraphToolbar
          text={text}
          onText={setText}
          found={found?.size ?? null}
          onNextFound={() => goToNext([...(found ?? [])])}
          slow={slow.length}
          slowSeconds={options.slowTransitionSeconds}
          onNextSlow={() => goToNext(slow)}
          folding={folding}
          orientation={orientation}
          onOrientation={setTurned}
          onZoom={zoomBy}
          onFit={fit}
          notes={model.notes}
          narrow={width < NARROW_PX}
        />
      )}
      <CollapseContext.Provider value={toggle}>
        <div
          ref={view}
          className={styles.view}
          {...{ [ZOOM_ATTRIBUTE]: far ? 'far' : 'near' }}
          role="group"
          tabIndex={0}
          aria-label={`DAG of ${model.nodes.length} tasks. Arrow keys move along the dependencies, Enter chooses, plus and minus zoom, 0 shows the whole graph.`}
          onKeyDown={onKeyDown}
        >
          {layout && (
            <FlowView
              shown={shown}
              layout={layout}
              look={look}
              width={size.width}
              height={size.height}
              greedyWheel={options.zoomMode === 'greedy'}
              onChoose={choose}
            />
          )}
          {layout && options.showMinimap && shown.nodes.length > BIG_ENOUGH_FOR_MAP && width >= NARROW_PX && (
            <MiniMap shown={shown} layout={layout} look={look} width={size.width} height={size.height} />
          )}
          {model.nodes.length === 0 && <div className={styles.message}>{NO_TASKS}</div>}
          {error && <div className={styles.message}>The graph could not be laid out: {error}</div>}
          <div className={styles.hidden} aria-live="polite">
            {active && describeNode(active)}
          </div>
        </div>
      </CollapseContext.Provider>
      {options.showLegend && model.nodes.length > 0 && (
        <GraphLegend
          model={model}
          slowSeconds={options.slowTransitionSeconds}
          critical={options.showCriticalPath && model.nodes.some((node) => node.critical)}
        />
      )}
    </div>
  );
}

/** Turns to the graph once a structure; a later refresh of its states leaves the user where they are. */
function useFirstViewport(
  key: string,
  layout: ReturnType<typeof useLayout>['layout'],
  size: { width: number; height: number },
  shown: Parameters<typeof focusOf>[0],
  orientation: Orientation,
): void {
  const { setViewport } = useReactFlow();
  const done = useRef('');
  useEffect(() => {
    if (!layout || done.current === key) return;
    done.current = key;
    void setViewport(firstViewport(layout, size, focusOf(shown) ?? firstNode(layout, orientation)));
  }, [key, layout, size, shown, orientation, setViewport]);
}

/** Milliseconds of a move; none where the user's system asks for less motion. */
function glide(): number {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200;
}
