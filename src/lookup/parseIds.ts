/**
 * Parses ids that a person typed or pasted: one per line, or separated by commas, semicolons or tabs. An id that contains one of these is
 * in double quotes ("" is a quote, as in CSV). Spaces belong to an id, unless the text consists of numbers. Invisible characters, and
 * quotes and brackets around a list or an id, are removed, because they often come with copied text. Duplicates are removed; the order
 * is kept.
 */
export function parseIds(text: string): string[] {
  const visible = withoutBrackets(visiblePart(text).trim());
  if (/^\d+( +\d+)+$/.test(visible)) return unique(visible.split(/ +/));
  const ids: string[] = [];
  for (const { groups } of visible.matchAll(ITEM)) {
    const id = groups!.exact?.replaceAll('""', '"') ?? groups!.quoted?.trim() ?? bare(groups!.plain!.trim());
    if (id !== '') ids.push(id);
  }
  return unique(ids);
}

/** In double quotes with its doubled quotes, in other quotes, or anything up to the next separator. */
const ITEM =
  /\s*(?:(?:"(?<exact>(?:[^"]|"")*)"|(?<quote>['`])(?<quoted>[^'`\r\n]*)\k<quote>)[^\S\r\n]*(?=[\r\n,;\t]|$)|(?<plain>[^\r\n,;\t]+))/g;

const INVISIBLE =
  /(?![\n\r\t])[\p{Cc}\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/gu;
/** A zero-width joiner is needed inside emoji and in words of some scripts. Elsewhere it is removed like other invisible characters. */
const STRAY_JOINER =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{L}\p{M}\ufe0f])[\u200c\u200d]|[\u200c\u200d](?![\p{Extended_Pictographic}\p{L}\p{M}])/gu;

function visiblePart(text: string): string {
  return text
    .replace(/[\u000b\u000c\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(STRAY_JOINER, '')
    .replace(/\p{Zs}/gu, ' ');
}

const BRACKETS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '„': '“',
  '‘': '’',
  '«': '»',
};

/** An id without quotes and brackets around it. If a list was copied in part, a bracket may have no counterpart. */
function bare(item: string): string {
  const inner = withoutHalfBracket(withoutBrackets(item));
  const closing = QUOTES[inner[0] ?? ''];
  const isQuoted = closing !== undefined && inner.length > 1 && inner.indexOf(closing, 1) === inner.length - 1;
  const next = isQuoted ? inner.slice(1, -1).trim() : inner;
  return next === item ? item : bare(next);
}

/** The text without brackets around all of it: those of `[a, b]`, but not of `[a], [b]`. */
function withoutBrackets(text: string): string {
  const closing = BRACKETS[text[0] ?? ''];
  if (closing === undefined || !text.endsWith(closing) || partnerOf(text, text[0]!, closing) !== text.length - 1)
    return text;
  return withoutBrackets(text.slice(1, -1).trim());
}

/** Position at which the first bracket of a text is closed; -1 if it is not. */
function partnerOf(text: string, opening: string, closing: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === opening) depth++;
    else if (text[at] === closing && --depth === 0) return at;
  }
  return -1;
}

function withoutHalfBracket(item: string): string {
  const [first = '', last = ''] = [item[0], item.at(-1)];
  const closing = BRACKETS[first];
  if (closing !== undefined && !item.includes(closing)) return item.slice(1).trim();
  const opening = Object.keys(BRACKETS).find((key) => BRACKETS[key] === last);
  return opening !== undefined && !item.includes(opening) ? item.slice(0, -1).trim() : item;
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** The ids as text that `parseIds` can read back, except for invisible characters. */
export function formatIds(ids: readonly string[]): string {
  const written = ids.map((id) => (isPlain(id) ? id : `"${id.replaceAll('"', '""')}"`));
  return written.join(written.length > 1 && written.length <= 10 ? ', ' : '\n');
}

function isPlain(id: string): boolean {
  return !/[\r\n,;\t"]|^\s|\s$/.test(id) && bare(id) === id && !/^\d+( +\d+)+$/.test(id);
}

/**
 * The value of a template variable as text for `parseIds`. In a list of values, each one is an id. A single value may come from a text box,
 * in which a person types several ids.
 */
export function idsOfVariable(value: unknown): string {
  return Array.isArray(value) ? formatIds(value.map(String)) : String(value ?? '');
}
