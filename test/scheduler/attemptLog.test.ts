import { describe, expect, it } from 'vitest';
import { AttemptLog } from '../../scheduler/execution/attemptLog.ts';

describe('the output of an attempt', () => {
  it('waits while the database is down, keeps its order, and is complete when closed', async () => {
    const stored: string[] = [];
    let back: () => void = () => undefined;
    const away = new Promise<void>((resolve) => (back = resolve));
    const log = new AttemptLog(
      async (text) => {
        await away;
        stored.push(text);
      },
      (error) => {
        throw error;
      },
    );
    log.write('before ');
    const closed = log.close();
    log.write('meanwhile ');
    log.write('after');
    back();
    await closed;
    expect(stored).toEqual(['before ', 'meanwhile after']);
  });
});
