/** A value of runbeat.yaml as a text. What is in a list or an entry is left out, because it may be anything. */
export function writtenText(given: unknown): string {
  if (Array.isArray(given)) return '[…]';
  return typeof given === 'object' && given !== null ? '{…}' : String(given);
}
