import { expect, it } from 'vitest';
import { changedByRuns } from '../../../exporter/promises/dagBook.ts';
import { groupsOf } from '../../../exporter/promises/judgePoll.ts';
import { judgeTimes, type TimedPlace, type TimesJudged } from '../../../exporter/promises/judgeTimes.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import type { PollFacts, SettledRun } from '../../../exporter/promises/pollFacts.ts';
import { Selection } from '../../../exporter/promises/selection.ts';
import { targetsOf, type Target } from '../../../exporter/promises/targets.ts';
import type { DagState } from '../../../exporter/index/promiseRows.ts';
import type { RunRow } from '../../../exporter/sources/rows.ts';
import { randomness } from '../../prometheus/simulation/heartbeats.ts';

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NAMES = ['a', 'b', 'c'];

const GIVEN = [
  { name: 'fresh', dags: { dag_id: '*' }, succeeded_within: '5h' },
  { name: 'early', dags: { dag_id: '*' }, done_by: '07:00', timezone: 'Europe/Berlin' },
  { name: 'weekdays', dags: { dag_id: '*' }, done_by: '02:30', timezone: 'Europe/Berlin', days: 'mon-fri' },
  { name: 'late', dags: { dag_id: '*' }, done_by: '21:00', timezone: 'America/New_York', day_begins: '20:00' },
];

function dagOf(dag_id: string, nowUs: number): DagState {
  const nothing = { last_run_us: null, last_success_us: null, recent: [], asked_us: [], resumed_us: null };
  return { dag_id, owner: null, tags: [], is_paused: false, next_run_us: null, watched_us: nowUs, ...nothing };
}

function success(id: number, dag_id: string, endUs: number): SettledRun {
  const stamps = { due_us: endUs - HOUR, logical_us: null, queued_us: endUs - HOUR, start_us: endUs - HOUR };
  const names = { id, dag_id, run_type: 'scheduled', state: 'success', clear_number: 0 };
  const run = { ...names, ...stamps, end_us: endUs } as unknown as RunRow;
  return { run, keys: null, tasks: [], isFirstEnd: true };
}

it('a target that rests while nothing is due gets the same verdicts and states as one that is judged at every poll', () => {
  const { rules, problems } = parsePromises(GIVEN, { sources: ['main'], keys: [], pollUs: 2 * SECOND });
  expect(problems).toEqual([]);
  const next = randomness(11);
  const random = (below: number): number => Math.floor(next() * below);
  // Across the change from summer time.
  let nowUs = Date.parse('2026-10-20T00:00:00Z') * 1000;
  const dags = new Map(NAMES.map((name) => [name, dagOf(name, nowUs)]));
  const selected = new Selection('main').select(rules, dags.values());
  let targets: readonly Target[] = targetsOf(rules, selected, () => ({ state: null, before: null }));
  const { times } = groupsOf(targets);
  let [verdicts, rested] = [0, 0];
  for (let poll = 0; poll < 4_000; poll++) {
    nowUs += (random(20) === 0 ? -30 : random(300)) * SECOND;
    for (const dag of dags.values()) {
      if (random(400) > 0) continue;
      const is_paused = !dag.is_paused;
      dags.set(dag.dag_id, { ...dag, is_paused, resumed_us: is_paused ? dag.resumed_us : nowUs });
    }
    const settled = NAMES.filter(() => random(150) === 0).map((name, at) => success(poll * 10 + at, name, nowUs));
    const facts: PollFacts = {
      nowUs,
      stampedUs: nowUs,
      readUntilUs: nowUs,
      settled,
      created: [],
      deleted: [],
      active: [],
      historyFromUs: poll < 20 ? nowUs : -Infinity,
    };
    const awake: TimedPlace[] = times.map(({ at }) => ({ at, rest: null }));
    const expected = judgeTimes(targets, awake, dags, facts);
    rested += times.filter(({ rest }) => rest !== null && rest.untilUs >= nowUs).length;
    const judged: TimesJudged = judgeTimes(targets, times, dags, facts);
    expect(judged).toEqual(expected);
    verdicts += judged.verdicts.length;
    targets = targets.map((target, at) => {
      const state = judged.states.get(at);
      return state ? ({ ...target, state } as Target) : target;
    });
    for (const [dagId, dag] of changedByRuns(dags, [], settled)) dags.set(dagId, dag);
  }
  expect(verdicts).toBeGreaterThan(50);
  expect(rested).toBeGreaterThan(10_000);
});
