/**
 * Cheap values that are recomputed wherever they are used: a few arithmetic operations on one stored array and on what
 * is far smaller, such as 1 - h^2, or a product with two columns. Recomputing is cheaper than storing the value and
 * reading it back.
 */

import { sizeOf } from "../../../array/shape.ts";
import { type ClusterNode, type ElementwiseNode, fuses, type Node } from "./nodes.ts";
import type { View } from "./view.ts";

const cheapOps: ReadonlySet<ElementwiseNode["op"]> = new Set([
  "add",
  "sub",
  "mul",
  "neg",
  "abs",
  "convert",
  "copy",
]);
const maxOperations = 4;

export function isCheap(node: Node): node is ElementwiseNode {
  return node.kind === "elementwise" && cheapOps.has(node.op);
}

type Recomputable = (node: Node) => boolean;

export function isRecomputable(nodes: readonly Node[], outputs: readonly View[]): Recomputable {
  const stored = storedAnyway(nodes, outputs);
  /** The stored arrays from which a chain of cheap operations starts, or undefined if it is no such chain. */
  const leaves = (node: Node, budget: { operations: number }): Set<Node> | undefined => {
    if (!isCheap(node) || --budget.operations < 0) return undefined;
    const found = new Set<Node>();
    for (const x of node.inputs) {
      if (isSmall(x)) continue;
      if (!fuses(x, node) || stored.has(x.node)) {
        found.add(x.node);
        continue;
      }
      const below = leaves(x.node, budget);
      if (below === undefined) return undefined;
      for (const leaf of below) found.add(leaf);
    }
    return found;
  };
  return (node) => !stored.has(node) && (leaves(node, { operations: maxOperations })?.size ?? 2) <= 1;
}

/** Whether elements are repeated along an axis: what is read is far smaller than the loop, and stays in the cache. */
function isSmall(x: View): boolean {
  return sizeOf(x.shape) === 1 || x.strides.some((stride, axis) => stride === 0 && x.shape[axis]! > 1);
}

/** Outputs, and values that some consumer can only read from memory. */
function storedAnyway(nodes: readonly Node[], outputs: readonly View[]): Set<Node> {
  const stored = new Set(outputs.map(({ node }) => node));
  for (const consumer of nodes) {
    for (const x of consumer.inputs) if (!fuses(x, consumer)) stored.add(x.node);
  }
  return stored;
}

/** The cluster's nodes and the recomputable values they read, in topological order. */
export function recomputedIn(own: readonly ClusterNode[], recomputable: Recomputable): ClusterNode[] {
  const members = new Set<ClusterNode>(own);
  for (const node of members) {
    for (const x of node.inputs) {
      if (x.node.kind === "elementwise" && fuses(x, node) && recomputable(x.node)) members.add(x.node);
    }
  }
  return [...members].sort((a, b) => a.index - b.index);
}
