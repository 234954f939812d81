import { describe, expect, it } from 'vitest';
import { missingBetween, remainingGaps } from '../../exporter/collectors/gaps.ts';
import { judgeSchedulers } from '../../exporter/flow/liveness.ts';
import { continued, delayOf, findOutages, type OutageInterval, type WorkedTask } from '../../exporter/flow/outages.ts';
import { SkewMeter } from '../../exporter/flow/skewMeter.ts';
import type { SchedulerRow } from '../../exporter/sources/rows.ts';

const S = 1e6;
const NOW = 1_000 * S;
const RULES = { thresholdUs: 30 * S, forgetUs: 600 * S };
const noSkew = (): number => 0;

function scheduler(job_id: number, ageSeconds: number, more: Partial<SchedulerRow> = {}): SchedulerRow {
  const row = {
    job_id,
    hostname: 'host',
    lane: null,
    state: 'running',
    start_us: 0,
    heartbeat_us: NOW - ageSeconds * S,
  };
  return { ...row, end_us: null, skew_us: null, read_us: NOW, ...more };
}

describe('schedulers', () => {
  it('reports the dead one of two although its row stays running, and stops reporting it after the retention time', () => {
    const at = (nowUs: number) => judgeSchedulers([scheduler(1, -5_000), scheduler(2, 0)], nowUs, RULES, noSkew);
    const told = judgeSchedulers([scheduler(1, 0), scheduler(2, 60)], NOW, RULES, noSkew);
    expect(told.map((life) => [life.name, life.alive])).toEqual([
      ['host:1', true],
      ['host:2', false],
    ]);
    expect(at(NOW + 700 * S).map((life) => life.name)).toEqual(['host:1']);
  });

  it('reports one that another scheduler has marked as failed as dead, like one whose row stays running', () => {
    const lives = judgeSchedulers([scheduler(1, 1), scheduler(2, 40, { state: 'failed' })], NOW, RULES, noSkew);
    expect(lives.map((life) => [life.name, life.alive])).toEqual([
      ['host:1', true],
      ['host:2', false],
    ]);
  });

  it('counts one whose clock is minutes behind as alive from its first new heartbeat until a threshold after its last one', () => {
    const meter = new SkewMeter();
    const seen = (nowSeconds: number, beatSeconds: number): boolean => {
      const row = { ...scheduler(1, 0), heartbeat_us: (beatSeconds - 300) * S, read_us: nowSeconds * S };
      meter.observe([row], nowSeconds * S);
      const since = (it: typeof row) => meter.sinceMoved(it, nowSeconds * S);
      return judgeSchedulers([row], nowSeconds * S, RULES, noSkew, since)[0]!.alive;
    };
    expect([seen(0, 0), seen(6, 5), seen(30, 5), seen(37, 5)]).toEqual([false, true, true, false]);
  });

  it('keeps reporting the newest dead one if none is alive', () => {
    const lives = judgeSchedulers([scheduler(1, 90_000), scheduler(2, 80_000)], NOW, RULES, noSkew);
    expect(lives.map((life) => [life.name, life.alive])).toEqual([['host:2', false]]);
  });

  it('does not report one that shut down properly as dead while another is alive', () => {
    const lives = judgeSchedulers([scheduler(1, 1), scheduler(2, 40, { state: 'success' })], NOW, RULES, noSkew);
    expect(lives.map((life) => life.name)).toEqual(['host:1']);
  });

  it.each([
    ['a minute behind', 60],
    ['a minute ahead', -60],
  ])('measures the skew of a scheduler whose clock is %s, and does not report it as dead', (_name, behind) => {
    const meter = new SkewMeter();
    for (let poll = 0; poll < 8; poll++) {
      const now = NOW + poll * 2 * S;
      const beat = now - (poll % 3) * S - behind * S;
      meter.observe([scheduler(1, 0, { heartbeat_us: beat, read_us: now })], now);
    }
    const row = scheduler(1, behind + 1);
    const skew = meter.skewOf(row, 2 * S);
    expect(Math.abs(skew / S + behind)).toBeLessThan(2);
    const [life] = judgeSchedulers([row], NOW, RULES, () => skew);
    expect(life?.alive).toBe(true);
    expect(Math.abs(life!.age_us)).toBeLessThan(5 * S);
  });

  it('finds no skew in a busy Airflow that writes each heartbeat one interval late, however long the interval is', () => {
    const meter = new SkewMeter();
    const beats = [0, 5, 17, 32, 46, 61, 77, 90];
    for (let now = 6; now < 90; now += 2) {
      const written = beats.filter((at) => at <= now);
      const row = scheduler(1, 0, { heartbeat_us: written.at(-2)! * S, read_us: now * S });
      meter.observe([row], now * S);
      expect(meter.measured(row, 2 * S)).toBe(0);
    }
  });

  it('does not infer a skew from a heartbeat that does not change', () => {
    const meter = new SkewMeter();
    for (let poll = 0; poll < 50; poll++) {
      const now = NOW + poll * 2 * S;
      meter.observe([scheduler(1, 0, { read_us: now })], now);
    }
    expect(meter.skewOf(scheduler(1, 0), 2 * S)).toBe(0);
  });

  it.each([
    ['reads the rows long after the clock', 2, 15, 1],
    ['comes much later than planned', 20, 0, 4.5],
  ])('finds no skew in a poll that %s', (_name, everySeconds, lateSeconds, ageSeconds) => {
    const meter = new SkewMeter();
    let row = scheduler(1, 0);
    for (let poll = 0; poll < 50; poll++) {
      const now = NOW + poll * everySeconds * S;
      const readAt = now + lateSeconds * S;
      row = scheduler(1, 0, { heartbeat_us: readAt - ageSeconds * S, read_us: readAt });
      meter.observe([row], now);
      expect([meter.skewOf(row, 2 * S), meter.measured(row, 2 * S)]).toEqual([0, 0]);
    }
  });
});

describe('outages', () => {
  const life = (from: number, to: number) => scheduler(from, 0, { start_us: from * S, heartbeat_us: to * S });
  const nothing = { lastBeatUs: null, seenAtUs: null };

  it('lie between the lifetimes of schedulers, including those before the exporter started', () => {
    expect(findOutages([life(0, 100), life(400, 995)], nothing, NOW, 30 * S)).toEqual([{ from: 100 * S, to: 400 * S }]);
  });

  it('need every scheduler to be dead', () => {
    expect(findOutages([life(0, 100), life(50, 500), life(400, 995)], nothing, NOW, 30 * S)).toEqual([]);
  });

  it('last while no scheduler sends heartbeats', () => {
    expect(findOutages([life(0, 900)], nothing, NOW, 30 * S)).toEqual([{ from: 900 * S, to: null }]);
  });

  it('include the time in which a scheduler hung, as seen by the polls in between', () => {
    const memory = { lastBeatUs: 800 * S, seenAtUs: 950 * S };
    expect(findOutages([life(0, 990)], memory, NOW, 30 * S)).toEqual([{ from: 800 * S, to: 950 * S }]);
  });

  it('are not inferred from a pause of the exporter itself', () => {
    const memory = { lastBeatUs: 800 * S, seenAtUs: 802 * S };
    expect(findOutages([life(0, 995)], memory, NOW, 30 * S)).toEqual([]);
  });
});

describe('outages on record', () => {
  const recorded = [{ from: 800 * S, to: null }];

  it('continue when a heartbeat that was written late moves their beginning', () => {
    expect(continued([{ from: 805 * S, to: null }], recorded, 30 * S)).toEqual([{ from: 800 * S, to: null }]);
    expect(continued([{ from: 805 * S, to: 950 * S }], recorded, 30 * S)).toEqual([{ from: 800 * S, to: 950 * S }]);
  });

  it('are recognised by an exporter that has just started and has not measured the skew yet', () => {
    const over = [{ from: 800 * S, to: 950 * S }];
    expect(continued([{ from: 794.5 * S, to: 950 * S }], over, 30 * S)).toEqual([{ from: 800 * S, to: 950 * S }]);
  });

  it('are separate if a scheduler was alive in between', () => {
    const later = { from: 960 * S, to: null };
    expect(continued([later], [{ from: 800 * S, to: 900 * S }], 30 * S)).toEqual([later]);
  });

  it('are counted once per stop of an Airflow that writes each heartbeat one interval late, and not at all below the threshold', () => {
    const stop = (seconds: number): number => {
      let [memory, record] = [
        { lastBeatUs: null as number | null, seenAtUs: null as number | null },
        [] as OutageInterval[],
      ];
      const meter = new SkewMeter();
      const [stopped, resumed] = [200, 200 + seconds];
      for (let now = 100; now < 400; now += 2) {
        // Heartbeats are due every 5 s while it runs. Each writes the time of the one before.
        const last = now < stopped ? now : now < resumed ? stopped : now;
        const beats = Array.from({ length: 80 }, (_, n) => n * 5).filter(
          (at) => at <= last && (at <= stopped || at >= resumed),
        );
        const row = scheduler(1, 0, { start_us: 0, heartbeat_us: beats.at(-2)! * S, read_us: now * S });
        meter.observe([row], now * S);
        const corrected = { ...row, heartbeat_us: row.heartbeat_us - meter.skewOf(row, 2 * S) };
        const found = findOutages([corrected], memory, now * S, 30 * S);
        memory = { lastBeatUs: corrected.heartbeat_us, seenAtUs: now * S };
        for (const outage of continued(found, record, 30 * S)) {
          record = [...record.filter((other) => other.from !== outage.from), outage];
        }
        if (!found.some((outage) => outage.to === null)) {
          record = record.map((outage) => (outage.to === null ? { ...outage, to: corrected.heartbeat_us } : outage));
        }
        expect(meter.measured(row, 2 * S)).toBe(0);
      }
      return record.length;
    };
    expect([20, 27, 60, 100].map(stop)).toEqual([0, 0, 1, 1]);
  });
});

describe('the delay of a run by an outage', () => {
  const outage = { from: 100, to: 200 };
  const run = { run_type: 'manual', logical_us: 50, due_us: null, queued_us: 50, start_us: 60, end_us: 300 };
  const work = (start_us: number, end_us: number | null, more: Partial<WorkedTask> = {}): WorkedTask => ({
    task_id: 'task',
    operator: 'BashOperator',
    state: 'success',
    start_us,
    end_us,
    ...more,
  });

  it.each([
    ['the whole outage when nothing ran', run, [], 100],
    ['nothing when a task ran throughout', run, [work(90, 210)], 0],
    ['the time after a task that ended in the outage', run, [work(90, 130)], 70],
    ['the gap between two tasks', run, [work(90, 130), work(120, 150), work(180, null)], 30],
    ['nothing for skipped rows', run, [work(100, 200, { state: 'skipped' })], 100],
    ['the whole outage while a sensor poked', run, [work(90, 210, { operator: 'SqlSensor' })], 100],
    ['the whole outage while a task waited for its trigger', run, [work(90, null, { state: 'deferred' })], 100],
    [
      'the whole outage while a sensor waited for its next poke',
      run,
      [work(90, 95, { state: 'up_for_reschedule' })],
      100,
    ],
    [
      'the time since it was due, for a run that could only be created after the outage',
      { ...run, due_us: 130, queued_us: 205, start_us: 206 },
      [],
      70,
    ],
    [
      'the time since the moment for which it was triggered, for a run that could only be made after it',
      { ...run, logical_us: 130, queued_us: 205, start_us: 206 },
      [],
      70,
    ],
    [
      'nothing for a run of an earlier date that was triggered after it',
      { ...run, logical_us: 10, queued_us: 205 },
      [],
      0,
    ],
    ['nothing for a backfill of its date', { ...run, run_type: 'backfill', logical_us: 130, queued_us: 205 }, [], 0],
    ['the time since it was due', { ...run, due_us: 150 }, [], 50],
    ['the time until it ended', { ...run, end_us: 120 }, [], 20],
    ['nothing for a run that ended before', { ...run, end_us: 90 }, [], 0],
    ['nothing for a run that was queued after', { ...run, queued_us: 250 }, [], 0],
  ])('is %s', (_name, of, tasks, us) => {
    expect(delayOf(outage, of, tasks)).toBe(us);
  });
});

describe('ids that commit late', () => {
  it('are those missing between the ids that were seen', () => {
    expect(missingBetween(10, [11, 14, 15, 20], 7)).toEqual([
      { from: 12, to: 13, xmax: 7 },
      { from: 16, to: 19, xmax: 7 },
    ]);
  });

  it('stay open until every transaction of that time is over, and become fewer as they appear', () => {
    const gaps = [{ from: 12, to: 19, xmax: 100 }];
    expect(remainingGaps(gaps, [15], 99)).toEqual([
      { from: 12, to: 14, xmax: 100 },
      { from: 16, to: 19, xmax: 100 },
    ]);
    expect(remainingGaps(gaps, [], 100)).toEqual([]);
  });
});
