import type { Command } from 'commander';
import { API_PATHS, type LookupItem, type Page, type Problem } from '../../shared/api.ts';
import { UserError } from '../../platform/errors.ts';
import { exporterAccess } from '../config.ts';
import { print, printJsonLine } from '../output.ts';
import { formatTable } from '../table.ts';
import { wholeNumber } from '../wholeNumber.ts';

interface Options {
  url: string;
  token?: string;
  dagId?: string;
  from?: string;
  to?: string;
  limit: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('lookup')
    .description('Find the runs of a business key, such as user 42, through a running exporter')
    .argument('<key>', 'business key, e.g. user_id')
    .argument('<value...>', 'one or more values')
    .option('--url <url>', 'URL of the exporter (RUNBEAT_LISTEN)', exporterAccess().url)
    .option('--token <token>', "token of the exporter's API (RUNBEAT_API_TOKEN)")
    .option('--dag-id <dag_id>', 'only runs of this DAG')
    .option('--from <time>', 'only runs requested at or after this time, e.g. 2026-01-31T09:30:00Z')
    .option('--to <time>', 'only runs requested at or before this time')
    .option('--limit <number>', 'maximum number of runs, newest first', wholeNumber(), 20)
    .option('--json', 'print the runs as JSON, one per line')
    .addHelpText('after', '\nExample:\n  npx runbeat lookup user_id 42 43')
    .action(async (key: string, values: string[], options: Options) => {
      const { items, next_cursor } = await ask(key, values, options);
      if (options.json) items.forEach(printJsonLine);
      else print(tableOf(items));
      if (next_cursor && !options.json) process.stderr.write('There are more; raise --limit to see them.\n');
    });
}

async function ask(key: string, values: readonly string[], options: Options): Promise<Page<LookupItem>> {
  const query = new URLSearchParams({ key, limit: String(options.limit) });
  for (const value of values) query.append('value', value);
  for (const [name, given] of Object.entries({ dag_id: options.dagId, from: options.from, to: options.to })) {
    if (given !== undefined) query.set(name, given);
  }
  const response = await fetchFrom(options, `${API_PATHS.lookup}?${query}`);
  const body = (await response.json().catch(() => null)) as Page<LookupItem> | Problem | null;
  if (response.ok && body && 'items' in body) return body;
  const detail = body && 'detail' in body ? body.detail : `status ${response.status}`;
  throw new UserError(
    `The exporter answered: ${detail}`,
    response.status === 401 ? 'Use --token, or set RUNBEAT_API_TOKEN.' : undefined,
  );
}

async function fetchFrom(options: Options, path: string): Promise<Response> {
  // The token is not the option's default, because --help would show it.
  const token = options.token ?? exporterAccess().token;
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  try {
    return await fetch(new URL(path, options.url), { headers });
  } catch (error) {
    if (error instanceof TypeError && !URL.canParse(options.url))
      throw new UserError(`--url "${options.url}" is not a URL.`);
    throw new UserError(
      `No exporter answers at ${options.url}.`,
      'Start one with "npx runbeat exporter", or set --url to its address.',
    );
  }
}

function tableOf(items: readonly LookupItem[]): string {
  const header = ['VALUE', 'SOURCE', 'DAG', 'RUN', 'STATE', 'LOGICAL DATE', 'DURATION', 'TASKS', 'AT'];
  const rows = items.map((item) => [
    item.value,
    item.source,
    item.dag_id,
    item.run_id,
    item.state,
    item.logical_date?.slice(0, 19).replace('T', ' '),
    item.duration_seconds === null ? null : `${item.duration_seconds.toFixed(1)} s`,
    item.progress ? `${item.progress.tasks_done}/${item.progress.tasks_total}` : null,
    item.progress?.current.map((task) => task.task_id).join(', ') || null,
  ]);
  return formatTable(header, rows, 'No run found.');
}
