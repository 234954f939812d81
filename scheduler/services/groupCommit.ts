import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group waits for the items that are about to come. */
const GATHER_MS = 1;

/**
 * Writes items in groups: an item that is alone is written at once; with others about to come it waits a moment for them
 * (as PostgreSQL's commit_delay and commit_siblings have it), and those that arrive while a write is under way go together
 * in the next. So a single item waits for nothing, and many share a commit and all that a commit sets off.
 */
export class GroupCommit<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private writing: Promise<void> | null = null;

  constructor(
    /** Writes a group and answers one result an item, in order. */
    private readonly write: (items: Item[]) => Promise<Result[]>,
    /** How many items are on their way or here; fewer here than that, and a group waits. */
    private readonly expected: () => number,
    private readonly groupLimit = 200,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.writing ??= this.gather().then(() => this.drain());
    });
  }

  /** Resolves when everything that was added has been written. */
  async idle(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async gather(): Promise<void> {
    // What other threads have ready is delivered in the same turn of the event loop, and belongs to it.
    await new Promise(setImmediate);
    if (this.waiting.length < this.expected()) await sleep(GATHER_MS);
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
