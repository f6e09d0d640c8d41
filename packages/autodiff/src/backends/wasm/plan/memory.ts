/**
 * A static memory plan: every buffer gets its address at compile time; buffers with disjoint lifetimes share
 * memory.
 *
 * First fit: a buffer takes the lowest gap that is large enough between the live buffers. A cluster's output
 * may reuse the buffer of an input last used there, if the loop reads that input only at the index it is
 * about to write.
 */

import { sameShape } from "../../../array/shape.ts";
import { byteLength, bytesOf, domainOf, type Node } from "./nodes.ts";
import type { Cluster, Step } from "./schedule.ts";
import { isWhole, type View } from "./view.ts";

export interface MemoryPlan {
  readonly addressOf: ReadonlyMap<Node, number>;
  readonly totalBytes: number;
}

/** Buffers start on a cache line. */
const alignment = 64;
/** A vector load may run past the last element of a buffer. */
const slack = 16;

interface Block {
  readonly start: number;
  readonly end: number;
  readonly node: Node;
}

/**
 * `reserved`: bytes at address 0 that stay free. Sources and outputs live through the whole run, as does what the others
 * read of the first `lasting` steps, which may run once for several runs of the others. `inPlace`: values that are written
 * over a source.
 */
export function planMemory(
  steps: readonly Step[],
  sources: readonly Node[],
  outputs: readonly View[],
  reserved: number,
  lasting = 0,
  inPlace: ReadonlyMap<Node, Node> = new Map(),
): MemoryPlan {
  const addressOf = new Map<Node, number>();
  const first = Math.ceil(reserved / alignment) * alignment;
  const alive: Block[] = []; // by address
  let packed = 0; // how many of them, from the lowest, are packed without a gap
  let totalBytes = reserved;

  const place = (node: Node): void => {
    const size = Math.ceil((byteLength(node.type) + slack) / alignment) * alignment;
    let at = packed;
    let start = alive[at - 1]?.end ?? first;
    for (; at < alive.length; at++) {
      const block = alive[at]!;
      if (block.start >= start + size) break;
      start = block.end;
    }
    addressOf.set(node, start);
    alive.splice(at, 0, { start, end: start + size, node });
    while (packed < alive.length && alive[packed]!.start === (alive[packed - 1]?.end ?? first)) packed++;
    totalBytes = Math.max(totalBytes, start + size);
  };
  const indexOf = (node: Node): number => {
    let [low, high] = [0, alive.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (alive[middle]!.start < addressOf.get(node)!) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const release = (node: Node): void => {
    const at = indexOf(node);
    alive.splice(at, 1);
    packed = Math.min(packed, at);
  };

  const lastUse = lastUses(steps, outputs);
  const readAfter = new Set(
    steps
      .slice(lasting)
      .flatMap(readBy)
      .map(({ node }) => node),
  );
  for (const node of steps.slice(0, lasting).flatMap(producedBy))
    if (readAfter.has(node)) lastUse.set(node, Number.POSITIVE_INFINITY);
  const dyingAt = new Map<number, Node[]>();
  for (const [node, at] of lastUse) {
    const others = dyingAt.get(at);
    if (others === undefined) dyingAt.set(at, [node]);
    else others.push(node);
  }
  for (const source of sources) place(source);
  steps.forEach((step, at) => {
    const produced = producedBy(step);
    // A value that stayed in registers has no buffer to give back.
    const dying = new Set(dyingAt.get(at)?.filter((node) => addressOf.has(node)));
    const free = step.kind === "cluster" ? overwritable(step, dying) : new Set<Node>();
    for (const node of produced) {
      const source = inPlace.get(node);
      if (source !== undefined) {
        addressOf.set(node, addressOf.get(source)!); // both live through the whole run
        continue;
      }
      const heir = node.kind === "elementwise" ? ofSize(free, node) : undefined;
      if (heir === undefined) {
        place(node);
        continue;
      }
      free.delete(heir);
      dying.delete(heir);
      addressOf.set(node, addressOf.get(heir)!);
      const taken = indexOf(heir);
      alive[taken] = { ...alive[taken]!, node };
    }
    for (const node of dying) release(node);
    for (const node of produced) if (lastUse.get(node)! <= at) release(node);
  });
  return { addressOf, totalBytes };
}

function producedBy(step: Step): readonly Node[] {
  return step.kind === "cluster" ? step.stored : (step.node.results ?? [step.node]);
}

export function readBy(step: Step): readonly View[] {
  return step.kind === "cluster" ? step.nodes.flatMap(({ inputs }) => inputs) : step.node.inputs;
}

function lastUses(steps: readonly Step[], outputs: readonly View[]): Map<Node, number> {
  const last = new Map<Node, number>();
  steps.forEach((step, at) => {
    for (const node of producedBy(step)) last.set(node, at);
    for (const { node } of readBy(step)) last.set(node, at);
  });
  for (const { node } of outputs) last.set(node, Number.POSITIVE_INFINITY);
  for (const node of last.keys()) if (node.kind === "source") last.set(node, Number.POSITIVE_INFINITY);
  return last;
}

/**
 * Of the given pairs, such as the next and the current value of a carry, those in which the output can overwrite the
 * source: the loop that computes the output reads the source only at the index it writes, and no later step reads it.
 */
export function overwrites(
  steps: readonly Step[],
  pairs: readonly (readonly [output: View, source: Node])[],
  outputs: readonly View[],
): Map<Node, Node> {
  const found = new Map<Node, Node>();
  for (const [output, source] of pairs) {
    const { node } = output;
    const at = steps.findIndex((step) => producedBy(step).includes(node));
    const step = steps[at];
    if (step?.kind !== "cluster" || node.kind !== "elementwise" || !isWhole(output) || found.has(node))
      continue;
    if (bytesOf(node.type.dtype) !== bytesOf(source.type.dtype)) continue;
    if (!overwritable(step, new Set([source])).has(source)) continue;
    const later = [...steps.slice(at + 1).flatMap(readBy), ...outputs];
    if (later.every((x) => x.node !== source)) found.set(node, source);
  }
  return found;
}

/**
 * The dying values that the cluster reads only at the index it writes, so that a result may overwrite them.
 */
function overwritable(cluster: Cluster, dying: ReadonlySet<Node>): Set<Node> {
  const shape = domainOf(cluster.nodes[0]!);
  const free = new Set(dying);
  for (const x of readBy(cluster)) if (!isWhole(x) || !sameShape(x.shape, shape)) free.delete(x.node);
  return free;
}

function ofSize(free: ReadonlySet<Node>, { type }: Node): Node | undefined {
  for (const candidate of free) if (bytesOf(candidate.type.dtype) === bytesOf(type.dtype)) return candidate;
  return undefined;
}
