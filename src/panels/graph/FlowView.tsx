import { useStyles2 } from '@grafana/ui';
import { PanOnScrollMode, ReactFlow, useReactFlow, useStore, type NodeMouseHandler } from '@xyflow/react';
import { useEffect, useMemo, useState, type MouseEvent, type ReactElement } from 'react';
import { describeNode } from './describe.ts';
import type { ShownGraph } from './fold.ts';
import { GroupBox } from './GroupBox.tsx';
import type { Layout } from './layout/types.ts';
import { MiniMap } from './MiniMap.tsx';
import { Overview } from './Overview.tsx';
import { nodeAt } from './paintOverview.ts';
import { graphStyles } from './styles.ts';
import { GroupNode, TaskNode } from './TaskNode.tsx';
import { flowEdges, flowNodes, type FlowEdge, type FlowNode, type Look } from './toFlow.ts';
import { TransitionEdge } from './TransitionEdge.tsx';
import { focusOf } from './search.ts';
import { firstViewport, MAX_ZOOM, MIN_ZOOM, OVERVIEW_ZOOM } from './viewport.ts';

interface Props {
  shown: ShownGraph;
  layout: Layout;
  look: Look;
  width: number;
  height: number;
  greedyWheel: boolean;
  minimap: boolean;
  onChoose: (id: string) => void;
}

const BIG_ENOUGH_FOR_MAP = 12;
/** With more nodes than this, elements outside of the view are not built. */
const MANY_NODES = 150;
const NODE_TYPES = { task: TaskNode, group: GroupNode, box: GroupBox };
const EDGE_TYPES = { transition: TransitionEdge };
const NO_NODES: FlowNode[] = [];
const NO_EDGES: FlowEdge[] = [];

/** The graph itself: built of elements while they are legible, painted on a canvas when zoomed out. */
export function FlowView(props: Props): ReactElement {
  const { shown, layout, look, width, height, greedyWheel, minimap, onChoose } = props;
  const [first] = useState(() => firstViewport(layout, { width, height }, startOf(shown, layout, look)));
  const afar = useStore((state) => (state.panZoom ? state.transform[2] : first.zoom) < OVERVIEW_ZOOM);
  const nodes = useMemo(() => (afar ? NO_NODES : flowNodes(shown, layout, look)), [afar, shown, layout, look]);
  const edges = useMemo(() => (afar ? NO_EDGES : flowEdges(shown, layout, look)), [afar, shown, layout, look]);
  const { screenToFlowPosition } = useReactFlow();
  const onNodeClick: NodeMouseHandler<FlowNode> = (_, node) => {
    if (node.type !== 'box') onChoose(node.id);
  };
  const under = (event: MouseEvent) =>
    afar ? nodeAt(layout, screenToFlowPosition({ x: event.clientX, y: event.clientY })) : null;
  return (
    <ReactFlow<FlowNode, FlowEdge>
      aria-label="Tasks and their dependencies"
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      defaultViewport={first}
      minZoom={MIN_ZOOM}
      maxZoom={MAX_ZOOM}
      onlyRenderVisibleElements={shown.nodes.length > MANY_NODES}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      zoomOnScroll={greedyWheel}
      panOnScroll={false}
      panOnScrollMode={PanOnScrollMode.Free}
      preventScrolling={greedyWheel}
      zoomActivationKeyCode={['Control', 'Meta']}
      disableKeyboardA11y
      attributionPosition="bottom-left"
      onNodeClick={onNodeClick}
      onPaneClick={(event) => {
        const id = under(event);
        if (id !== null) onChoose(id);
      }}
    >
      {afar && (
        <>
          <Overview shown={shown} layout={layout} look={look} width={width} height={height} />
          <HoverName shown={shown} layout={layout} />
        </>
      )}
      {minimap && shown.nodes.length > BIG_ENOUGH_FOR_MAP && (
        <MiniMap shown={shown} layout={layout} look={look} width={width} height={height} />
      )}
    </ReactFlow>
  );
}

/** The task that the link to this page names, if it is drawn; otherwise what a person looks for first. */
function startOf(shown: ShownGraph, layout: Layout, { selectedTaskId, orientation }: Look): string | null {
  if (selectedTaskId !== null && layout.nodes[selectedTaskId]) return selectedTaskId;
  return focusOf(shown, layout, orientation);
}

/** Names the node under the pointer when nodes are too small for names. */
function HoverName({ shown, layout }: Pick<Props, 'shown' | 'layout'>): ReactElement | null {
  const styles = useStyles2(graphStyles);
  const { screenToFlowPosition } = useReactFlow();
  const pane = useStore((state) => state.domNode);
  const [at, setAt] = useState<{ id: string; x: number; y: number } | null>(null);
  useEffect(() => {
    if (!pane) return;
    const onMove = (event: PointerEvent) => {
      const id = nodeAt(layout, screenToFlowPosition({ x: event.clientX, y: event.clientY }));
      const box = pane.getBoundingClientRect();
      setAt(id === null ? null : { id, x: event.clientX - box.left, y: event.clientY - box.top });
    };
    pane.addEventListener('pointermove', onMove);
    return () => pane.removeEventListener('pointermove', onMove);
  }, [pane, layout, screenToFlowPosition]);
  const node = at && shown.nodes.find((each) => each.id === at.id);
  if (!at || !node) return null;
  return (
    <div className={styles.hoverLabel} style={{ left: at.x + 12, top: at.y + 12 }}>
      {describeNode(node)}
    </div>
  );
}
