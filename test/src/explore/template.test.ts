import { describe, expect, it } from 'vitest';
import { exploreUrl } from '../../../src/explore/exploreUrl.ts';
import {
  DEFAULT_TRACE_QUERY,
  EXAMPLE_LOG_QUERY,
  fillTemplate,
  LOG_PLACEHOLDERS,
  templateProblem,
  TRACE_PLACEHOLDERS,
} from '../../../src/explore/template.ts';

const values = {
  ...{ source: 'prod', dag_id: 'onboarding', run_id: 'a "b" \\ 🦊', task_id: 'credit.limit' },
  ...{ map_index: -1, try_number: 2, start_date: '2026-01-31T03:00:00Z', end_date: null },
};

describe('a log query', () => {
  it.each([
    ['', null],
    [EXAMPLE_LOG_QUERY, null],
    ['{a="${dag_id}"} |= "$1 {b}"', null],
    [
      '{a="${dag}"} |= "${try}"',
      /Unknown placeholder \$\{dag\}, \$\{try\}. Valid placeholders: \$\{source\}, \$\{dag_id\}/,
    ],
    ['${}', /Unknown placeholder \$\{\}/],
  ])('%j: the problem is named', (template, problem) => {
    if (problem === null) expect(templateProblem(template, LOG_PLACEHOLDERS)).toBeNull();
    else expect(templateProblem(template, LOG_PLACEHOLDERS)).toMatch(problem);
  });

  it('is filled in, whatever characters an id has', () => {
    expect(fillTemplate('{dag="${dag_id}"} |= "${run_id}" | try=${try_number} ${end_date}', values)).toBe(
      '{dag="onboarding"} |= "a \\"b\\" \\\\ 🦊" | try=2 ',
    );
  });
});

describe('a trace query', () => {
  it('finds a trace by its id, without tries', () => {
    expect(templateProblem(DEFAULT_TRACE_QUERY, TRACE_PLACEHOLDERS)).toBeNull();
    expect(fillTemplate(DEFAULT_TRACE_QUERY, { trace_id: 'abc' })).toBe('abc');
    expect(templateProblem('${try_number}', TRACE_PLACEHOLDERS)).toBe(
      'Unknown placeholder ${try_number}. Valid placeholders: ${trace_id}, ${source}, ${dag_id}, ${run_id}.',
    );
  });
});

describe('the link to Explore', () => {
  const paneOf = (url: string) =>
    (JSON.parse(new URL(url, 'http://x').searchParams.get('panes')!) as { runbeat: object }).runbeat;

  it('opens the data source at the time of the try, with some margin', () => {
    const pane = paneOf(exploreUrl({ uid: 'l', type: 'loki' }, '{a="b"}', 1_000_000, 2_000_000));
    expect(pane).toMatchObject({
      datasource: 'l',
      range: { from: '700000', to: '2300000' },
      queries: [{ expr: '{a="b"}', datasource: { uid: 'l', type: 'loki' } }],
    });
  });

  it.each([
    ['elasticsearch', { query: 'q', metrics: [{ type: 'logs' }] }],
    ['tempo', { query: 'q', queryType: 'traceql' }],
    ['jaeger', { query: 'q' }],
    ['some-logs-datasource', { query: 'q', expr: 'q' }],
  ])('uses the query language of %s', (type, query) => {
    expect(paneOf(exploreUrl({ uid: 'x', type }, 'q', null, null))).toMatchObject({
      queries: [query],
      range: { from: 'now-24h', to: 'now' },
    });
  });
});
