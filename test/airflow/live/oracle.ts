import type { CriticalPath } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';
import type { Release } from '../../../cli/demo/airflow/release.ts';

/** Transitions of a run of the scenario: which upstreams each task waits for, and whether for all of them or the first. */
interface Wait {
  runId: string;
  tasks: string[];
  upstreams: string[];
  /** `own`: each mapped instance waits for its own counterpart. */
  for: 'all' | 'first' | 'own';
}

function wait(runId: string, tasks: string[], upstreams: string[], kind: Wait['for'] = 'all'): Wait {
  return { runId, tasks, upstreams, for: kind };
}

const chain = (runId: string, tasks: string[]): Wait[] =>
  tasks.slice(1).map((task, index) => wait(runId, [task], [tasks[index]!]));

const onboarding = (): Wait[] => {
  const branch = (number: number): string[] => Array.from({ length: 6 }, (_, step) => `branch_${number}_step_${step}`);
  const ends = (numbers: number[]): string[] => numbers.map((number) => `branch_${number}_step_5`);
  return [
    ...[0, 1, 2, 3, 4, 5].flatMap((number) => chain('lab_onboarding', ['arrive', ...branch(number)])),
    wait('lab_onboarding', ['join_left'], ends([0, 2, 4])),
    wait('lab_onboarding', ['join_right'], ends([1, 3, 5])),
    wait('lab_onboarding', ['decide'], ['join_left', 'join_right']),
  ];
};

/**
 * The expected transitions of the scenario's finished runs, written by hand from the DAG files and Airflow's rules.
 * They leave out tasks that were retried (`flaky`), rescheduled, deferred, skipped or cleared, setups and teardowns.
 */
export const EXPECTED_WAITS: Record<string, Wait[]> = {
  branches_join: [...chain('lab_branches_join', ['begin', 'choose', 'left', 'join', 'finish'])],
  retries: [wait('lab_retries', ['after'], ['flaky'])],
  mapped: [
    wait('lab_mapped', ['square'], ['numbers']),
    wait('lab_mapped', ['total'], ['square']),
    wait('lab_mapped', ['after'], ['total']),
  ],
  task_groups: [
    wait('lab_task_groups', ['per_user.fetch'], ['begin']),
    wait('lab_task_groups', ['per_user.store'], ['per_user.fetch'], 'own'),
    wait('lab_task_groups', ['checks.age', 'checks.address'], ['per_user.store']),
    wait('lab_task_groups', ['end'], ['checks.age', 'checks.address']),
  ],
  rescheduled: [wait('lab_rescheduled', ['after'], ['sensor'])],
  deferred: [wait('lab_deferred', ['after'], ['deferring'])],
  skips: [wait('lab_skips', ['final'], ['after_skip'])],
  failing: [wait('lab_failing', ['broken'], ['fine'])],
  trigger_rules: [
    wait(
      'lab_trigger_rules',
      ['all_success', 'none_failed', 'none_failed_min_one_success', 'none_skipped'],
      ['fast', 'slow'],
    ),
    wait('lab_trigger_rules', ['one_success', 'one_done'], ['fast', 'slow'], 'first'),
    wait('lab_trigger_rules', ['one_failed', 'all_failed'], ['broken']),
    wait('lab_trigger_rules', ['all_done'], ['fast', 'slow', 'broken']),
  ],
  setup_teardown: [wait('lab_setup_teardown', ['more_work'], ['work'])],
  one_slot: [wait('lab_one_slot', ['contender_0', 'contender_1', 'contender_2', 'contender_3'], ['begin'])],
  onboarding: onboarding(),
  reshaped: [
    ...chain('lab_reshaped_first', ['arrive', 'old_way', 'leave']),
    wait('lab_reshaped_second', ['new_way', 'leave'], ['arrive']),
  ],
  user_flow: ['user-42-first', 'manual__2024-05-01T10:00:00+00:00', 'user-43', 'user-by-name', 'nobody'].flatMap(
    (runId) => chain(runId, ['receive', 'decide', 'answer']),
  ),
};

/** Whether earlier attempts are kept: since 2.10. */
export function keepsAttempts({ major, minor }: Release): boolean {
  return major === 3 || minor >= 10;
}

/** Since 3.4 they stay in task_instance itself. */
function keepsThemInPlace({ major, minor }: Release): boolean {
  return major === 3 && minor >= 4;
}

/** How often a run has ended. Before 2.8, Airflow does not record how often it was cleared, but the scenario knows. */
export function runEnds({ major, minor }: Release): string {
  return major === 2 && minor < 8 ? "case when dag_id = 'cleared' then 2 else 1 end" : '1 + clear_number';
}

/** A subquery for task instances without their earlier attempts, which needs an alias. */
export function presentTasks(release: Release): string {
  return keepsThemInPlace(release)
    ? '(select *, region_index as map_index from task_instance where working_set)'
    : 'task_instance';
}

/** Task instances that had ended when they were cleared. */
export function earlierAttempts(release: Release): string {
  if (keepsThemInPlace(release))
    return "select dag_id, state from task_instance where dag_id = 'cleared' and working_set is not true";
  if (keepsAttempts(release)) return "select dag_id, state from task_instance_history where dag_id = 'cleared'";
  return "select 'cleared', 'success' from generate_series(1, 4)";
}

/** All parts of a critical path, in seconds. */
export function partsOf(critical: CriticalPath): number {
  return Object.entries(critical).reduce(
    (sum, [part, value]) => (part.endsWith('_seconds') ? sum + Number(value) : sum),
    0,
  );
}

interface Expected {
  count: number;
  /** Exact sum of all transitions of the DAG. */
  micros: number;
}

/** The expected histogram of a DAG, by plain SQL over Airflow's own rows. */
export async function expectedTransitions(airflow: Airflow, dagId: string): Promise<Expected> {
  const total = { count: 0, micros: 0 };
  for (const { runId, tasks, upstreams, for: kind } of EXPECTED_WAITS[dagId]!) {
    const end = kind === 'first' ? 'min' : 'max';
    const own = kind === 'own' ? 'and u.map_index = n.map_index' : '';
    const [row] = await airflow.query<{ count: string; micros: string | null }>(
      `select count(*), sum((extract(epoch from n.start_date) - (
                select extract(epoch from ${end}(u.end_date)) from ${presentTasks(airflow.release)} u
                 where u.dag_id = n.dag_id and u.run_id = n.run_id and u.task_id = any ($4) ${own})) * 1000000)::bigint as micros
         from ${presentTasks(airflow.release)} n where n.dag_id = $1 and n.run_id = $2 and n.task_id = any ($3)`,
      [dagId, runId, tasks, upstreams],
    );
    total.count += Number(row!.count);
    total.micros += Number(row!.micros);
  }
  return total;
}
