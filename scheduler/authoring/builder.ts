import type { TriggerRule } from '../../shared/states.ts';
import type { TaskInput } from '../core/definition.ts';
import type { PokeFunction, TaskFunction, TriggerFunction } from './types.ts';

/** A declared task, to name as another one's upstream. */
export interface TaskRef {
  readonly id: string;
}

export interface TaskOptions {
  /** Tasks that it waits for, by reference or id. */
  after?: TaskRef | string | (TaskRef | string)[];
  triggerRule?: TriggerRule;
  /** Attempts after the first one. */
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
  /** Dotted name of the group that it is drawn in. */
  group?: string;
}

export interface ShellOptions extends TaskOptions {
  command: string;
  /** Working folder; a fresh, empty one when left out. */
  cwd?: string;
  /** The whole environment, together with what `inherit` names. */
  env?: Record<string, string>;
  /** Names of variables taken from the worker's environment. */
  inherit?: string[];
  virtualenv?: string;
  nodeModules?: string;
  stdin?: string;
  shell?: string;
}

export interface SensorOptions extends TaskOptions {
  pokeIntervalSeconds?: number;
  /** Since the first poke. */
  giveUpAfterSeconds?: number;
  softFail?: boolean;
}

/** Options that are called otherwise in the stored form. */
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

/** What is not an option keeps its name, and the check of the stored form refuses it instead of ignoring it. */
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

  /** Runs a command in a process group with an environment of its own. */
  shell(id: string, options: ShellOptions): TaskRef {
    const { command, cwd, env, inherit, virtualenv, nodeModules, stdin, shell, ...own } = options;
    return this.add(id, own, {
      kind: 'shell',
      shell: { command, cwd, env, inherit, virtualenv, node_modules: nodeModules, stdin, shell },
    });
  }

  /** Pokes until the function returns true; holds no slot between two pokes. */
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

  /** Starts runs of another DAG; with a function, as many as it answers. */
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
