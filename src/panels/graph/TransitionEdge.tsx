import { cx } from '@emotion/css';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { EdgeLabelRenderer, Position, type EdgeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { formatSeconds } from '../../data/duration.ts';
import { edgePath, edgePoints, labelPoint } from './edgePath.ts';
import { edgeStyles } from './styles.ts';
import type { FlowEdge } from './toFlow.ts';

/** A dependency: thick and red if the next task started late, strong on the critical path. */
export const TransitionEdge = memo(function TransitionEdge(props: EdgeProps<FlowEdge>): ReactElement | null {
  const { data, sourceX, sourceY, targetX, targetY, sourcePosition } = props;
  const styles = useStyles2(edgeStyles);
  const theme = useTheme2();
  if (!data) return null;
  const orientation = sourcePosition === Position.Right ? 'LR' : 'TB';
  const points = edgePoints({ x: sourceX, y: sourceY }, data.bends, { x: targetX, y: targetY });
  const label = labelPoint(points, orientation);
  const plain = data.critical ? theme.colors.text.primary : theme.colors.border.strong;
  const opacity = data.faint ? 0.2 : 1;
  return (
    <>
      <path
        d={edgePath(points, orientation)}
        fill="none"
        stroke={data.slow ? theme.colors.error.main : plain}
        strokeWidth={data.slow ? 3.5 : data.critical ? 2.25 : 1.5}
        opacity={opacity}
      />
      {data.labelled && (
        <EdgeLabelRenderer>
          <div
            className={cx(styles.label, data.slow && styles.slowLabel, 'nopan nodrag')}
            style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)`, opacity }}
            title={`The next task started ${formatSeconds(data.seconds)} after this task ended`}
          >
            {data.slow && <Icon name="exclamation-triangle" size="xs" />}
            {formatSeconds(data.seconds)}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
