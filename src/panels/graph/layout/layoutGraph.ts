import { layoutCompound } from './compound.ts';
import { layoutLayered } from './layered.ts';
import type { Layout, LayoutInput } from './types.ts';

/** Beyond this dagre takes seconds; graphs this big are looked at from afar, where its finer placing is not seen. */
export const MAX_COMPOUND_NODES = 150;
const MAX_COMPOUND_EDGES = 400;

/** Places nodes in layers along the dependencies. */
export function layoutGraph(input: LayoutInput): Layout {
  const small = input.nodes.length <= MAX_COMPOUND_NODES && input.edges.length <= MAX_COMPOUND_EDGES;
  return small ? layoutCompound(input) : layoutLayered(input);
}
