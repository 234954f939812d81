import {
  formattedValueToString,
  getDisplayProcessor,
  LoadingState,
  type DataFrame,
  type DataQuery,
  type DataSourceApi,
} from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { Alert, LoadingPlaceholder, Stack, Text, useTheme2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { boot } from './boot.ts';
import { useQueries } from './query.ts';

/** A query in the editor of the data source, and its raw result. */
export function ExplorePage() {
  const [source, setSource] = useState<DataSourceApi | null>(null);
  const [query, setQuery] = useState<DataQuery | null>(null);
  useEffect(() => {
    void getDataSourceSrv()
      .get(boot.dataSources[0]!.uid)
      .then((found) => {
        setSource(found);
        setQuery({ refId: 'A', ...found.getDefaultQuery?.('explore' as never) });
      });
  }, []);
  const Editor = source?.components?.QueryEditor;
  const Help = source?.components?.QueryEditorHelp;
  if (!source || !query || !Editor) return <LoadingPlaceholder text="Loading the data source…" />;
  return (
    <Stack direction="column" gap={2}>
      <Text element="h1" variant="h3">
        Explore
      </Text>
      <Editor datasource={source} query={query} onChange={setQuery} onRunQuery={() => {}} />
      {Help && (
        <details>
          <summary>Help for queries</summary>
          <Help datasource={source} query={query} onClickExample={setQuery} exploreId={'preview' as never} />
        </details>
      )}
      <Answers query={query} />
    </Stack>
  );
}

function Answers({ query }: { query: DataQuery }) {
  const { series, state, errors } = useQueries([query], '');
  if (errors?.[0]) return <Alert severity="error" title={errors[0].message ?? 'The query failed'} />;
  if (state === LoadingState.Loading) return <LoadingPlaceholder text="Asking…" />;
  if (series.length === 0) return <Text color="secondary">The query asks for nothing yet.</Text>;
  return (
    <>
      {series.map((frame, at) => (
        <Frame key={at} frame={frame} />
      ))}
    </>
  );
}

function Frame({ frame }: { frame: DataFrame }) {
  const theme = useTheme2();
  const fields = frame.fields
    .filter((field) => !field.config.custom?.hidden)
    .map((field) => ({ ...field, show: getDisplayProcessor({ field, theme }) }));
  return (
    <div style={{ overflowX: 'auto' }} role="region" aria-label={`Rows of ${frame.name ?? 'the answer'}`} tabIndex={0}>
      <Text color="secondary">{`${frame.length} rows`}</Text>
      <table>
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field.name} style={{ textAlign: 'left', paddingRight: 16 }}>
                {field.config.displayName ?? field.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(50, frame.length) }, (_, row) => (
            <tr key={row}>
              {fields.map((field) => (
                <td key={field.name} style={{ paddingRight: 16, whiteSpace: 'nowrap' }}>
                  {formattedValueToString(field.show(field.values[row]))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
