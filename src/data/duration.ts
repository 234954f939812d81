/**
 * Formats seconds for people: `850 ms`, `1.24 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`, `3 d 4 h`. A negative duration (because clocks
 * differ) keeps its sign; a missing one is `–`.
 */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return '–';
  if (seconds < 0) return `−${formatSeconds(-seconds)}`;
  if (seconds < 0.0005) return '0 s';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return formatLong(Math.round(seconds));
}

function formatLong(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Formats milliseconds, as `formatSeconds`. */
export function formatMilliseconds(ms: number | null | undefined): string {
  return formatSeconds(ms == null ? null : ms / 1000);
}
