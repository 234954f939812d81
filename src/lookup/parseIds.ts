/**
 * Ids in what a person typed or pasted: one a line, or separated by commas, semicolons or tabs; in double quotes where an
 * id itself holds one of these ("" is a quote, as in CSV). Spaces belong to an id, unless all there is are numbers.
 * Doubles are dropped, the order stays.
 */
export function parseIds(text: string): string[] {
  const trimmed = text.trim();
  if (/^\d+( +\d+)+$/.test(trimmed)) return unique(trimmed.split(/ +/));
  const ids: string[] = [];
  // A quoted id with its doubled quotes, or anything up to the next separator.
  for (const [, quoted, plain] of trimmed.matchAll(
    /\s*(?:"((?:[^"]|"")*)"[^\S\r\n]*(?=[\r\n,;\t]|$)|([^\r\n,;\t]+))/g,
  )) {
    const id = quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"');
    if (id !== '') ids.push(id);
  }
  return unique(ids);
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** The ids as text that `parseIds` reads back as the same. */
export function formatIds(ids: readonly string[]): string {
  const written = ids.map((id) => (/[\r\n,;\t"]|^\s|\s$/.test(id) ? `"${id.replaceAll('"', '""')}"` : id));
  return written.join(written.length > 1 && written.length <= 10 ? ', ' : '\n');
}

/**
 * A template variable's value as text for `parseIds`. Grafana hands several values over as a list, of which each is one
 * id; a lone value may be a text box's, where a person types several.
 */
export function idsOfVariable(value: unknown): string {
  return Array.isArray(value) ? formatIds(value.map(String)) : String(value ?? '');
}
