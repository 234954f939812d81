import { useMemo } from 'react';
import type { RunDetail } from '../../../shared/api.ts';
import { useApp } from '../../app/AppContext.tsx';
import { Fill } from '../../components/Fill.tsx';
import { graphFromRun } from '../../data/graphFromRun.ts';
import { DagGraph } from '../../panels/graph/DagGraph.tsx';

interface Props {
  detail: RunDetail;
  selectedTask: string | null;
  onSelectTask: (taskId: string) => void;
}

export function GraphTab({ detail, selectedTask, onSelectTask }: Props) {
  const { settings } = useApp();
  const model = useMemo(() => graphFromRun(detail), [detail]);
  const options = useMemo(() => ({ slowTransitionSeconds: settings.transitionSeconds }), [settings]);
  return (
    <Fill>
      {(size) => (
        <DagGraph {...size} model={model} options={options} selectedTaskId={selectedTask} onSelectTask={onSelectTask} />
      )}
    </Fill>
  );
}
