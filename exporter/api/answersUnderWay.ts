/**
 * Requests that ask the same while the answer is being made share it. Dashboards that refresh together then cost as much as
 * one: one set of queries and one piece of JSON.
 */
export class AnswersUnderWay {
  private readonly bodies = new Map<string, Promise<string>>();

  /** The JSON of what `make` answers, or of the answer to the same question that is being made already. */
  share(question: string, make: () => unknown): Promise<string> {
    let body = this.bodies.get(question);
    if (!body) {
      body = jsonOf(make).finally(() => this.bodies.delete(question));
      this.bodies.set(question, body);
    }
    return body;
  }
}

/** An answer that is JSON already. */
export class Json {
  constructor(readonly text: string) {}
}

async function jsonOf(make: () => unknown): Promise<string> {
  const answer = await make();
  return answer instanceof Json ? answer.text : JSON.stringify(answer);
}
