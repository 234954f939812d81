/** A DAG that can't be taken: one line for each fault, naming task and field. */
export class DefinitionError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'DefinitionError';
  }
}
