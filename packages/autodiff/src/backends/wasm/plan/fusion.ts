import { sameShape } from "../../../array/shape.ts";
import { domainOf, type ElementwiseNode, type Node, type ReduceNode } from "./nodes.ts";
import { isWhole, type View } from "./view.ts";

/** What a fused loop is made of. */
export type ClusterNode = ElementwiseNode | ReduceNode;

/** Whether the consumer can take the value of x from a register: same index, computed in the same loop. */
export function fuses(x: View, consumer: Node): boolean {
  if (x.node.kind !== "elementwise" || !isWhole(x)) return false;
  if (consumer.kind !== "elementwise" && consumer.kind !== "reduce") return false;
  return sameShape(x.node.type.shape, domainOf(consumer));
}
