import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

/** What Grafana's libraries and our charts need from a browser, but jsdom lacks: sizes, observers, canvas, boot data. */

afterEach(cleanup);

// A busy machine draws late. What never appears still fails.
configure({ asyncUtilTimeout: 10_000 });

class NothingObserved {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}

vi.stubGlobal('ResizeObserver', NothingObserved);
vi.stubGlobal('IntersectionObserver', NothingObserved);
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener() {},
  removeEventListener() {},
  addListener() {},
  removeListener() {},
}));

/** A drawing context that draws nothing and measures text by its length. */
const context = new Proxy(
  { measureText: (text: string) => ({ width: text.length * 7 }) },
  { get: (target, name) => (name in target ? target[name as keyof typeof target] : () => undefined), set: () => true },
);
HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext'];

Object.assign(window, {
  grafanaBootData: {
    user: {},
    settings: { buildInfo: { version: '13.2.2' }, featureToggles: {}, datasources: {} },
    navTree: [],
  },
});
