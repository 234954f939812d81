import { useStyles2, useTheme2 } from '@grafana/ui';
import { useLayoutEffect, useMemo, useRef, type ReactElement } from 'react';
import { sizeCanvas } from '../sizeCanvas.ts';
import { paintScene, type Scene } from './paint.ts';
import { paletteOf } from './palette.ts';
import { chartStyles } from './styles.ts';

interface Props {
  scene: Scene;
  left: number;
}

/** The bars of the rows near the screen, at the display's own resolution. It scrolls with the rows, so both stay aligned. */
export function GanttCanvas({ scene, left }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme2();
  const styles = useStyles2(chartStyles);
  const palette = useMemo(() => paletteOf(theme), [theme]);
  useLayoutEffect(() => {
    const ctx = sizeCanvas(canvas.current, scene.width, scene.height);
    if (ctx) paintScene(ctx, scene, palette);
  }, [scene, palette]);
  return (
    <canvas
      ref={canvas}
      aria-hidden
      className={styles.canvas}
      style={{ left, top: scene.firstRow * scene.rowHeight, width: scene.width, height: scene.height }}
    />
  );
}
