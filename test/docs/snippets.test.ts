import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readExporterConfig } from '../../exporter/config.ts';
import { inspect } from '../../observability/promql/inspect.ts';
import { Evaluators } from '../../scheduler/loading/evaluate.ts';
import { FileCache } from '../../scheduler/loading/fileCache.ts';
import { loadFile } from '../../scheduler/loading/loadFile.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { testCommand } from './commandTests.ts';
import { commandsOf, readSnippets, snippetsOf, type Snippet } from './snippets.ts';

type SnippetTest = (snippet: Snippet) => Promise<string> | string;

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-snippets-'));
  database = await createTestDatabase();
  await loadFixture(database.url, 'airflow-3.1.8');
  await migrateScheduler(database.url);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Reads it as the exporter's runbeat.yaml. The password files that the example names are in `folder`. */
function asRunbeatYaml({ file, text }: Snippet): string {
  const keys = { user_id: 'conf.user_id' };
  const source = { sources: [{ name: 'prod', url: 'postgres://reader@db.example.com/airflow', keys }] };
  const config = { ...(file === 'docs/promises.md' ? source : {}), ...(parse(text) as object) };
  const written = JSON.stringify(config).replaceAll('/run/secrets/airflow-reader', write('password', 'secret'));
  const { sources, promises } = readExporterConfig({
    RUNBEAT_CONFIG: write('runbeat.yaml', written),
    RUNBEAT_INDEX_URL: 'postgres://runbeat@index.example.com/runbeat',
  });
  expect(sources.length + promises.length).toBeGreaterThan(0);
  return 'the exporter reads it as its `runbeat.yaml`';
}

async function asDag(name: string, text: string): Promise<string> {
  const file = write(name, text);
  const evaluators = new Evaluators();
  try {
    const found = await loadFile(file, { folder, files: [file], evaluators, cache: new FileCache() });
    expect(found).toMatchObject({ dags: [{ dag_id: expect.any(String) }] });
  } finally {
    await evaluators.close();
  }
  return 'the scheduler loads it as a DAG file';
}

function asHelmValues({ text }: Snippet): string {
  const { $schema: _, ...schema } = JSON.parse(
    readFileSync('provisioning/helm/runbeat/values.schema.json', 'utf8'),
  ) as Record<string, unknown>;
  const accepts = new Ajv({ strict: false }).compile(schema);
  expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true);
  return "the chart's schema accepts it";
}

/** Expects the same code as in a file that the compiler checks. */
function asExample({ file, text }: Snippet): string {
  const example = file === 'docs/airflow-lab.md' ? 'fixture' : 'collector';
  const compiled = readFileSync(`test/docs/examples/${example}.ts`, 'utf8').replace(/^ +/gm, '');
  const code = text.replace(/^import .*\n+/gm, '').replace(/^ +/gm, '');
  expect(compiled).toContain(code);
  return `the compiler checks it as \`test/docs/examples/${example}.ts\``;
}

async function asShell({ text }: Snippet): Promise<string> {
  const heredoc = /cat > (\S+) <<'(\w+)'\n([\s\S]*?)\n\2\n/.exec(text);
  if (heredoc) {
    const file = write(heredoc[1]!, heredoc[3]!);
    const args = ['--import', './bin/typescript.mjs', 'observability/generate.ts', '--thresholds', file];
    const done = spawnSync(process.execPath, [...args, '--out', path.join(folder, 'pack')], { encoding: 'utf8' });
    expect(done.status, done.stderr).toBe(0);
  }
  const said = new Set<string>();
  for (const command of commandsOf(text)) said.add(await testCommand(command));
  return [...said].join('; ');
}

const asPromql: SnippetTest = ({ text }) => {
  expect(inspect(text).syntaxErrors).toEqual([]);
  return 'the grammar of Prometheus parses it';
};

const TESTS: Readonly<Record<string, SnippetTest>> = {
  sh: asShell,
  'inline sh': asShell,
  'inline promql': asPromql,
  promql: asPromql,
  sql: async ({ text }) => {
    for (const statement of text.split(';').filter((part) => part.trim())) await database.pool.query(statement);
    return 'run on a PostgreSQL with the tables of Airflow and of the bundled scheduler';
  },
  yaml: (snippet) => {
    if (snippet.file === 'docs/kubernetes.md') return asHelmValues(snippet);
    if (snippet.file === 'docs/scheduler.md') return asDag('nightly.yaml', snippet.text);
    if (snippet.file === 'docs/alerts.md') {
      expect(parse(snippet.text)).toMatchObject({ routes: [{ matchers: expect.any(Array) }] });
      return 'amtool checks it in a configuration (test/docs/amtool.live.test.ts)';
    }
    return asRunbeatYaml(snippet);
  },
  ts: (snippet) => (snippet.file === 'docs/scheduler.md' ? asDag('report.ts', snippet.text) : asExample(snippet)),
  ini: ({ text }) => {
    const env = Object.fromEntries(text.split('\n').flatMap((line) => (/^RUNBEAT_/.test(line) ? [split(line)] : [])));
    expect(readExporterConfig(env).sources).toHaveLength(1);
    return 'the exporter reads it as its settings';
  },
  none: () => 'not tested: a drawing',
  mermaid: () => 'not tested: a drawing, and no other tool here reads this language',
};

function split(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

describe('snippets of the documents', () => {
  const snippets = readSnippets();
  const tested: string[] = [];

  it('are found: fenced blocks, even indented ones, and commands and PromQL in the text', () => {
    const found = snippetsOf(
      'x.md',
      'Try `npm run demo`.\n1. so:\n   ```sql\n   select 1;\n   ```\n`runbeat_source_up{a="b"}`\n',
    );
    expect(found.map(({ language, text }) => [language, text])).toEqual([
      ['inline sh', 'npm run demo\n'],
      ['sql', 'select 1;\n'],
      ['inline promql', 'runbeat_source_up{a="b"}'],
    ]);
  });

  it.each([
    'npx runbeat doctor --promtheus http://x',
    'npx runbeat frobnicate',
    'npx runbeat demo break everything',
    'npm run deploy',
    'docker compose up -d spark',
    'amtool silence add alertname=RunbeatNothing',
    'RUNBEAT_SORCE_URL=postgres://db npx runbeat exporter',
    'make coffee',
  ])('%s would be refused', async (command) => {
    await expect(testCommand(command)).rejects.toThrow();
  });

  it.each(snippets.map((snippet) => ({ where: `${snippet.file}:${snippet.line}`, ...snippet })))(
    '$where ($language)',
    async ({ where: _, ...snippet }) => {
      const test = TESTS[snippet.language];
      if (!test)
        throw new Error(`No test for a snippet in "${snippet.language}": add one to test/docs/snippets.test.ts.`);
      const how = await test(snippet);
      if (snippet.language.startsWith('inline')) return;
      const first = snippet.text.trim().split('\n')[0]!.replaceAll('|', '\\|').slice(0, 80);
      tested.push(`| [${snippet.file}](${linkTo(snippet.file)}) | ${snippet.language} | \`${first}\` | ${how} |`);
    },
  );

  it('are listed in docs/snippets.md', async () => {
    expect(tested).toHaveLength(snippets.filter(({ language }) => !language.startsWith('inline')).length);
    const text = `# How the snippets are tested

\`test/docs\` tests every code block of these documents, and every command and PromQL expression in their text. A snippet
without a test fails. This list of the code blocks is generated: \`npx vitest run --project node test/docs -u\`.

| document | language | snippet | how it is tested |
|---|---|---|---|
${[...new Set(tested)].join('\n')}
`;
    const pretty = await format(text, { ...(await resolveConfig('docs/snippets.md')), parser: 'markdown' });
    await expect(pretty).toMatchFileSnapshot('../../docs/snippets.md');
  });
});

function linkTo(file: string): string {
  return file.startsWith('docs/') ? file.slice('docs/'.length) : `../${file}`;
}
