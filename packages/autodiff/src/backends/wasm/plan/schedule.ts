/**
 * Fusion and ordering. Independent elementwise nodes and reductions over one index space become one loop (a
 * cluster); intermediate values that only the cluster reads stay in registers.
 *
 *   height(n) = max over the consumers c of n:  height(c)      if n can stay in a register from n to c (`fuses`)
 *                                               height(c) + 1  otherwise;          0 without consumers
 *
 * Steps run in order of decreasing height. Nodes of equal height and index space are connected only by fusing
 * edges, since any other edge raises the height, so together they form a cluster. Heights are measured from
 * the end, so a value is computed as late as possible, next to its use, which keeps buffers short-lived. Four
 * refinements follow:
 *
 *   slopes run early       together with tanh of the same argument
 *   reductions run early   in the loop that computes their argument, instead of reading it again later
 *   loops are split        where they would exceed the length allowed for a function
 *   cheap values twice     1 - h^2 and the like are recomputed from h where used, instead of stored and read
 */

import { type ClusterNode, domainOf, fuses, type KernelNode, type Node } from "./nodes.ts";
import { isCheap, isRecomputable, recomputedIn } from "./recompute.ts";
import { joinTwins } from "./twins.ts";
import type { View } from "./view.ts";

export interface Cluster {
  readonly kind: "cluster";
  /** In topological order. */
  readonly nodes: readonly ClusterNode[];
  /** Nodes whose value is read outside the cluster. */
  readonly stored: readonly ClusterNode[];
}

export interface KernelStep {
  readonly kind: "kernel";
  readonly node: KernelNode;
}

export type Step = Cluster | KernelStep;

/**
 * Values for which `varies` is false, and values computed from these alone, come first: a loop computes them
 * once. With `cheapAgain`, cheap ones are computed where the others read them, instead of kept for them.
 */
export function schedule(
  nodes: readonly Node[],
  outputs: readonly View[],
  varies: (source: Node) => boolean = () => true,
  { cheapAgain = false }: { readonly cheapAgain?: boolean } = {},
): { readonly once: Step[]; readonly steps: Step[] } {
  const needed = reachableFrom(outputs);
  const used = nodes.filter((node) => needed.has(node));
  const heights = heightsOf(used);
  joinTwins(used, heights);
  hoistReductions(used, heights);

  const fixed = new Set<Node>();
  for (const node of used) {
    if (node.kind === "source" ? !varies(node) : node.inputs.every((x) => fixed.has(x.node))) fixed.add(node);
  }
  if (cheapAgain) leaveCheap(used, outputs, fixed);
  const groups = new Map<string, ClusterNode[]>();
  const ordered: {
    readonly height: number;
    readonly index: number;
    readonly step: KernelStep | ClusterNode[];
    readonly isFixed: boolean;
  }[] = [];
  for (const node of used) {
    if (node.kind === "source" || node.kind === "result") continue;
    const height = heights.get(node)!;
    const isFixed = fixed.has(node);
    if (node.kind === "kernel") {
      ordered.push({ height, index: node.index, step: { kind: "kernel", node }, isFixed });
      continue;
    }
    const key = `${height} ${domainOf(node).join()} ${isFixed}`;
    const group = groups.get(key);
    if (group !== undefined) {
      group.push(node);
      continue;
    }
    const fresh = [node];
    groups.set(key, fresh);
    ordered.push({ height, index: node.index, step: fresh, isFixed });
  }
  ordered.sort((a, b) => Number(b.isFixed) - Number(a.isFixed) || b.height - a.height || a.index - b.index);
  const steps = withStored(
    ordered.flatMap(({ step }): (KernelStep | ClusterNode[])[] => ("kind" in step ? [step] : pieces(step))),
    used,
    outputs,
  );
  const once = steps.filter((step) => fixed.has(step.kind === "kernel" ? step.node : step.nodes.at(-1)!));
  return { once, steps: steps.slice(once.length) };
}

/** Removes from the fixed values the cheap ones that neither an output nor another fixed value needs. */
function leaveCheap(nodes: readonly Node[], outputs: readonly View[], fixed: Set<Node>): void {
  const needed = new Set(outputs.map(({ node }) => node));
  for (const node of nodes.toReversed()) {
    if (!fixed.has(node)) continue;
    if (isCheap(node) && !needed.has(node)) fixed.delete(node);
    else for (const x of node.inputs) needed.add(x.node);
  }
}

/** Nodes per loop: hosts limit the locals and the bytes of a function, and a loop's values are locals. */
const mostNodes = 512;

/**
 * Splits a loop that is too long for one function; values that cross from one part to the next are stored.
 */
function pieces(group: ClusterNode[]): ClusterNode[][] {
  const count = Math.ceil(group.length / mostNodes);
  return Array.from({ length: count }, (_, i) => group.slice(i * mostNodes, (i + 1) * mostNodes));
}

function reachableFrom(outputs: readonly View[]): Set<Node> {
  const found = new Set(outputs.map(({ node }) => node));
  for (const node of found) for (const input of node.inputs) found.add(input.node);
  return found;
}

type Heights = Map<Node, number>;

function heightsOf(nodes: readonly Node[]): Heights {
  const heights: Heights = new Map(nodes.map((node) => [node, 0]));
  for (const consumer of nodes.toReversed()) {
    const height = heights.get(consumer)!;
    for (const input of consumer.inputs) {
      const atLeast = fuses(input, consumer) ? height : height + 1;
      heights.set(input.node, Math.max(heights.get(input.node)!, atLeast));
    }
  }
  return heights;
}

/**
 * Moves reductions, and elementwise values that only reductions read, to the loop that computes their
 * arguments.
 */
function hoistReductions(nodes: readonly Node[], heights: Heights): void {
  const onlyReduced = new Map<Node, boolean>();
  for (const consumer of nodes) {
    for (const { node } of consumer.inputs) {
      onlyReduced.set(node, (onlyReduced.get(node) ?? true) && consumer.kind === "reduce");
    }
  }
  for (const node of nodes) {
    if (node.kind !== "reduce" && !(node.kind === "elementwise" && onlyReduced.get(node))) continue;
    const available = node.inputs.map((x) => {
      if (x.node.kind === "source") return Number.POSITIVE_INFINITY;
      return fuses(x, node) ? heights.get(x.node)! : heights.get(x.node)! - 1;
    });
    const earliest = Math.min(...available);
    const reads = node.inputs.some((x) => fuses(x, node));
    if (reads && earliest > heights.get(node)!) heights.set(node, earliest);
  }
}

/** Adds the values recomputed in each cluster, and finds which nodes need a buffer. */
function withStored(
  steps: readonly (KernelStep | readonly ClusterNode[])[],
  nodes: readonly Node[],
  outputs: readonly View[],
): Step[] {
  const recomputable = isRecomputable(nodes, outputs);
  const clusters = steps.map((step) =>
    "kind" in step ? step : { own: step, all: recomputedIn(step, recomputable) },
  );

  const read = new Set(outputs.map(({ node }) => node));
  for (const step of clusters) {
    const consumers: readonly Node[] = "kind" in step ? [step.node] : step.all;
    const members = new Set<Node>("kind" in step ? [] : step.all);
    for (const consumer of consumers) {
      for (const x of consumer.inputs) if (!(members.has(x.node) && fuses(x, consumer))) read.add(x.node);
    }
  }
  return clusters.flatMap((step): Step[] => {
    if ("kind" in step) return [step];
    const stored = step.own.filter((node) => read.has(node));
    const needed = neededFor(stored, step.all);
    return needed.length === 0 ? [] : [{ kind: "cluster", nodes: needed, stored }];
  });
}

/**
 * The members that stored values depend on; a value that is recomputed where used may not be needed in its
 * own loop.
 */
function neededFor(stored: readonly ClusterNode[], members: readonly ClusterNode[]): ClusterNode[] {
  const needed = new Set<Node>(stored);
  for (const node of members.toReversed()) {
    if (needed.has(node)) for (const x of node.inputs) if (fuses(x, node)) needed.add(x.node);
  }
  return members.filter((node) => needed.has(node));
}

/** The steps that are needed for these values, each without what only others need. */
export function stepsFor(steps: readonly Step[], wanted: Iterable<Node>): Step[] {
  const needed = new Set(wanted);
  const found: Step[] = [];
  for (const step of steps.toReversed()) {
    if (step.kind === "kernel") {
      const results: readonly Node[] = step.node.results ?? [step.node];
      if (!results.some((node) => needed.has(node))) continue;
      found.push(step);
      for (const { node } of step.node.inputs) needed.add(node);
      continue;
    }
    const stored = step.stored.filter((node) => needed.has(node));
    if (stored.length === 0) continue;
    const nodes = neededFor(stored, step.nodes);
    found.push({ kind: "cluster", nodes, stored });
    for (const { inputs } of nodes) for (const { node } of inputs) needed.add(node);
  }
  return found.reverse();
}
