/**
 * Identical requests share one answer while it is being built. Dashboards that refresh at the same time then cost as much as
 * one: one set of queries and one serialization.
 */
export class AnswersUnderWay {
  private readonly bodies = new Map<string, Promise<Json>>();

  /** Returns the JSON of `make`'s result. If the same question is already being answered, returns that answer instead. */
  share(question: string, make: () => unknown): Promise<Json> {
    let body = this.bodies.get(question);
    if (!body) {
      body = jsonOf(make).finally(() => this.bodies.delete(question));
      this.bodies.set(question, body);
    }
    return body;
  }
}

/** A serialized answer, in pieces that are sent one after the other. */
export class Json {
  constructor(readonly pieces: readonly Buffer[]) {}
}

async function jsonOf(make: () => unknown): Promise<Json> {
  const answer = await make();
  return answer instanceof Json ? answer : new Json([Buffer.from(JSON.stringify(answer))]);
}
