import { layoutGraph } from './layoutGraph.ts';
import workerSource from './layout.worker.ts?worker-source';
import type { Layout, LayoutInput } from './types.ts';

/** Lays out off the main thread; where a page forbids workers from text (CSP) on it, which is slower and no less right. */
export function runLayout(input: LayoutInput): { result: Promise<Layout>; cancel: () => void } {
  const worker = startWorker();
  if (!worker) return { result: Promise.resolve().then(() => layoutGraph(input)), cancel: () => {} };
  const result = new Promise<Layout>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Layout>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(input);
  });
  const settled = result.catch(() => layoutGraph(input)).finally(() => worker.terminate());
  return { result: settled, cancel: () => worker.terminate() };
}

function startWorker(): Worker | null {
  if (typeof Worker === 'undefined' || !workerSource) return null;
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
