import { layoutLayered } from './layered.ts';
import workerSource from './layout.worker.ts?worker-source';
import type { Layout, LayoutInput } from './types.ts';

/**
 * Lays out off the main thread. Where a page forbids workers made from text (CSP) it is done here, by the layout for big
 * graphs alone: it is quick enough not to be felt, and dagre need not be in the module twice; groups get no boxes then.
 */
export function runLayout(input: LayoutInput): { result: Promise<Layout>; cancel: () => void } {
  const worker = startWorker();
  if (!worker) return { result: Promise.resolve().then(() => layoutLayered(input)), cancel: () => {} };
  const result = new Promise<Layout>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Layout>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(input);
  });
  const settled = result.catch(() => layoutLayered(input)).finally(() => worker.terminate());
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
