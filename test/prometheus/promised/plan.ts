import { dateOf, momentOf, nextDate } from './localTime.ts';

export const HOUR = 3_600;

/** Start of each section of the simulation, in hours. Short sections take promtool less time in total. */
const BEGINS_AFTER_HOURS = Number(process.env.RUNBEAT_PROMISE_FROM_HOUR || 0);

/** The first 1,000 hours have a leap day, and clock changes in New York, Berlin and Sydney. */
export const START = Date.parse('2028-02-22T00:00:00Z') / 1000 + BEGINS_AFTER_HOURS * HOUR;

export interface PlannedDag {
  dag_id: string;
  owner: string;
  tags: string[];
  /** Times at which its scheduled runs are due; none for a DAG that is only started manually. */
  due: (from: number, to: number) => number[];
  /** Seconds from one run to the next. */
  period: number;
  /** Duration of a run in seconds. */
  takes: number;
  /** Airflow 3 has runs without a logical date. */
  isDateless?: true;
}

const every =
  (seconds: number): PlannedDag['due'] =>
  (from, to) => {
    const first = Math.ceil(from / seconds) * seconds;
    return Array.from({ length: Math.max(0, Math.ceil((to - first) / seconds)) }, (_, at) => first + at * seconds);
  };

const daily =
  (time: string, zone: string, isDay: (date: string) => boolean = () => true): PlannedDag['due'] =>
  (from, to) => {
    const found: number[] = [];
    for (let date = dateOf(from - 86_400, zone); ; date = nextDate(date)) {
      const at = momentOf(date, time, zone);
      if (at >= to) return found;
      if (at >= from && isDay(date)) found.push(at);
    }
  };

const isFirstOrLast = (date: string): boolean => date.endsWith('-01') || nextDate(date).endsWith('-01');
const isMonday = (date: string): boolean => new Date(`${date}T00:00:00Z`).getUTCDay() === 1;
const dag = (
  dag_id: string,
  owner: string,
  tags: string[],
  due: PlannedDag['due'],
  period: number,
  takes: number,
): PlannedDag => ({ dag_id, owner, tags, due, period, takes });

export const DAY = 24 * HOUR;
const BERLIN = 'Europe/Berlin';

export const ODD_NAME = 'odd "name\\ of ü 💥';

export const DAGS: readonly PlannedDag[] = [
  dag('minute_a', 'risk', ['fast'], every(60), 60, 12),
  dag('minute_b', 'ops', ['fast'], every(120), 120, 25),
  dag('ten_a', 'ops', ['ten'], every(600), 600, 90),
  dag('ten_b', 'risk, ops', ['ten', 'x'], every(600), 600, 80),
  dag('quarter', 'ops', [], every(900), 900, 100),
  dag('hour_a', 'risk', ['prices'], every(HOUR), HOUR, 600),
  dag('hour_b', 'risk', ['prices'], every(HOUR), HOUR, 700),
  dag('hour_c', 'ops', [], every(HOUR), HOUR, 500),
  { ...dag('hour_d', 'ops', [], every(HOUR), HOUR, 400), isDateless: true },
  dag('six_hourly', 'ops', [], every(6 * HOUR), 6 * HOUR, 1_800),
  dag('nightly_a', 'books', ['nightly'], daily('01:00', BERLIN), DAY, 5_400),
  dag('nightly_b', 'books', ['nightly'], daily('02:15', 'America/New_York'), DAY, 4_000),
  dag('report_a', 'books', ['reporting'], daily('04:00', BERLIN), DAY, 5_400),
  { ...dag('report_b', 'books', ['reporting'], daily('05:10', BERLIN), DAY, 3_000), isDateless: true },
  dag('ny_close', 'books', [], daily('00:30', 'America/New_York'), DAY, 3_600),
  dag('sydney', 'books', [], daily('01:00', 'Australia/Sydney'), DAY, 3_000),
  dag('month', 'books', [], daily('03:00', 'Pacific/Kiritimati', isFirstOrLast), 15 * DAY, 7_200),
  dag('leap', 'books', [], daily('02:00', 'Pacific/Pago_Pago'), DAY, 7_200),
  dag('weekly', 'books', [], daily('06:00', BERLIN, isMonday), 7 * DAY, 3_600),
  dag(
    ODD_NAME,
    'Ünïcode "team"',
    Array.from({ length: 200 }, (_, at) => `tag ${at}`),
    every(HOUR),
    HOUR,
    300,
  ),
];

/** As in runbeat.yaml. */
export type GivenPromise = { name: string; dags?: unknown } & Record<string, unknown>;

/** Business key of the runs of `minute_b`, on which those of `ten_a` and `ten_b` decide. */
export const KEY = 'user';

const BLOCK = 600;

/** The runs of ten minutes have the same value, on which the next run decides. Some runs have two values. */
export function valuesOf({ dag_id }: PlannedDag, at: number): string[] {
  const block = Math.floor(at / BLOCK);
  if (dag_id === 'minute_b') return at % BLOCK < 120 ? [`u${block}`, `w${block}`] : [`u${block}`];
  return dag_id.startsWith('ten_') ? [`u${block - 1}`, `w${block - 1}`] : [];
}

export const PROMISES: readonly GivenPromise[] = [
  { name: 'quick', dags: 'minute_a', ends_within: '30s', share: '95%' },
  { name: 'tens', dags: { tag: 'ten' }, ends_within: '3m', share: '90%' },
  { name: 'hours', dags: { dag_id: 'hour_*' }, ends_within: '20m', share: '95%' },
  { name: 'nights', dags: [{ tag: 'nightly' }], ends_within: '2h', share: '97%' },
  { name: 'starts', dags: { owner: 'risk' }, starts_within: '2m', share: '95%' },
  { name: 'fresh', dags: { dag_id: 'hour_*' }, succeeded_within: '2h' },
  { name: 'fresh tens', dags: { tag: 'ten' }, succeeded_within: '25m' },
  { name: 'fresh odd', dags: { owner: 'Ünïcode*' }, succeeded_within: '90m' },
  {
    name: 'morning',
    dags: { tag: 'reporting' },
    done_by: '07:00',
    timezone: BERLIN,
    days: 'mon-fri',
    except: ['2028-03-08', '02-29'],
  },
  // The clocks skip this on 2028-03-12.
  { name: 'close', dags: 'ny_close', done_by: '02:30', timezone: 'America/New_York', day_begins: '20:00' },
  // This occurs twice on 2028-04-02.
  { name: 'south', dags: 'sydney', done_by: '02:30', timezone: 'Australia/Sydney' },
  { name: 'month', dags: 'month', done_by: '12:00', timezone: 'Pacific/Kiritimati', days: [1, 'last'] },
  { name: 'leap', dags: 'leap', done_by: '06:00', timezone: 'Pacific/Pago_Pago', days: 29 },
  {
    name: 'decided',
    journey: { key: KEY, from: 'minute_b', to: { tag: 'ten' } },
    ends_within: '15m',
    share: '90%',
  },
];
