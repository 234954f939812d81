/** What DAG files import as `runbeat`. Docs: docs/scheduler.md. */
export { parseJson, stringifyJson } from '../../platform/json.ts';
export { dag, DAG_MARK, type AuthoredDag, type DagOptions } from './dag.ts';
export { type DagBuilder, type TaskOptions, type TaskRef, type ShellOptions, type SensorOptions } from './builder.ts';
export {
  FailTask,
  SkipTask,
  type PokeFunction,
  type TaskContext,
  type TaskFunction,
  type TriggeredRun,
  type TriggerFunction,
} from './types.ts';
