import type { LookupItem } from '../../shared/api.ts';
import type { ExporterApi, TimeBounds } from '../data/exporterApi.ts';

/** Maximum number of ids in one request, so that proxies accept its URL. */
export const IDS_PER_REQUEST = 100;
/** The exporter refuses longer ids, so no run can have them. */
const MAX_ID_CHARACTERS = 512;
const MAX_URL_CHARACTERS = 6_000;
const ROWS_PER_REQUEST = 500;
/** Maximum number of rows of a lookup. More are not useful in a table. */
export const MAX_ROWS = 20_000;
const CONCURRENCY = 4;

export interface LookupQuestion extends TimeBounds {
  key: string;
  values: readonly string[];
  dagId?: string;
}

export interface FoundRuns {
  items: LookupItem[];
  /** Whether there are more than MAX_ROWS rows. */
  truncated: boolean;
}

/** Looks up any number of ids, some at a time. `onProgress` gets the share of ids that have been looked up, 0 to 1. */
export async function findRuns(
  api: ExporterApi,
  question: LookupQuestion,
  signal?: AbortSignal,
  onProgress?: (share: number) => void,
): Promise<FoundRuns> {
  const chunks = chunkIds(question.values.filter(canExist));
  const found: LookupItem[][] = chunks.map(() => []);
  let [next, done, rows] = [0, 0, 0];
  const work = async (): Promise<void> => {
    while (next < chunks.length && rows < MAX_ROWS) {
      const at = next++;
      found[at] = await findChunk(api, { ...question, values: chunks[at]! }, MAX_ROWS - rows, signal);
      rows += found[at].length;
      onProgress?.(++done / chunks.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chunks.length) }, work));
  const items = found.flat();
  return { items: items.slice(0, MAX_ROWS), truncated: items.length > MAX_ROWS || next < chunks.length };
}

/** The ids without a run. Empty if not all runs were read. */
export function missingIds(values: readonly string[], { items, truncated }: FoundRuns): string[] {
  if (truncated) return [];
  const found = new Set(items.map((item) => item.value));
  return values.filter((value) => !found.has(value));
}

async function findChunk(
  api: ExporterApi,
  question: LookupQuestion,
  maxRows: number,
  signal?: AbortSignal,
): Promise<LookupItem[]> {
  const items: LookupItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.lookup({ ...question, limit: ROWS_PER_REQUEST, cursor }, signal);
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && items.length <= maxRows);
  return items;
}

function canExist(id: string): boolean {
  return id.length <= MAX_ID_CHARACTERS && !id.includes('\0');
}

/** Divides ids into requests of at most IDS_PER_REQUEST, or fewer if they are long. */
export function chunkIds(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const id of ids) {
    const size = encodeURIComponent(id).length + '&value='.length;
    const last = chunks.at(-1);
    if (last && last.length < IDS_PER_REQUEST && size <= room) {
      last.push(id);
      room -= size;
    } else {
      chunks.push([id]);
      room = MAX_URL_CHARACTERS - size;
    }
  }
  return chunks;
}
