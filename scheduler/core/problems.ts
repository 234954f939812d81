/** An invalid DAG: one line for each problem, with task and field. */
export class DefinitionError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'DefinitionError';
  }
}
