import type { TriggerRule } from '../../shared/states.ts';
import type { TaskInput } from '../core/definition.ts';
import type { PokeFunction, TaskFunction, TriggerFunction } from './types.ts';

/** A declared task, which can be named as the upstream of another one. */
export interface TaskRef {
  readonly id: string;
}

export interface TaskOptions {
  /** Tasks that it waits for, by reference or id. */
  after?: TaskRef | string | (TaskRef | string)[];
  triggerRule?: TriggerRule;
  /** Tries after the first one. */
  retries?: number;
  retryDelaySeconds?: number;
  /** Double the delay with each retry. */
  retryExponentialBackoff?: boolean;
  maxRetryDelaySeconds?: number;
  timeoutSeconds?: number;
  pool?: string;
  poolSlots?: number;
  priority?: number;
  queue?: string;
  /** Dotted name of the group in which the graph shows the task. */
  group?: string;
}

export interface ShellOptions extends TaskOptions {
  command: string;
  /** Working folder; by default a new, empty one. */
  cwd?: string;
  /** The whole environment, in addition to the variables in `inherit`. */
  env?: Record<string, string>;
  /** Names of variables to copy from the worker's environment. */
  inherit?: string[];
  virtualenv?: string;
  nodeModules?: string;
  stdin?: string;
  shell?: string;
}

export interface SensorOptions extends TaskOptions {
  pokeIntervalSeconds?: number;
  /** Seconds after the first poke. */
  giveUpAfterSeconds?: number;
  softFail?: boolean;
}

/** Options with a different name in the stored form. */
const TASK_FIELDS = {
  triggerRule: 'trigger_rule',
  retryDelaySeconds: 'retry_delay_seconds',
  retryExponentialBackoff: 'retry_exponential_backoff',
  maxRetryDelaySeconds: 'max_retry_delay_seconds',
  timeoutSeconds: 'execution_timeout_seconds',
  poolSlots: 'pool_slots',
  priority: 'priority_weight',
  group: 'task_group',
} as const satisfies Partial<Record<keyof TaskOptions, keyof TaskInput>>;

/** Renames options. Unknown options keep their names, so that the validation of the stored form refuses them. */
export function renamed(options: object, names: Readonly<Record<string, string>>): Record<string, never> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [names[name] ?? name, value as never]));
}

export interface DagFunctions {
  [taskId: string]: (context: never) => unknown;
}

/** Collects a DAG's tasks in the order in which they are declared. */
export class DagBuilder<Conf = Record<string, unknown>> {
  readonly tasks: TaskInput[] = [];
  readonly functions: DagFunctions = Object.create(null) as DagFunctions;

  constructor(private readonly defaults: TaskOptions) {}

  /** Runs a function. */
  task(id: string, options: TaskOptions, run: TaskFunction<Conf>): TaskRef {
    this.functions[id] = run;
    return this.add(id, options, { kind: 'function' });
  }

  /** Runs a command in its own process group and environment. */
  shell(id: string, options: ShellOptions): TaskRef {
    const { command, cwd, env, inherit, virtualenv, nodeModules, stdin, shell, ...own } = options;
    return this.add(id, own, {
      kind: 'shell',
      shell: { command, cwd, env, inherit, virtualenv, node_modules: nodeModules, stdin, shell },
    });
  }

  /** Pokes until the function returns true. Holds no slot between pokes. */
  sensor(id: string, options: SensorOptions, poke: PokeFunction<Conf>): TaskRef {
    this.functions[id] = poke;
    const { pokeIntervalSeconds, giveUpAfterSeconds, softFail, ...own } = options;
    return this.add(id, own, {
      kind: 'sensor',
      sensor: {
        poke_interval_seconds: pokeIntervalSeconds,
        timeout_seconds: giveUpAfterSeconds,
        soft_fail: softFail,
      },
    });
  }

  /** Starts runs of another DAG: one, or those that a function returns. */
  triggerDag(
    id: string,
    options: TaskOptions & { dagId: string },
    runs: Record<string, unknown> | TriggerFunction<Conf> = {},
  ): TaskRef {
    if (typeof runs === 'function') this.functions[id] = runs;
    const conf = typeof runs === 'function' ? null : runs;
    const { dagId, ...own } = options;
    return this.add(id, own, { kind: 'trigger_dag', trigger: { dag_id: dagId, conf } });
  }

  private add(id: string, own: TaskOptions, kind: Pick<TaskInput, 'kind' | 'shell' | 'sensor' | 'trigger'>): TaskRef {
    const { after = [], ...options } = { ...this.defaults, ...own };
    this.tasks.push({
      task_id: id,
      ...kind,
      upstream_task_ids: [after].flat().map((task) => (typeof task === 'string' ? task : task.id)),
      ...renamed(options, TASK_FIELDS),
    });
    return { id };
  }
}
