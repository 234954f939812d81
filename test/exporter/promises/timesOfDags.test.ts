import { expect, it } from 'vitest';
import { periodOf } from '../../../exporter/promises/dagBook.ts';
import type { PollFacts, SettledRun } from '../../../exporter/promises/pollFacts.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import type { PromiseRule } from '../../../exporter/promises/rules.ts';
import { SourcePromises } from '../../../exporter/promises/sourcePromises.ts';
import { standingOf, type DayTarget } from '../../../exporter/promises/targets.ts';
import type { DagRow, RunRow } from '../../../exporter/sources/rows.ts';

const SECOND = 1e6;
const DAILY = { name: 'early', dags: 'flow', done_by: '07:00', timezone: 'UTC' };
const FRESH = { name: 'fresh', dags: 'flow', succeeded_within: '1h' };

const at = (time: string, day = '2026-11-26'): number => Date.parse(`${day}T${time}Z`) * 1000;

function rulesOf(...given: object[]): readonly PromiseRule[] {
  const { rules, problems } = parsePromises(given, { sources: ['main'], keys: [], pollUs: 2 * SECOND });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return rules;
}

/** The promises of a source with one DAG, polled by a test. */
class Watched {
  rules: readonly PromiseRule[] = [];
  isPaused = false;
  nextRunUs: number | null = null;
  created: PollFacts['created'] = [];
  readonly verdicts: string[] = [];
  private readonly promises = new SourcePromises('main', () => this.rules);
  private runs = 0;

  poll(nowUs: number, settled: readonly SettledRun[] = [], behindSeconds = 0): void {
    const row = { dag_id: 'flow', owner: null, tags: [], is_paused: this.isPaused, next_run_us: this.nextRunUs };
    const facts: PollFacts = {
      nowUs,
      stampedUs: nowUs - behindSeconds * SECOND,
      readUntilUs: nowUs,
      historyFromUs: -Infinity,
      settled,
      created: this.created,
      deleted: [],
      active: [],
    };
    const work = this.promises.judge(new Map([['flow', row as unknown as DagRow]]), facts);
    for (const { promise, kept, day } of work.delta.verdicts)
      this.verdicts.push([promise, kept ? 'kept' : 'broken', ...(day === null ? [] : [day])].join(' '));
    work.accept();
  }

  success(endUs: number): SettledRun {
    this.runs += 1;
    const stamps = { due_us: endUs - SECOND, logical_us: null, queued_us: endUs - SECOND, start_us: endUs - SECOND };
    const names = { id: this.runs, dag_id: 'flow', run_type: 'manual', state: 'success', clear_number: 0 };
    const run = { ...names, ...stamps, end_us: endUs } as unknown as RunRow;
    return { run, keys: null, tasks: [], isFirstEnd: true };
  }

  /** Seconds from one run of the DAG to the next. */
  get period(): number | null {
    const us = periodOf(this.promises.dags.get('flow')!);
    return us === null ? null : us / SECOND;
  }

  overdueSince(nowUs: number): number | null {
    const [target] = this.promises.targets;
    return standingOf(target as DayTarget, this.promises.dags.get('flow')!, nowUs).overdueSinceUs;
  }
}

it('a success while its DAG is paused counts for a day whose deadline is after the pause', () => {
  const watched = new Watched();
  watched.rules = rulesOf(DAILY);
  watched.poll(at('01:00'));
  watched.isPaused = true;
  watched.poll(at('05:00'), [watched.success(at('04:59'))]);
  watched.isPaused = false;
  watched.poll(at('06:00'));
  watched.poll(at('08:00'));
  expect(watched.verdicts).toEqual(['early kept 2026-11-26']);
});

it('a promise on a paused DAG knows its earlier successes', () => {
  const watched = new Watched();
  watched.poll(at('01:00'));
  watched.poll(at('05:00'), [watched.success(at('04:59'))]);
  watched.isPaused = true;
  watched.rules = rulesOf(DAILY);
  watched.poll(at('05:10'));
  watched.isPaused = false;
  watched.poll(at('06:00'));
  watched.poll(at('08:00'));
  expect(watched.verdicts).toEqual(['early kept 2026-11-26']);
});

it('a new promise is not broken by a deadline after which there were more successes than are stored', () => {
  const watched = new Watched();
  const first = at('06:00');
  for (let minute = 1; minute < 120; minute += 1) {
    const endUs = first + minute * 60 * SECOND;
    watched.poll(endUs + SECOND, [watched.success(endUs)]);
  }
  watched.rules = rulesOf(DAILY);
  watched.poll(at('08:00'));
  expect(watched.verdicts).toEqual([]);
  watched.poll(at('01:00', '2026-11-27'), [watched.success(at('00:59', '2026-11-27'))]);
  expect(watched.verdicts).toEqual(['early kept 2026-11-27']);
});

it('days and waits are not broken while a scheduler whose clock is behind can still end a run in time', () => {
  const watched = new Watched();
  watched.rules = rulesOf(DAILY, FRESH);
  watched.poll(at('06:00'), [watched.success(at('06:00', '2026-11-25'))]);
  watched.verdicts.length = 0;
  watched.poll(at('07:00:10'), [], 30);
  watched.poll(at('07:00:20'), [watched.success(at('06:59:50'))], 30);
  watched.poll(at('07:01'), [], 30);
  expect(watched.verdicts).toEqual(['early kept 2026-11-26', 'fresh kept']);
});

it('a wait has one verdict, even if its limit is raised after it was broken', () => {
  const watched = new Watched();
  watched.rules = rulesOf(FRESH);
  watched.poll(at('06:00'));
  watched.poll(at('07:01'));
  expect(watched.verdicts).toEqual(['fresh broken']);
  watched.rules = rulesOf({ ...FRESH, succeeded_within: '3h' });
  watched.poll(at('07:30'));
  watched.poll(at('08:00'), [watched.success(at('07:59'))]);
  watched.poll(at('09:00'), [watched.success(at('08:59'))]);
  expect(watched.verdicts).toEqual(['fresh broken', 'fresh kept']);
});

it('the time from one run of a DAG to the next is known when its second run is scheduled or created, not only when it has ended', () => {
  const dag = new Watched();
  dag.rules = rulesOf(FRESH);
  const scheduled = (dueUs: number): PollFacts['created'][number] => {
    const stamps = { due_us: dueUs, logical_us: null, queued_us: dueUs, start_us: dueUs, end_us: null };
    const names = { id: dueUs, dag_id: 'flow', run_type: 'scheduled', state: 'running', clear_number: 0 };
    return { run: { ...names, ...stamps } as unknown as RunRow, keys: {} };
  };
  dag.created = [scheduled(at('01:00:00'))];
  dag.poll(at('01:00:02'));
  expect(dag.period).toBeNull();
  dag.created = [];
  dag.nextRunUs = at('03:00:00');
  dag.poll(at('01:00:04'));
  expect(dag.period).toBe(2 * 3_600);
  dag.nextRunUs = null;
  dag.created = [scheduled(at('04:00:00'))];
  dag.poll(at('04:00:02'));
  expect(dag.period).toBe(3 * 3_600);
});
