import type { ComboboxOption } from '@grafana/ui';
import type { ExporterApi } from '../../data/exporterApi.ts';

type Suggest = (input: string) => Promise<ComboboxOption[]>;

/** Suggestions from the exporter. There are none if it can't be reached, because every field also accepts free text. */
function suggesting(ask: () => Promise<readonly string[]>): Suggest {
  return async (input) => {
    const words = await ask().catch(() => []);
    const typed = input.toLowerCase();
    return [...new Set(words)]
      .filter((word) => word.toLowerCase().includes(typed))
      .map((value) => ({ value, label: value }));
  };
}

export function suggestions(api: ExporterApi): Record<'key' | 'dag_id' | 'source', Suggest> {
  return {
    key: suggesting(async () => (await api.keys()).items.map(({ key }) => key)),
    dag_id: suggesting(async () => (await api.dags()).items.map(({ dag_id }) => dag_id)),
    source: suggesting(async () => (await api.sources()).items.map(({ source }) => source)),
  };
}

/** Newest runs of a DAG, for the run field. */
export function suggestRuns(api: ExporterApi, dagId: string | undefined): Suggest {
  const known = dagId && !dagId.includes('$') ? dagId : undefined;
  return suggesting(async () => (await api.runs({ dagId: known, limit: 50 })).items.map(({ run_id }) => run_id));
}
