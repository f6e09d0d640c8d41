/**
 * A static memory plan: every buffer gets its address when compiling; buffers whose lifetimes do not meet share bytes.
 *
 * First fit: a buffer takes the lowest gap that is large enough among those alive with it. A cluster's output may take
 * over the buffer of an input that dies in it, when the loop reads that input only at the index it is about to write.
 */

import { sameShape } from "../../../array/shape.ts";
import { byteLength, bytesOf, type Node } from "./nodes.ts";
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
}

/** `reserved`: bytes at address 0 that stay free. Sources and outputs live through the whole run. */
export function planMemory(
  steps: readonly Step[],
  sources: readonly Node[],
  outputs: readonly View[],
  reserved: number,
): MemoryPlan {
  const addressOf = new Map<Node, number>();
  let alive: (Block & { readonly node: Node | undefined })[] = [{ start: 0, end: reserved, node: undefined }];
  let totalBytes = reserved;

  const place = (node: Node): void => {
    const size = Math.ceil((byteLength(node.type) + slack) / alignment) * alignment;
    let start = Math.ceil(reserved / alignment) * alignment;
    for (const block of alive.toSorted((a, b) => a.start - b.start)) {
      if (block.start >= start + size) break;
      start = Math.max(start, Math.ceil(block.end / alignment) * alignment);
    }
    addressOf.set(node, start);
    alive.push({ start, end: start + size, node });
    totalBytes = Math.max(totalBytes, start + size);
  };

  const lastUse = lastUses(steps, outputs);
  for (const source of sources) place(source);
  steps.forEach((step, at) => {
    const dying = new Set(alive.flatMap(({ node }) => (node && lastUse.get(node) === at ? [node] : [])));
    for (const node of producedBy(step)) {
      const heir = step.kind === "cluster" ? inherits(step, node, dying) : undefined;
      if (heir === undefined) {
        place(node);
        continue;
      }
      dying.delete(heir);
      addressOf.set(node, addressOf.get(heir)!);
      alive = alive.map((block) => (block.node === heir ? { ...block, node } : block));
    }
    alive = alive.filter(({ node }) => node === undefined || (lastUse.get(node) ?? at) > at);
  });
  return { addressOf, totalBytes };
}

export function producedBy(step: Step): readonly Node[] {
  return step.kind === "cluster" ? step.stored : [step.node];
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

/** A dying buffer that the cluster reads only at the very index where it writes `node`. */
function inherits(cluster: Cluster, node: Node, dying: ReadonlySet<Node>): Node | undefined {
  if (node.kind !== "elementwise") return undefined;
  const reads = readBy(cluster);
  return [...dying].find(
    (candidate) =>
      bytesOf(candidate.type.dtype) === bytesOf(node.type.dtype) &&
      reads.every((x) => x.node !== candidate || (isWhole(x) && sameShape(x.shape, node.type.shape))),
  );
}
