import { DAG_MARK, type AuthoredDag } from '../authoring/dag.ts';

/** The DAGs that a module exports, each once, in the order of the exported names. */
export function dagsOf(module: Record<string, unknown>): AuthoredDag[] {
  return [...new Set(Object.values(module).flat())].filter(isDag);
}

function isDag(value: unknown): value is AuthoredDag {
  return typeof value === 'object' && value !== null && DAG_MARK in value;
}
