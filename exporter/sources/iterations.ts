/** Instances of one mapped task, at most, that are told apart in each iteration of a loop of Airflow 3.4. */
export const IN_AN_ITERATION = 1_000_000;

/**
 * The iteration of a loop that an instance is of, by its map_index: that of a plain task is the iteration itself; instance 2 of
 * a mapped task in iteration 0 has 1,000,002, and one that has not been expanded there has 999,999.
 */
export function iterationOf(mapIndex: number): number {
  return mapIndex < IN_AN_ITERATION - 1 ? mapIndex : Math.floor((mapIndex + 1) / IN_AN_ITERATION) - 1;
}
