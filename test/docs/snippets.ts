import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A fenced block, an inline command or an inline PromQL expression of a document. */
export interface Snippet {
  /** Path of the document in the repository. */
  file: string;
  line: number;
  language: string;
  text: string;
}

const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'docs', 'docs/runbooks'];
const PROGRAMS = /^(npm|npx|docker|curl|amtool|promtool|kubectl|helm|systemctl|openssl|crontab|psql)\b.*\s/;
/** A metric with matchers, a comparison, a range or a function; `metric{label,label}` only lists labels. */
const PROMQL = /\w\(.*runbeat_|runbeat_\w+ *(\{[^}]*[=~]|[=<>]{1,2} *\d|\[)/;

/** Every snippet of the documents that people read, in order. */
export function readSnippets(): Snippet[] {
  return documents().flatMap((file) => snippetsOf(file, readFileSync(path.join(ROOT, file), 'utf8')));
}

function documents(): string[] {
  return DOCUMENTS.flatMap((place) =>
    place.endsWith('.md')
      ? [place]
      : readdirSync(path.join(ROOT, place))
          .filter((name) => name.endsWith('.md') && name !== 'snippets.md')
          .sort()
          .map((name) => `${place}/${name}`),
  );
}

export function snippetsOf(file: string, document: string): Snippet[] {
  const found: Snippet[] = [];
  let block: (Snippet & { indent: number }) | null = null;
  document.split('\n').forEach((line, at) => {
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence && block) {
      const { indent, ...snippet } = block;
      found.push({ ...snippet, text: snippet.text.replace(new RegExp(`^ {${indent}}`, 'gm'), '') });
      block = null;
    } else if (fence) {
      block = { file, line: at + 1, language: fence[2] || 'none', text: '', indent: fence[1]!.length };
    } else if (block) {
      block.text += `${line}\n`;
    } else {
      found.push(...inlineOf(file, at + 1, line));
    }
  });
  return found;
}

function inlineOf(file: string, line: number, text: string): Snippet[] {
  return [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => {
    const plain = code!.replaceAll('\\|', '|');
    if (PROGRAMS.test(plain)) return [{ file, line, language: 'inline sh', text: `${plain}\n` }];
    return PROMQL.test(plain) ? [{ file, line, language: 'inline promql', text: plain }] : [];
  });
}

/** The commands of a shell snippet: continued lines joined, comments and here-documents removed, `&&` and pipes split. */
export function commandsOf(text: string): string[] {
  const joined = text.replace(/\\\n\s*/g, ' ').replace(/<<'(\w+)'\n[\s\S]*?\n\1\n/g, '\n');
  return joined
    .split(/\n|&&|(?<!\|)\|(?!\|)/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);
}

/** Words of a command without quotes, separate from the variables before it. */
export function wordsOf(command: string): { env: Record<string, string>; words: string[] } {
  const words = [...command.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replace(/['"]/g, ''));
  const env: Record<string, string> = {};
  while (/^[A-Z_]+=/.test(words[0] ?? '')) {
    const [name, ...value] = words.shift()!.split('=');
    env[name!] = value.join('=');
  }
  return { env, words };
}
