import { useStyles2, useTheme2 } from '@grafana/ui';
import { useLayoutEffect, useMemo, useRef, type ReactElement } from 'react';
import { paintScene, type Scene } from './paint.ts';
import { paletteOf } from './palette.ts';
import { chartStyles } from './styles.ts';

interface Props {
  scene: Scene;
  left: number;
}

/** The bars of the rows near the screen, at the display's own resolution. It scrolls with the rows, so the two never part. */
export function GanttCanvas({ scene, left }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme2();
  const styles = useStyles2(chartStyles);
  const palette = useMemo(() => paletteOf(theme), [theme]);
  useLayoutEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintScene(ctx, scene, palette);
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
