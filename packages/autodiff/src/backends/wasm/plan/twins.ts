/**
 * tanh x and its slope sech² x: together they cost little more than either, so the slope is computed with
 * tanh x, however much later it is used.
 */

import type { ElementwiseNode, Node } from "./nodes.ts";
import { sameView } from "./view.ts";

/** Maps every float32 tanh among the nodes to its slope, if that is among them too. */
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

/** Moves slopes to the step that computes tanh of the same argument. */
export function joinTwins(nodes: readonly Node[], heights: Map<Node, number>): void {
  for (const [tanh, slope] of slopesBesideTanh(nodes)) {
    heights.set(slope, Math.max(heights.get(slope)!, heights.get(tanh)!));
  }
}
