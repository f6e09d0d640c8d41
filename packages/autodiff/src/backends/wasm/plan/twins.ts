/**
 * tanh x and its slope sech² x of one x: together they cost little more than either, so that the slope is computed where
 * tanh x is, however much later it is used.
 */

import type { ElementwiseNode, Node } from "./nodes.ts";
import { sameView } from "./view.ts";

/** For every float32 tanh among the nodes whose slope is among them too, the slope. */
export function slopesBesideTanh(nodes: readonly Node[]): Map<ElementwiseNode, ElementwiseNode> {
  const found = new Map<Node, ElementwiseNode[]>(); // by argument
  for (const node of nodes) {
    if (node.kind !== "elementwise" || node.op !== "sechSquared" || node.type.dtype !== "float32") continue;
    const x = node.inputs[0]!.node;
    found.set(x, [...(found.get(x) ?? []), node]);
  }
  const pairs = new Map<ElementwiseNode, ElementwiseNode>();
  for (const node of nodes) {
    if (node.kind !== "elementwise" || node.op !== "tanh") continue;
    const [x] = node.inputs;
    const slope = found.get(x!.node)?.find(({ inputs }) => sameView(inputs[0]!, x!));
    if (slope !== undefined) pairs.set(node, slope);
  }
  return pairs;
}

/** Moves slopes up to where tanh of the same argument is computed. */
export function joinTwins(nodes: readonly Node[], heights: Map<Node, number>): void {
  for (const [tanh, slope] of slopesBesideTanh(nodes)) {
    heights.set(slope, Math.max(heights.get(slope)!, heights.get(tanh)!));
  }
}
