import { useStyles2, useTheme2 } from '@grafana/ui';
import { useViewport } from '@xyflow/react';
import { useLayoutEffect, useRef, type ReactElement } from 'react';
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

/** The graph zoomed out, painted on one canvas: a thousand elements would take seconds to build and would not be legible. */
export function Overview({ shown, layout, look, width, height }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme2();
  const styles = useStyles2(graphStyles);
  const { x, y, zoom } = useViewport();
  useLayoutEffect(() => {
    const ctx = sizeCanvas(canvas.current, width, height);
    if (ctx) paintOverview(ctx, shown, layout, look, { x, y, zoom }, theme);
  }, [shown, layout, look, x, y, zoom, theme, width, height]);
  return <canvas ref={canvas} className={styles.canvas} aria-hidden />;
}
