/**
 * Nested programs: the body of a loop, the branches of a conditional. Each is planned once, in scratch
 * memory.
 */

import type { ArrayType } from "../../../array/ndarray.ts";
import type { Graph } from "../../../trace/graph.ts";
import { type Expr, i32, load } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { scratchBytes } from "../emit/steps.ts";
import { overwrites, planMemory } from "../plan/memory.ts";
import {
  type Addresses,
  byteLength,
  bytesOf,
  type Node,
  type PlanBuilder,
  totalType,
} from "../plan/nodes.ts";
import { type Step, schedule } from "../plan/schedule.ts";
import type { View } from "../plan/view.ts";

export interface Inner {
  /** The buffers from which it reads its first inputs. */
  readonly own: readonly View[];
  readonly outputs: readonly View[];
  /** Steps that depend on none of these inputs; a loop runs them once. */
  readonly once: readonly Step[];
  readonly steps: readonly Step[];
  /** Scratch memory needed by the step that runs it. */
  readonly scratchBytes: number;
  /** The nested program's addresses, from those of the surrounding step. */
  within(addresses: Addresses): Addresses;
}

const alignment = 64;

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/**
 * The graph's first `own` inputs get buffers; the others are read in place. After each step the first
 * `carries` outputs are copied to the buffers of the first inputs, unless they were written there, so no such output may
 * itself be one of those buffers. Carried sums have the type of totals; a result is what was added.
 */
export function planInner(
  plan: PlanBuilder,
  graph: Graph,
  own: number,
  outside: readonly View[],
  carries = 0,
  isSum: readonly boolean[] = [],
): Inner {
  const inner = plan.forBody();
  const inputs = graph.inputs.slice(0, own).map(({ shape, dtype }, i) => {
    return inner.source({ shape, dtype: isSum[i] ? totalType(dtype) : dtype });
  });
  const fixed = outside.map((x) => inner.standIn(x));
  const elsewhere = new Map<Node, Node>(fixed.map((x, i) => [x.node, outside[i]!.node]));
  const isCarried = new Set(inputs.slice(0, carries).map(({ node }) => node));
  const outputs = inner.lowerGraph(inner, graph, [...inputs, ...fixed]).map((output, i) => {
    const whole = isSum[i] ? plus(inner, inputs[i]!, output) : inner.contiguous(output);
    const isOther = isCarried.has(whole.node) && whole.node !== inputs[i]?.node;
    return i < carries && isOther ? inner.copy(whole) : whole;
  });
  const nodes = inputs.map(({ node }) => node);
  const varies = own === 0 ? undefined : (source: Node): boolean => nodes.includes(source);
  const { once, steps } = schedule(inner.nodes, outputs, varies);
  const pairs = outputs.slice(0, carries).map((output, i) => [output, nodes[i]!] as const);
  const inPlace = overwrites(steps, pairs, outputs);
  const memory = planMemory([...once, ...steps], nodes, outputs, 0, own === 0 ? 0 : once.length, inPlace);
  const bytes = aligned(memory.totalBytes);
  return {
    own: inputs,
    outputs,
    once,
    steps,
    scratchBytes: alignment + bytes + scratchBytes([...once, ...steps]),
    within: (addresses) => {
      const base = aligned(addresses.scratch);
      return {
        ...addresses,
        scratch: base + bytes,
        of: (value) => {
          const place = memory.addressOf.get(value);
          return place === undefined ? addresses.of(elsewhere.get(value) ?? value) : base + place;
        },
      };
    },
  };
}

/** total + addend, in the type of totals. */
function plus(plan: PlanBuilder, total: View, addend: View): View {
  const { type } = total.node;
  const isWide = addend.node.type.dtype === type.dtype;
  return plan.elementwise(
    "add",
    [total, isWide ? addend : plan.elementwise("convert", [addend], type)],
    type,
  );
}

/** A view that a nested program can read: contiguous, or one repeated number, which is not worth a copy. */
export function readable(plan: PlanBuilder, x: View): View {
  return x.strides.every((stride) => stride === 0) ? x : plan.contiguous(x);
}

export function addressOf(x: View, around: Addresses): number {
  return around.of(x.node) + x.offset * bytesOf(x.node.type.dtype);
}

export function typeOfView({ shape, node }: View): ArrayType {
  return { shape, dtype: node.type.dtype };
}

/** Whether an integer scalar is not 0. */
export function isSet(x: View, around: Addresses): Expr<"i32"> {
  return load("i32.load", i32(addressOf(x, around)));
}

/** Up to this many bytes are copied by loads and stores. */
const mostByHand = 128;

export function copyBytes(fn: FunctionBuilder, from: Expr<"i32">, to: Expr<"i32">, size: number): void {
  if (size > mostByHand) {
    fn.copyMemory(to, from, i32(size));
    return;
  }
  let at = 0;
  for (; at + 16 <= size; at += 16) fn.store("v128.store", to, load("v128.load", from, at), at);
  for (; at + 8 <= size; at += 8) fn.store("v128.store64_lane", to, load("v128.load64_zero", from, at), at);
  if (at < size) fn.store("v128.store32_lane", to, load("v128.load32_zero", from, at), at);
}

/** Copies a whole array. */
export function copyView(fn: FunctionBuilder, from: View, a: Addresses, to: View, b: Addresses): void {
  copyBytes(fn, i32(addressOf(from, a)), i32(addressOf(to, b)), byteLength(typeOfView(to)));
}
