import { ReactFlowProvider } from '@xyflow/react';
import type { ReactElement } from 'react';
import { GraphView } from './GraphView.tsx';
import type { GraphModel } from './model.ts';
import type { GraphOptions } from './options.ts';
import { injectFlowStyles } from './xyflowStyles.ts';

export interface DagGraphProps {
  model: GraphModel;
  width: number;
  height: number;
  options?: Partial<GraphOptions>;
  selectedTaskId?: string | null;
  onSelectTask?: (taskId: string) => void;
}

/** The run's DAG, with the state of each task and the latency of each transition. */
export function DagGraph(props: DagGraphProps): ReactElement {
  injectFlowStyles();
  return (
    <ReactFlowProvider>
      <GraphView {...props} />
    </ReactFlowProvider>
  );
}
