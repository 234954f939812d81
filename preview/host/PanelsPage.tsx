import type { DataQuery } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Stack, Text } from '@grafana/ui';
import { useEffect, useMemo } from 'react';
import { useLocation } from 'react-router';
import { boot } from './boot.ts';
import { PreviewPanel } from './PreviewPanel.tsx';
import { runQueries } from './query.ts';
import { rangeOfUrl } from './rangeOfUrl.ts';
import { useRefresh } from './useRefresh.ts';

interface Shown {
  pluginId: string;
  title: string;
  height: number;
  target: Record<string, unknown>;
}

const PANELS: readonly Shown[] = [
  {
    pluginId: 'runbeat-lookup-panel',
    title: 'Where is this user’s run?',
    height: 280,
    target: { queryType: 'lookup', key: 'user_id', values: '$value' },
  },
  {
    pluginId: 'runbeat-gantt-panel',
    title: 'Tasks of $run_id',
    height: 480,
    target: { queryType: 'run_tasks', source: '$source', dag_id: '$dag_id', run_id: '$run_id' },
  },
  {
    pluginId: 'runbeat-graph-panel',
    title: 'Graph of $run_id',
    height: 480,
    target: { queryType: 'run_graph', source: '$source', dag_id: '$dag_id', run_id: '$run_id' },
  },
];

/**
 * The three panels as on a dashboard, with variables in the URL; `panel` shows only one of them. Panels of runs are repeated for each
 * `var-run_id`, as Grafana repeats a panel for the values of a variable.
 */
export function PanelsPage() {
  const { search } = useLocation();
  const refreshed = useRefresh();
  const params = new URLSearchParams(search);
  useEffect(() => {
    if (!params.has('var-run_id')) void chooseNewestRun();
  });
  const only = params.get('panel');
  const shown = PANELS.filter(({ pluginId }) => !only || pluginId.includes(only));
  return (
    <Stack direction="column" gap={2}>
      <Text element="h1" variant="h3">
        Panels
      </Text>
      {shown.flatMap((panel) =>
        repeatsOf(panel, params.getAll('var-run_id')).map((runId) => (
          <OnePanel
            key={`${panel.pluginId} ${runId}`}
            shown={panel}
            runId={runId}
            variables={`${search} ${refreshed}`}
          />
        )),
      )}
    </Stack>
  );
}

function repeatsOf({ target }: Shown, runIds: readonly string[]): readonly string[] {
  return 'run_id' in target && runIds.length > 0 ? runIds : [''];
}

function OnePanel({ shown, runId, variables }: { shown: Shown; runId: string; variables: string }) {
  const { target, title, ...panel } = shown;
  const { type, uid } = boot.dataSources[0]!;
  const targets = useMemo(
    () => [{ refId: 'A', datasource: { type, uid }, ...target } as DataQuery],
    [target, type, uid],
  );
  const scopedVars = useMemo(() => (runId ? { run_id: { text: runId, value: runId } } : undefined), [runId]);
  return (
    <PreviewPanel
      {...panel}
      title={title.replace('$run_id', runId)}
      targets={targets}
      variables={variables}
      scopedVars={scopedVars}
    />
  );
}

async function chooseNewestRun(): Promise<void> {
  const run = (await newestRun('onboarding')) ?? (await newestRun()) ?? { dag_id: 'none', run_id: 'none' };
  if (!locationService.getSearch().has('var-value')) locationService.partial({ 'var-value': '' }, true);
  locationService.partial(Object.fromEntries(Object.entries(run).map(([name, value]) => [`var-${name}`, value])), true);
}

async function newestRun(dag_id?: string): Promise<Record<string, unknown> | null> {
  const { series } = await runQueries([{ refId: 'A', queryType: 'runs', dag_id, limit: 1 } as DataQuery], rangeOfUrl());
  const [frame] = series;
  if (!frame?.length) return null;
  const named = frame.fields.filter(({ name }) => ['source', 'dag_id', 'run_id'].includes(name));
  return Object.fromEntries(named.map(({ name, values }) => [name, values[0]]));
}
