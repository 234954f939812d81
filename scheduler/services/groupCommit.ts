/**
 * Writes items in groups: one that arrives while no write is under way is written at once, those that arrive meanwhile go
 * together in the next. So a single item waits for nothing, and many share a commit.
 */
export class GroupCommit<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private writing: Promise<void> | null = null;

  constructor(
    /** Writes a group and answers one result an item, in order. */
    private readonly write: (items: Item[]) => Promise<Result[]>,
    private readonly groupLimit = 200,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // What other threads have ready is delivered in the same turn of the event loop, and belongs to it.
      this.writing ??= new Promise(setImmediate).then(() => this.drain());
    });
  }

  /** Resolves when everything that was added has been written. */
  async idle(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.groupLimit);
      try {
        const results = await this.write(group.map(({ item }) => item));
        group.forEach(({ resolve }, at) => resolve(results[at]!));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.writing = null;
  }
}
