/**
 * Fusion and order. Elementwise nodes and reductions over one index space that do not wait for one another become one
 * loop (a cluster); intermediate values that only the cluster reads stay in registers.
 *
 *   height(n) = max over the consumers c of n:  height(c)      if n can stay in a register from n to c (`fuses`)
 *                                               height(c) + 1  otherwise;          0 without consumers
 *
 * Steps run by falling height. Nodes of one height and one index space are independent but for fusing edges, since any
 * other edge raises the height; so a cluster is all of them. Heights count from the end: a value is computed as late as
 * possible, beside what uses it, which keeps cheap factors such as 1 - h^2 in registers and buffers short-lived.
 */

import { sameShape } from "../../../array/shape.ts";
import { domainOf, type ElementwiseNode, type KernelNode, type Node, type ReduceNode } from "./nodes.ts";
import { isWhole, type View } from "./view.ts";

export type ClusterNode = ElementwiseNode | ReduceNode;

export interface Cluster {
  readonly kind: "cluster";
  readonly nodes: readonly ClusterNode[];
  /** Nodes whose value is read outside the cluster. */
  readonly stored: readonly ClusterNode[];
}

export interface KernelStep {
  readonly kind: "kernel";
  readonly node: KernelNode;
}

export type Step = Cluster | KernelStep;

/** Whether the consumer can take the value of x from a register: same index, computed in the same loop. */
export function fuses(x: View, consumer: Node): boolean {
  if (x.node.kind !== "elementwise" || !isWhole(x)) return false;
  if (consumer.kind !== "elementwise" && consumer.kind !== "reduce") return false;
  return sameShape(x.node.type.shape, domainOf(consumer));
}

export function schedule(nodes: readonly Node[], outputs: readonly View[]): Step[] {
  const needed = reachableFrom(outputs);
  const used = nodes.filter((node) => needed.has(node));
  const heights = heightsOf(used);

  const groups = new Map<string, ClusterNode[]>();
  const steps: {
    readonly height: number;
    readonly index: number;
    readonly step: KernelStep | ClusterNode[];
  }[] = [];
  for (const node of used) {
    if (node.kind === "source") continue;
    const height = heights.get(node)!;
    if (node.kind === "kernel") {
      steps.push({ height, index: node.index, step: { kind: "kernel", node } });
      continue;
    }
    const key = `${height} ${domainOf(node).join()}`;
    const group = groups.get(key);
    if (group !== undefined) {
      group.push(node);
      continue;
    }
    const fresh = [node];
    groups.set(key, fresh);
    steps.push({ height, index: node.index, step: fresh });
  }
  steps.sort((a, b) => b.height - a.height || a.index - b.index);

  const readOutside = valuesReadOutside(used, outputs, heights);
  return steps.map(({ step }) =>
    Array.isArray(step)
      ? { kind: "cluster", nodes: step, stored: step.filter((node) => readOutside.has(node)) }
      : step,
  );
}

function reachableFrom(outputs: readonly View[]): Set<Node> {
  const found = new Set(outputs.map(({ node }) => node));
  for (const node of found) for (const input of node.inputs) found.add(input.node);
  return found;
}

function heightsOf(nodes: readonly Node[]): Map<Node, number> {
  const heights = new Map<Node, number>(nodes.map((node) => [node, 0]));
  for (const consumer of nodes.toReversed()) {
    const height = heights.get(consumer)!;
    for (const input of consumer.inputs) {
      const atLeast = fuses(input, consumer) ? height : height + 1;
      heights.set(input.node, Math.max(heights.get(input.node)!, atLeast));
    }
  }
  return heights;
}

/** Nodes that need a buffer: outputs, reductions, and values whose reader is in another step. */
function valuesReadOutside(
  nodes: readonly Node[],
  outputs: readonly View[],
  heights: ReadonlyMap<Node, number>,
): Set<Node> {
  const read = new Set(outputs.map(({ node }) => node));
  for (const consumer of nodes) {
    for (const input of consumer.inputs) {
      const inRegister = fuses(input, consumer) && heights.get(input.node) === heights.get(consumer);
      if (!inRegister) read.add(input.node);
    }
  }
  return read;
}
