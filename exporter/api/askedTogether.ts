/**
 * Asks one question for all who have it. Whoever comes while an answer is awaited waits for the next question, which is about
 * the items of all who wait. However many ask, a database has one such question at a time.
 */
export class AskedTogether<Item, Answer> {
  private last: Promise<unknown> = Promise.resolve();
  private next: { items: Item[]; answer: Promise<Answer> } | null = null;

  constructor(private readonly ask: (items: readonly Item[]) => Promise<Answer>) {}

  /** The answer is about more items than these. It is asked for after this call, so it is as fresh as one of one's own. */
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
