import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { marked } from 'marked';

/** Renders every runbook to a self-contained page, which alerts link to. */
export function renderRunbooks(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((file) => file.endsWith('.md'))) {
    const html = page(basename(name, '.md'), readFileSync(join(from, name), 'utf8'));
    writeFileSync(join(to, `${name}.html`), html);
  }
}

/** Runbooks link to each other by the names of the Markdown files. */
function page(title: string, markdown: string): string {
  const body = marked.parse(markdown, { async: false }).replaceAll(/href="(\w+\.md)"/g, 'href="$1.html"');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · runbook</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
pre { padding: 0.75rem 1rem; overflow-x: auto; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 4px; }
</style>
</head>
<body>
${body}</body>
</html>
`;
}
