import { cx } from '@emotion/css';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { Handle, Position, type NodeProps } from '@xyflow/react';
import { memo, type ReactElement, type ReactNode } from 'react';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook } from '../../data/stateLook.ts';
import { countsOf, describeNode, shortTitle, subtitle } from './describe.ts';
import type { ShownNode } from './fold.ts';
import type { Orientation } from './layout/types.ts';
import { nodeStyles } from './styles.ts';
import type { Emphasis, GroupNodeType, TaskNodeType } from './toFlow.ts';

/** A task: its state as colour, icon and word, and its duration. */
export const TaskNode = memo(function TaskNode({ data }: NodeProps<TaskNodeType>): ReactElement {
  const shown: ShownNode = { kind: 'task', id: data.node.id, node: data.node };
  return (
    <Card
      shown={shown}
      title={shortTitle(data.node.title, data.node.group)}
      {...data}
      stacked={data.node.instances > 1}
    />
  );
});

/** A collapsed group of tasks; choosing it opens it. */
export const GroupNode = memo(function GroupNode({ data }: NodeProps<GroupNodeType>): ReactElement {
  return (
    <Card shown={data.group} title={data.group.group} {...data} stacked icon={<Icon name="plus-square" size="sm" />} />
  );
});

interface CardProps extends Emphasis {
  shown: ShownNode;
  title: string;
  orientation: Orientation;
  stacked: boolean;
  icon?: ReactNode;
}

function Card({
  shown,
  title,
  orientation,
  stacked,
  icon,
  active,
  selected,
  faint,
  critical,
}: CardProps): ReactElement {
  const styles = useStyles2(nodeStyles);
  const theme = useTheme2();
  const state = shown.kind === 'task' ? shown.node.state : shown.state;
  const color = theme.visualization.getColorByName(stateLook(state).color);
  const emphasis = [
    stacked && styles.stacked,
    critical && styles.critical,
    selected && styles.selected,
    active && styles.active,
    faint && styles.faint,
  ];
  return (
    <>
      <Handle type="target" position={orientation === 'LR' ? Position.Left : Position.Top} isConnectable={false} />
      <div className={cx(styles.node, ...emphasis)} title={describeNode(shown)}>
        <span className={styles.stripe} style={{ background: color }} />
        <span className={styles.line}>
          <StateIcon state={state} />
          <span className={styles.title}>{title}</span>
          <span className={styles.counts}>{countsOf(shown)}</span>
          {icon}
        </span>
        <span className={styles.subtitle}>{subtitle(shown)}</span>
      </div>
      <Handle type="source" position={orientation === 'LR' ? Position.Right : Position.Bottom} isConnectable={false} />
    </>
  );
}
