import { useStyles2, useTheme2 } from '@grafana/ui';
import { useReactFlow, useViewport } from '@xyflow/react';
import { useLayoutEffect, useRef, type PointerEvent, type ReactElement } from 'react';
import { sizeCanvas } from '../sizeCanvas.ts';
import type { ShownGraph } from './fold.ts';
import type { Layout } from './layout/types.ts';
import { paintOverview } from './paintOverview.ts';
import { graphStyles } from './styles.ts';
import type { Look } from './toFlow.ts';

interface Props {
  shown: ShownGraph;
  layout: Layout;
  look: Look;
  width: number;
  height: number;
}

const MAX_WIDTH = 190;
const MAX_HEIGHT = 120;
const MARGIN = 6;

/**
 * Shows which part of the graph is in view; a click or drag moves there. React Flow's own minimap needs every node as an
 * element, which large graphs must avoid.
 */
export function MiniMap({ shown, layout, look, width, height }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme2();
  const styles = useStyles2(graphStyles);
  const { setCenter } = useReactFlow();
  const { x, y, zoom } = useViewport();
  const scale = Math.min((MAX_WIDTH - 2 * MARGIN) / layout.width, (MAX_HEIGHT - 2 * MARGIN) / layout.height);
  const [wide, high] = [layout.width * scale + 2 * MARGIN, layout.height * scale + 2 * MARGIN];
  useLayoutEffect(() => {
    const ctx = sizeCanvas(canvas.current, wide, high);
    if (ctx) paintOverview(ctx, shown, layout, look, { x: MARGIN, y: MARGIN, zoom: scale }, theme);
  }, [shown, layout, look, theme, wide, high, scale]);
  const allInView = x >= 0 && y >= 0 && x + layout.width * zoom <= width && y + layout.height * zoom <= height;
  const goTo = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const target = { x: (event.clientX - box.left - MARGIN) / scale, y: (event.clientY - box.top - MARGIN) / scale };
    void setCenter(target.x, target.y, { zoom });
  };
  return (
    <div
      className={styles.minimap}
      style={{ width: wide, height: high, visibility: allInView ? 'hidden' : 'visible' }}
      aria-hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        goTo(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && goTo(event)}
    >
      <canvas ref={canvas} className={styles.canvas} />
      <div
        className={styles.minimapView}
        style={{
          left: MARGIN + (-x / zoom) * scale,
          top: MARGIN + (-y / zoom) * scale,
          width: (width / zoom) * scale,
          height: (height / zoom) * scale,
        }}
      />
    </div>
  );
}
