import { setImmediate as others } from 'node:timers/promises';
import type { TaskStructure } from './structure.ts';

type Task = Pick<TaskStructure, 'task_id' | 'upstream_task_ids' | 'is_setup' | 'is_teardown'>;

/**
 * By task_id: tasks further up that a task waits for in addition to its upstreams, because of setups (ti_deps/deps/trigger_rule_dep.py).
 * A task waits for each setup in whose scope it is. Since Airflow 3.2, a teardown waits for all tasks between its setups and itself.
 */
export async function setupScopes(
  tasks: ReadonlyMap<string, Task>,
  teardownsWait: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const setups = [...tasks.values()].filter((task) => task.is_setup);
  if (setups.length === 0) return new Map();
  const scopes = new Map<string, Set<string>>();
  const add = (task: Task, waitedFor: string): void => {
    if (task.upstream_task_ids.includes(waitedFor)) return;
    const known = scopes.get(task.task_id);
    if (known) known.add(waitedFor);
    else scopes.set(task.task_id, new Set([waitedFor]));
  };
  const up = (id: string): readonly string[] => tasks.get(id)?.upstream_task_ids ?? [];
  const downstreams = downstreamsOf(tasks);
  for (const setup of setups) {
    await others();
    const after = reached(setup.task_id, (id) => downstreams.get(id) ?? []);
    const teardowns = (downstreams.get(setup.task_id) ?? []).filter((id) => tasks.get(id)!.is_teardown);
    const before = teardowns.map((id) => [tasks.get(id)!, reached(id, up)] as const);
    for (const id of after) {
      const task = tasks.get(id)!;
      const isInScope = before.length === 0 || before.some(([, ids]) => ids.has(id));
      if (!task.is_teardown && isInScope) add(task, setup.task_id);
      if (teardownsWait) for (const [teardown, ids] of before) if (ids.has(id)) add(teardown, id);
    }
  }
  return new Map([...scopes].map(([id, waitedFor]) => [id, [...waitedFor]]));
}

function downstreamsOf(tasks: ReadonlyMap<string, Task>): ReadonlyMap<string, readonly string[]> {
  const downstreams = new Map<string, string[]>();
  for (const { task_id: id, upstream_task_ids: upstreams } of tasks.values()) {
    for (const upstream of upstreams) {
      const known = downstreams.get(upstream);
      if (known) known.push(id);
      else downstreams.set(upstream, [id]);
    }
  }
  return downstreams;
}

/** All tasks that can be reached from one, without itself. */
function reached(from: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...next(from)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...next(id));
  }
  return found;
}
