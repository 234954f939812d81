import type { DataQuery } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Stack, Text } from '@grafana/ui';
import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { boot } from './boot.ts';
import { PreviewPanel } from './PreviewPanel.tsx';
import { rangeOfUrl, runQueries } from './query.ts';

interface Shown {
  pluginId: string;
  title: string;
  height: number;
  target: Record<string, unknown>;
}

const PANELS: readonly Shown[] = [
  {
    pluginId: 'runbeat-lookup-panel',
    title: 'Where is this user?',
    height: 280,
    target: { queryType: 'lookup', key: 'user_id', values: '$value' },
  },
  {
    pluginId: 'runbeat-gantt-panel',
    title: 'Tasks of $run_id',
    height: 480,
    target: { queryType: 'run_tasks', dag_id: '$dag_id', run_id: '$run_id' },
  },
  {
    pluginId: 'runbeat-graph-panel',
    title: 'Graph of $run_id',
    height: 480,
    target: { queryType: 'run_graph', dag_id: '$dag_id', run_id: '$run_id' },
  },
];

/** The three panels as on a dashboard, over variables in the URL; `panel` shows one of them alone. */
export function PanelsPage() {
  const { search } = useLocation();
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
      {shown.map(({ target, ...panel }) => (
        <PreviewPanel
          key={panel.pluginId}
          {...panel}
          title={panel.title.replace('$run_id', params.get('var-run_id') ?? '')}
          targets={[{ refId: 'A', datasource: { uid: boot.dataSources[0]!.uid }, ...target } as DataQuery]}
          variables={search}
        />
      ))}
    </Stack>
  );
}

async function chooseNewestRun(): Promise<void> {
  const { series } = await runQueries(
    [{ refId: 'A', queryType: 'runs', dag_id: 'onboarding', limit: 1 } as DataQuery],
    rangeOfUrl(),
  );
  const valueOf = (name: string) =>
    series[0]?.fields.find((field) => field.name === name)?.values[0] as string | undefined;
  locationService.partial(
    { 'var-run_id': valueOf('run_id') ?? 'none', 'var-dag_id': valueOf('dag_id') ?? 'onboarding' },
    true,
  );
}
