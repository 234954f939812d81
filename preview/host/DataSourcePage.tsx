import type { DataSourcePlugin, DataSourceApi, DataSourceSettings } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, LoadingPlaceholder, Stack, Text } from '@grafana/ui';
import { useState } from 'react';
import { boot } from './boot.ts';
import { metaOf } from './meta.ts';
import { usePlugin } from './usePlugin.ts';

const [SOURCE] = boot.dataSources;

function prepare(plugin: DataSourcePlugin<DataSourceApi>): void {
  plugin.meta = metaOf(SOURCE!.type);
}

/** The configuration editor of the data source, and its test. The preview does not save changes. */
export function DataSourcePage() {
  const plugin = usePlugin<DataSourcePlugin<DataSourceApi>>(SOURCE!.type, prepare);
  const [options, setOptions] = useState<DataSourceSettings>(() => settings());
  const [outcome, setOutcome] = useState<{ status: string; message: string } | null>(null);
  const Editor = plugin?.components.ConfigEditor;
  if (!Editor) return <LoadingPlaceholder text="Loading the data source…" />;
  const test = async () => {
    const source = await getDataSourceSrv().get(SOURCE!.uid);
    setOutcome((await source.testDatasource()) as { status: string; message: string });
  };
  return (
    <Stack direction="column" gap={2}>
      <Text element="h1" variant="h3">
        {SOURCE!.name}
      </Text>
      <Editor
        options={options as never}
        onOptionsChange={(next) => setOptions(next as unknown as DataSourceSettings)}
      />
      <Text color="secondary">The preview keeps no changes; the test asks the exporter that it was started with.</Text>
      {outcome && <Alert severity={outcome.status === 'success' ? 'success' : 'error'} title={outcome.message} />}
      <div>
        <Button onClick={() => void test()}>Test</Button>
      </div>
    </Stack>
  );
}

function settings(): DataSourceSettings {
  return {
    ...SOURCE!,
    url: '',
    access: 'proxy',
    jsonData: SOURCE!.jsonData,
    secureJsonFields: {},
    secureJsonData: {},
  } as unknown as DataSourceSettings;
}
