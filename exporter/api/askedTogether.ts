/**
 * Combines queries of concurrent callers. Calls that arrive while a query runs wait for the next one, which covers the items of all
 * waiting callers. So the database handles at most one such query at a time.
 */
export class AskedTogether<Item, Answer> {
  private last: Promise<unknown> = Promise.resolve();
  private next: { items: Item[]; answer: Promise<Answer> } | null = null;

  constructor(private readonly ask: (items: readonly Item[]) => Promise<Answer>) {}

  /** The answer may cover more items than these. Its query starts after this call, so it is as fresh as a separate one. */
  about(items: readonly Item[]): Promise<Answer> {
    this.next ??= this.following();
    this.next.items.push(...items);
    return this.next.answer;
  }

  private following(): { items: Item[]; answer: Promise<Answer> } {
    const items: Item[] = [];
    const answer = this.last.then(() => {
      this.next = null;
      return this.ask(items);
    });
    this.last = answer.catch(() => undefined);
    return { items, answer };
  }
}
