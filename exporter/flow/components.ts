import type { ComponentRow, Micros, SchedulerRow } from '../sources/rows.ts';
import { judgeSchedulers, type LivenessRules, type SchedulerLife, type SinceMoved, type SkewOf } from './liveness.ts';

export type ComponentLife = SchedulerLife & { component: ComponentRow['component'] };

/**
 * Judges triggerers and DAG processors by the rules for schedulers, each kind separately. One difference: if the last one was
 * stopped cleanly, it is forgotten. An Airflow may work without them (no deferred tasks; the DAG processor inside the scheduler)
 * and then has no rows for them, or old ones.
 */
export function judgeComponents(
  rows: readonly ComponentRow[],
  nowUs: Micros,
  rules: LivenessRules,
  skewOf: SkewOf,
  sinceMoved: SinceMoved,
): ComponentLife[] {
  return (['triggerer', 'dag_processor'] as const).flatMap((component) => {
    const ofKind: SchedulerRow[] = rows.filter((row) => row.component === component);
    return judgeSchedulers(ofKind, nowUs, rules, skewOf, sinceMoved)
      .filter((life) => life.alive || life.state !== 'success' || life.age_us < rules.forgetUs)
      .map((life) => ({ ...life, component }));
  });
}
