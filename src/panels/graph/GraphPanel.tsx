import type { DataFrame, PanelProps } from '@grafana/data';
import { useCallback, useMemo, useState, type ReactElement } from 'react';
import { GRAPH_NODE_FIELDS } from '../../data/frameFields.ts';
import { missingFields } from '../missingFields.ts';
import { runClick, type ClickOptions } from '../onTaskClick.ts';
import { PanelNotice, unanswered } from '../PanelNotice.tsx';
import { DagGraph } from './DagGraph.tsx';
import type { GraphOptions } from './options.ts';
import { graphFromFrames, isEdgesFrame, isNodesFrame } from './toModel.ts';

export type GraphPanelOptions = GraphOptions & ClickOptions;

const NEEDED = [GRAPH_NODE_FIELDS.id, GRAPH_NODE_FIELDS.state];

/** The graph of a DAG on a dashboard, from the frames of a "Run graph" query. */
export function GraphPanel({ data, options, width, height, timeRange }: PanelProps<GraphPanelOptions>): ReactElement {
  const model = useMemo(() => graphFromFrames(data.series), [data.series]);
  const [selected, setSelected] = useState<string | null>(null);
  const { run } = model;
  const onSelectTask = useCallback(
    (taskId: string) => {
      setSelected(taskId);
      runClick({ source: '', dagId: '', runId: '', ...run, taskId }, options, 'graph', timeRange);
    },
    [options, timeRange, run],
  );
  const fits = data.series.some((frame) => isNodesFrame(frame) || isEdgesFrame(frame));
  if (!fits) return unanswered(data) ?? <WrongData frames={data.series} />;
  if (model.nodes.length === 0) {
    return (
      <PanelNotice icon="info-circle" title="No tasks">
        The query found no run, or the run has no tasks yet.
      </PanelNotice>
    );
  }
  return (
    <DagGraph
      model={model}
      width={width}
      height={height}
      options={options}
      selectedTaskId={selected}
      onSelectTask={onSelectTask}
    />
  );
}

function WrongData({ frames }: { frames: readonly DataFrame[] }): ReactElement {
  return (
    <PanelNotice icon="sitemap" title={frames.length === 0 ? 'No data' : 'This data has no graph'}>
      Choose the query type <strong>Run graph</strong> of the Runbeat data source and a run. Any other data works that
      has a frame with the fields id and state, and one with source and target. {missingFields(frames, NEEDED)}
    </PanelNotice>
  );
}
