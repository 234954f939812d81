import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLab, type Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

it.each(['scheduler', 'worker'] as const)(
  'a stopped %s leaves no timer that would keep its process alive',
  async (service) => {
    const timers = new Map<number, NodeJS.Timeout>();
    const hook = createHook({
      init: (id, type, _trigger, timer) => type === 'Timeout' && timers.set(id, timer as NodeJS.Timeout),
      destroy: (id) => timers.delete(id),
    }).enable();
    const running = await lab[service]();
    await running.stop();
    // The end of a timer is reported a little later.
    await new Promise(setImmediate);
    hook.disable();
    expect([...timers.values()].filter((timer) => timer.hasRef())).toEqual([]);
  },
);
