import { cx } from '@emotion/css';
import { Icon, useStyles2 } from '@grafana/ui';
import { memo, type ReactElement } from 'react';
import { StateIcon } from '../../components/StateIcon.tsx';
import { describeRow } from './describe.ts';
import type { GanttRow } from './rows.ts';
import { chartStyles } from './styles.ts';

interface Props {
  rows: readonly GanttRow[];
  first: number;
  count: number;
  rowHeight: number;
  labelWidth: number;
  selectedTaskId: string | null;
  now: number;
  showCriticalPath: boolean;
  idPrefix: string;
  onRow: (row: GanttRow) => void;
}

/** Labels narrower than this omit the part of a name that its neighbours share; the tooltip still shows it. */
const BRIEF_PX = 200;

/** The rows near the screen as elements: names to read, and descriptions of the bars for screen readers. */
export const RowList = memo(function RowList(props: Props): ReactElement {
  const { rows, first, count } = props;
  return (
    <>
      {rows.slice(first, first + count).map((row, offset) => (
        <Row key={row.key} row={row} index={first + offset} {...props} />
      ))}
    </>
  );
});

function Row({ row, index, ...props }: Props & { row: GanttRow; index: number }): ReactElement {
  const styles = useStyles2(chartStyles);
  const group = row.kind !== 'task';
  const critical = props.showCriticalPath && (group ? row.critical : row.task.critical);
  const selected = row.kind === 'task' && row.task.taskId === props.selectedTaskId;
  return (
    <div
      role="row"
      id={`${props.idPrefix}${index}`}
      aria-rowindex={index + 1}
      aria-level={row.depth + 1}
      aria-expanded={group ? row.expanded : undefined}
      aria-selected={selected}
      className={cx(styles.row, selected && styles.selectedRow)}
      style={{ top: index * props.rowHeight, height: props.rowHeight }}
      onClick={() => props.onRow(row)}
    >
      <div
        role="rowheader"
        className={styles.label}
        style={{ width: props.labelWidth, paddingLeft: 8 + row.depth * 14 }}
      >
        {group && <Icon name={row.expanded ? 'angle-down' : 'angle-right'} className={styles.chevron} />}
        <StateIcon state={group ? row.state : row.task.state} />
        <Label row={row} critical={critical} brief={props.labelWidth < BRIEF_PX} />
        <Badge row={row} />
      </div>
      <div role="gridcell" className={styles.hidden}>
        {describeRow(row, props.now)}
      </div>
    </div>
  );
}

/** The name. The part that its neighbours share (the group's name) is fainter and is cut off first. */
function Label({ row, critical, brief }: { row: GanttRow; critical: boolean; brief: boolean }): ReactElement {
  const styles = useStyles2(chartStyles);
  const group =
    row.kind === 'run' ? '' : sharedPart(row.label, (row.kind === 'task' ? row.task : row.tasks[0])?.taskGroup);
  return (
    <span className={styles.labelText} title={row.label}>
      {group && !brief && <span className={styles.labelGroup}>{group}</span>}
      <span className={cx(styles.labelName, critical && styles.criticalText)}>{row.label.slice(group.length)}</span>
    </span>
  );
}

function sharedPart(label: string, group: string | null | undefined): string {
  return group && label.startsWith(`${group}.`) ? `${group}.` : '';
}

/** Number of instances of a folded row, or the current attempt of a task. */
function Badge({ row }: { row: GanttRow }): ReactElement | null {
  const styles = useStyles2(chartStyles);
  if (row.kind !== 'task') return <span className={styles.badge}>× {row.tasks.length.toLocaleString('en')}</span>;
  const attempt = row.task.attempts.at(-1)?.tryNumber ?? 1;
  return attempt > 1 ? <span className={styles.badge}>try {attempt}</span> : null;
}
