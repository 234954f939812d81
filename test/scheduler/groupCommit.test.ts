import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../scheduler/services/groupCommit.ts';

const add = (group: GroupCommit<number, string>, items: number[]): Promise<PromiseSettledResult<string>[]> =>
  Promise.allSettled(items.map((item) => group.add(item)));

describe('a group commit', () => {
  it('writes items one by one when their group is refused, and rejects only the bad one', async () => {
    const writes: number[][] = [];
    const group = new GroupCommit<number, string>({
      write: async (items) => {
        writes.push(items);
        if (items.includes(2)) throw new Error('bad 2');
        return items.map(String);
      },
      isItemFault: () => true,
    });
    expect(await add(group, [1, 2, 3])).toMatchObject([{ value: '1' }, { reason: new Error('bad 2') }, { value: '3' }]);
    expect(writes).toEqual([[1, 2, 3], [1], [2], [3]]);
    await group.idle();
  });

  it('rejects the whole group at once if the error is not due to an item', async () => {
    let writes = 0;
    const group = new GroupCommit<number, string>({
      write: async () => {
        writes++;
        throw new Error('the database is away');
      },
      isItemFault: () => false,
    });
    expect((await add(group, [1, 2])).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(writes).toBe(1);
  });
});
