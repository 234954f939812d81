import { confProblem } from '../core/storable.ts';

/** Problems of the JSON in a DAG's `params` and its triggers' `conf`, one line each. Everything else is validated later. */
export function confProblems(input: unknown): string[] {
  const dag = fields(input);
  const ofDag = linesOf(dag.params, 'params', '');
  const tasks = Array.isArray(dag.tasks) ? (dag.tasks as unknown[]) : [];
  return [
    ...ofDag,
    ...tasks.flatMap((task) => {
      const { task_id: taskId, trigger } = fields(task);
      return linesOf(fields(trigger).conf, 'trigger.conf', `task "${String(taskId)}": `);
    }),
  ];
}

function linesOf(conf: unknown, name: string, prefix: string): string[] {
  if (conf === undefined || conf === null) return [];
  const problem = confProblem(conf);
  return problem === null ? [] : [`${prefix}${problem.replace(/^conf/, name)}`];
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
