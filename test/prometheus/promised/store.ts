import type { ArrivalRow, DagState, LoadedPromises, PromiseDelta } from '../../../exporter/index/promiseRows.ts';
import { METRICS } from '../../../shared/metrics.ts';

/** The content of the exporters' index, with the counters. */
export class Store {
  readonly dags = new Map<string, DagState>();
  readonly states = new Map<string, LoadedPromises['states'][number]>();
  readonly marks = new Map<string, { run: number; promise: string }>();
  readonly arrivals = new Map<string, ArrivalRow>();
  readonly counters = new Map<string, number>();
  version = 0;

  save(delta: PromiseDelta, observations: readonly { labels: readonly string[]; count?: number }[]): void {
    this.saveArrivals(delta);
    for (const dag of delta.dags) this.dags.set(dag.dag_id, dag);
    for (const dagId of delta.goneDags) this.dags.delete(dagId);
    for (const { promise, dag_id } of delta.forgotten) this.states.delete(`${promise}|${dag_id}`);
    for (const state of delta.states) this.states.set(`${state.promise}|${state.dag_id}`, state);
    for (const mark of delta.marks) this.marks.set(`${mark.run}|${mark.promise}`, mark);
    const settled = new Set(delta.settledRuns);
    for (const [key, { run }] of this.marks) if (settled.has(run)) this.marks.delete(key);
    for (const { labels, count = 1 } of observations) {
      const key = counterOf(labels);
      this.counters.set(key, (this.counters.get(key) ?? 0) + count);
    }
    this.version += 1;
  }

  private saveArrivals({ forgotten, judgedArrivals, newArrivals }: PromiseDelta): void {
    for (const { promise, dag_id } of forgotten) {
      for (const [key, one] of this.arrivals) {
        if (one.promise === promise && one.dag_id === dag_id) this.arrivals.delete(key);
      }
    }
    for (const arrival of judgedArrivals) this.arrivals.delete(arrivalKey(arrival));
    for (const arrival of newArrivals) this.arrivals.set(arrivalKey(arrival), arrival);
  }

  load(): LoadedPromises {
    return {
      dags: [...this.dags.values()],
      states: [...this.states.values()],
      marks: [...this.marks.values()],
      arrivals: [...this.arrivals.values()],
    };
  }
}

function arrivalKey({ promise, dag_id, run, value }: Pick<ArrivalRow, 'promise' | 'dag_id' | 'run' | 'value'>): string {
  return [promise, dag_id, run, value].join('|');
}

function counterOf(labels: readonly string[]): string {
  const [dag_id, promise, verdict] = labels.map((one) => JSON.stringify(one));
  return `${METRICS.promiseRuns.name}{source="main",dag_id=${dag_id},promise=${promise},verdict=${verdict}}`;
}
