import { Icon, useStyles2 } from '@grafana/ui';
import type { NodeProps } from '@xyflow/react';
import { createContext, memo, useContext, type ReactElement } from 'react';
import { nodeStyles } from './styles.ts';
import type { GroupBoxType } from './toFlow.ts';

/** Collapses a group. A context, because a callback in the nodes' data would make React Flow repaint all of them. */
export const CollapseContext = createContext<(group: string) => void>(() => {});

/** The box around an open group. */
export const GroupBox = memo(function GroupBox({ data }: NodeProps<GroupBoxType>): ReactElement {
  const styles = useStyles2(nodeStyles);
  const collapse = useContext(CollapseContext);
  return (
    <div className={styles.box}>
      <button
        type="button"
        className={`${styles.boxButton} nopan nodrag`}
        aria-label={`Collapse group ${data.group}, ${data.size} tasks`}
        onClick={() => collapse(data.group)}
      >
        <Icon name="angle-down" size="sm" />
        {data.group}
      </button>
    </div>
  );
});
