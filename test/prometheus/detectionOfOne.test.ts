import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARRIVAL, TIMEOUT, WatchedProduct } from './support/watchedProduct.ts';

/** On its own stack, because two schedulers must be alive for a while before the alert expects both. */
describe('one scheduler of two, live', () => {
  let product: WatchedProduct;

  beforeAll(async () => {
    product = await WatchedProduct.start();
  }, TIMEOUT);
  afterAll(() => product?.stop(), TIMEOUT);

  it(
    'kill -9 of one of two schedulers: that one is reported, and the alert ends when it is replaced',
    async () => {
      await product.twoAreNormal();
      const since = Date.now();
      await product.schedulers[0]!.kill();
      const { labels, annotations } = await product.stack.webhook.arrival(
        'RunbeatSchedulerInstanceDown',
        'firing',
        ARRIVAL,
        since,
      );
      expect(labels).toMatchObject({ severity: 'warning', service: 'runbeat', source: 'main' });
      expect(labels.scheduler).toMatch(/.+:\d+/);
      expect(annotations.description).toContain(`Scheduler ${labels.scheduler} of main has been dead`);
      expect(product.rang(since)).toEqual(['RunbeatSchedulerInstanceDown']);
      product.schedulers[0] = product.stack.services.scheduler();
      await product.stack.webhook.arrival('RunbeatSchedulerInstanceDown', 'resolved', ARRIVAL, since);
      await product.allIsWell();
    },
    TIMEOUT,
  );
});
