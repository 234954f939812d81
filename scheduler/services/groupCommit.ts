interface Entry<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface GroupCommitOptions<Item, Result> {
  /** Writes a group and returns one result for each item, in order. */
  write: (items: Item[]) => Promise<Result[]>;
  /** Whether one item may have caused an error, so that the other items of its group can be written without it. */
  isItemFault: (error: unknown) => boolean;
  groupLimit?: number;
}

/**
 * Writes items in groups without waiting for a group to fill: items that arrive in the same turn of the event loop, or during a
 * write, are written together. If the database refuses a group, its items are written one by one, so that only bad ones are rejected.
 */
export class GroupCommit<Item, Result> {
  private waiting: Entry<Item, Result>[] = [];
  private writing: Promise<void> | null = null;

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

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
    // Wait one turn of the event loop, in which other threads deliver their items, too.
    await new Promise(setImmediate);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.writeGroup(this.waiting.splice(0, this.options.groupLimit ?? 200));
    this.writing = null;
  }

  private async writeGroup(group: Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.write(group.map(({ item }) => item));
      group.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch (error) {
      if (group.length > 1 && this.options.isItemFault(error)) {
        for (const entry of group) await this.writeGroup([entry]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}
