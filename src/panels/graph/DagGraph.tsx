import type { ReactElement } from 'react';
import type { GraphModel } from './model.ts';
import type { GraphOptions } from './options.ts';

export interface DagGraphProps {
  model: GraphModel;
  width: number;
  height: number;
  options?: Partial<GraphOptions>;
  selectedTaskId?: string | null;
  onSelectTask?: (taskId: string) => void;
}

/** The run's DAG, with the state of each task and the latency of each transition. */
export function DagGraph(_props: DagGraphProps): ReactElement {
  return <div />;
}
