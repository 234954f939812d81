import { DataSourcePlugin } from '@grafana/data';
import { CheatSheet } from './editors/CheatSheet.tsx';
import { ConfigEditor } from './editors/ConfigEditor.tsx';
import { QueryEditor } from './editors/QueryEditor.tsx';
import { RunsDataSource } from './RunsDataSource.ts';
import type { RunsJsonData, RunsQuery, RunsSecureJsonData } from './types.ts';

export const plugin = new DataSourcePlugin<RunsDataSource, RunsQuery, RunsJsonData, RunsSecureJsonData>(RunsDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(CheatSheet);
