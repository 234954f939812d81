import { layoutGraph } from './layoutGraph.ts';
import type { Layout, LayoutInput } from './types.ts';

interface WorkerScope {
  onmessage: ((event: { data: LayoutInput }) => void) | null;
  postMessage(message: Layout): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }) => scope.postMessage(layoutGraph(data));
