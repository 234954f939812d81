/** Size of every node, in the graph's own pixels (those of the screen at a zoom of 1). */
export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 50;
