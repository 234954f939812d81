import type { DataFrame } from '@grafana/data';

/** Reads one frame by field name. Missing values and values of another type are null (false, empty), never an error. */
export interface RowReader {
  text(name: string, at: number): string | null;
  /** A number. A time may be a number, an RFC 3339 string or a Date, and becomes epoch milliseconds. */
  number(name: string, at: number): number | null;
  flag(name: string, at: number): boolean;
  /** A JSON list or a comma-separated list. */
  list(name: string, at: number): string[];
}

export function rowReader(frame: DataFrame): RowReader {
  const fields = new Map(frame.fields.map((field) => [field.name, field]));
  const value = (name: string, at: number): unknown => fields.get(name)?.values[at] ?? null;
  const text = (name: string, at: number): string | null => {
    const raw = value(name, at);
    return raw === null || raw === '' ? null : String(raw);
  };
  return {
    text,
    number: (name, at) => numberOf(value(name, at)),
    flag: (name, at) => {
      const raw = value(name, at);
      return raw === true || raw === 'true' || raw === 1;
    },
    list: (name, at) => listOf(text(name, at)),
  };
}

function numberOf(raw: unknown): number | null {
  if (raw === null || raw === '' || typeof raw === 'boolean') return null;
  if (raw instanceof Date) return numberOf(raw.getTime());
  const parsed = typeof raw === 'number' ? raw : Number(raw);
  if (Number.isFinite(parsed)) return parsed;
  const time = typeof raw === 'string' ? Date.parse(raw) : NaN;
  return Number.isNaN(time) ? null : time;
}

function listOf(text: string | null): string[] {
  if (text === null) return [];
  if (text.startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (Array.isArray(parsed)) return parsed.map(String);
    } catch {
      // It is not JSON. A task_id can't contain a bracket, so it can be read as a comma-separated list.
    }
  }
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
