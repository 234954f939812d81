import { ReactFlowProvider } from '@xyflow/react';
import type { ReactElement } from 'react';
import { GraphView, type DagGraphProps } from './GraphView.tsx';
import { injectFlowStyles } from './xyflowStyles.ts';

/** The run's DAG, with the state of each task and the latency of each transition. */
export function DagGraph(props: DagGraphProps): ReactElement {
  injectFlowStyles();
  return (
    <ReactFlowProvider>
      <GraphView {...props} />
    </ReactFlowProvider>
  );
}
