import { describe, expect, it } from 'vitest';
import { failureText, failureWords } from '../../../src/components/failureWords.ts';
import { ExporterFailure, failureOf, isCancelled, unreadable, type FailureKind } from '../../../src/data/failure.ts';

const problem = (status: number, detail = 'why') => ({ type: 'about:blank', title: 'Title', status, detail });

describe('failureOf', () => {
  it.each<[what: string, error: unknown, kind: FailureKind]>([
    ['a proxy that finds nobody', { status: 502, data: { message: 'Bad Gateway' } }, 'unreachable'],
    ['a request that never left', { status: 0, statusText: 'Failed to fetch', data: null }, 'unreachable'],
    ['a proxy that waited too long', { status: 504, data: {} }, 'slow'],
    [
      'a token that Grafana’s proxy reports',
      { status: 400, data: { message: 'Authentication to data source failed' } },
      'unauthorized',
    ],
    ['a token that the exporter reports', { status: 401, data: problem(401) }, 'unauthorized'],
    ['a role', { status: 403, data: { message: 'plugin proxy route access denied' } }, 'forbidden'],
    ['an unknown run', { status: 404, data: problem(404) }, 'not_found'],
    ['a path that is not there', { status: 404, data: '<html>404</html>' }, 'not_an_exporter'],
    ['a wrong parameter', { status: 400, data: problem(400) }, 'refused'],
    ['a 400 of something else', { status: 400, data: 'nope' }, 'not_an_exporter'],
    ['an exporter whose index is down', { status: 503, data: problem(503) }, 'broken'],
    ['nothing at all', undefined, 'unreachable'],
  ])('tells %s', (_, error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
  });

  it('names every parameter that the exporter refused', () => {
    const data = {
      ...problem(400),
      errors: [
        { parameter: 'from', message: 'must be a time' },
        { parameter: 'limit', message: 'must be at least 1' },
      ],
    };
    expect(failureOf({ status: 400, data }).message).toBe('from: must be a time; limit: must be at least 1');
  });

  it('does not show the HTML page of another server', () => {
    expect(failureOf({ status: 500, statusText: 'Oops', data: '<html><body>…' }).message).toBe('Oops');
  });

  it('distinguishes an answer that cannot be shown from one that did not arrive', () => {
    expect(unreadable(new TypeError('row.links is undefined'))).toMatchObject({
      kind: 'unreadable',
      message: 'row.links is undefined',
    });
    expect(unreadable(new ExporterFailure('slow', 'late')).kind).toBe('slow');
  });

  it('is a text of whole sentences', () => {
    expect(failureText(new ExporterFailure('forbidden', 'Access denied'))).toBe(
      'Grafana does not let you read this data source. Access denied. Ask an administrator for permission to query it.',
    );
  });

  it('has a message and a remedy for each', () => {
    for (const kind of [
      'unreachable',
      'slow',
      'unauthorized',
      'forbidden',
      'not_found',
      'refused',
      'not_an_exporter',
      'unreadable',
      'broken',
    ] as const) {
      const words = failureWords(new ExporterFailure(kind, 'detail'));
      expect(words.title).not.toBe('');
      expect(words.wayForward).not.toBe('');
    }
  });

  it('does not say of a source that is not there that it deleted something', () => {
    const problem = { type: 'urn:runbeat:problem:unknown-source', title: 'x', status: 404, detail: 'There is no “a”.' };
    const words = failureWords(failureOf({ status: 404, data: problem }));
    expect(words).toMatchObject({ title: 'There is no such source', detail: 'There is no “a”.' });
    expect(words.wayForward).not.toContain('deleted');
  });
});

it('distinguishes an aborted request from a failed one', () => {
  expect(isCancelled({ cancelled: true })).toBe(true);
  expect(isCancelled(new DOMException('x', 'AbortError'))).toBe(true);
  expect(isCancelled({ status: 502 })).toBe(false);
});
