import { useStyles2 } from '@grafana/ui';
import { useStore } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import { useMeasuredSize } from '../useElementSize.ts';
import { describeNode } from './describe.ts';
import { GROUP_ID } from './fold.ts';
import { FlowView } from './FlowView.tsx';
import { GraphLegend } from './GraphLegend.tsx';
import { GraphToolbar } from './GraphToolbar.tsx';
import { CollapseContext } from './GroupBox.tsx';
import type { Orientation } from './layout/types.ts';
import { statesInWords } from '../../data/countStates.ts';
import type { GraphModel } from '../../data/graphModel.ts';
import { DEFAULT_GRAPH_OPTIONS, type GraphOptions } from './options.ts';
import { findNodes, slowEdges } from './search.ts';
import { graphStyles, ZOOM_ATTRIBUTE } from './styles.ts';
import { layoutInput, type Look } from './toFlow.ts';
import { useFolding } from './useFolding.ts';
import { useLayout } from './useLayout.ts';
import { useFirstViewport } from './useFirstViewport.ts';
import { useTravel } from './useTravel.ts';
import { LEGIBLE_ZOOM } from './viewport.ts';

export interface DagGraphProps {
  model: GraphModel;
  width: number;
  height: number;
  options?: Partial<GraphOptions>;
  selectedTaskId?: string | null;
  onSelectTask?: (taskId: string) => void;
}

const NARROW_PX = 560;
const NO_TASKS = 'This run has no tasks to draw.';

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
  const measured = useMeasuredSize(view, { width, height });
  const size = measured ?? { width, height };
  const far = useStore((state) => state.transform[2] < LEGIBLE_ZOOM);
  const [text, setText] = useState('');
  const [turned, setTurned] = useState<Orientation | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const orientation = turned ?? options.orientation;
  const folding = useFolding(model, options.groups);
  const { shown, toggle } = folding;
  const input = useMemo(() => layoutInput(shown, orientation), [shown, orientation]);
  const { layout, key } = useLayout(input);
  const found = useMemo(() => findNodes(shown, text), [shown, text]);
  const slow = useMemo(() => slowEdges(shown, options.slowTransitionSeconds), [shown, options.slowTransitionSeconds]);
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
  useFirstViewport(key, layout, measured, shown, orientation);

  const choose = useCallback(
    (id: string) => {
      setActiveId(id);
      if (id.startsWith(GROUP_ID)) toggle(id.slice(GROUP_ID.length));
      else onSelectTask?.(id);
    },
    [toggle, onSelectTask],
  );
  const travel = useTravel({ layout, size, orientation, edges: shown.edges, activeId, setActiveId, choose });
  const active = shown.nodes.find((node) => node.id === activeId);
  const states = useMemo(() => statesInWords(model.nodes), [model]);

  return (
    <div className={styles.root} style={{ width, height }}>
      {options.showToolbar && (
        <GraphToolbar
          text={text}
          onText={setText}
          found={found?.size ?? null}
          onNextFound={() => travel.goToNext([...(found ?? [])])}
          slow={slow.length}
          slowSeconds={options.slowTransitionSeconds}
          onNextSlow={() => travel.goToNextEdge(slow)}
          folding={folding}
          orientation={orientation}
          onOrientation={setTurned}
          onZoom={travel.zoomBy}
          onFit={travel.fit}
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
          aria-label={`DAG of ${model.nodes.length} tasks: ${states}. Arrow keys move along the dependencies, Enter chooses, plus and minus zoom, 0 shows the whole graph.`}
          onKeyDown={travel.onKeyDown}
        >
          {model.nodes.length > 0 && measured && (
            <FlowView
              shown={shown}
              layout={layout}
              look={look}
              width={size.width}
              height={size.height}
              greedyWheel={options.zoomMode === 'greedy'}
              minimap={options.showMinimap && width >= NARROW_PX}
              onChoose={choose}
            />
          )}
          {model.nodes.length === 0 && <div className={styles.message}>{NO_TASKS}</div>}
          <div className={styles.hidden} aria-live="polite">
            {active && describeNode(active)}
          </div>
        </div>
      </CollapseContext.Provider>
      {options.showLegend && (
        <GraphLegend
          model={model}
          slowSeconds={options.slowTransitionSeconds}
          slow={slow.length > 0}
          critical={options.showCriticalPath && model.nodes.some((node) => node.critical)}
        />
      )}
    </div>
  );
}
