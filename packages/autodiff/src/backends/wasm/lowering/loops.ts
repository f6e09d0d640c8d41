/**
 * A scan as a loop inside the module. Its body is planned once, as a program of its own in scratch memory:
 *
 *   what is carried   a buffer each, which the body reads, and which its result is copied to
 *   rows              copied in from row t before the body runs; its outputs are copied to row t of theirs after it
 *   what is fixed     read where it lies; what the body computes from that alone is computed once, before the loop
 */

import type { ArrayType } from "../../../array/ndarray.ts";
import { internal } from "../../../errors.ts";
import type { ParamsOf } from "../../../primitives/table.ts";
import { typeOf } from "../../../trace/graph.ts";
import { type Expr, i32, integer, load } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { emitSteps, scratchBytes } from "../emit/steps.ts";
import { planMemory } from "../plan/memory.ts";
import { type Addresses, byteLength, bytesOf, type Node, type PlanBuilder } from "../plan/nodes.ts";
import { schedule } from "../plan/schedule.ts";
import { type View, viewOf } from "../plan/view.ts";

const alignment = 64;

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export function scan(plan: PlanBuilder, inputs: readonly View[], params: ParamsOf<"scan">): View {
  const { carries, rows, length, reverse } = params;
  const { graph } = params.body;
  const init = inputs.slice(0, carries).map((x) => plan.contiguous(x));
  const over = inputs.slice(carries, carries + rows).map((x) => plan.contiguous(x));
  const outside = inputs.slice(carries + rows).map((x) => (isRepeated(x) ? x : plan.contiguous(x)));

  const inner = plan.forBody();
  const carried = init.map((_, i) => inner.source(graph.inputs[i]!));
  const row = over.map((_, i) => inner.source(graph.inputs[carries + i]!));
  const fixed = outside.map((x) => inner.standIn(x));
  const elsewhere = new Map<Node, Node>(fixed.map((x, i) => [x.node, outside[i]!.node]));
  const isCarried = new Set(carried.map(({ node }) => node));

  const outputs = inner.lowerGraph(inner, graph, [...carried, ...row, ...fixed]).map((output, i) => {
    const whole = inner.contiguous(output);
    // One carry's next value may be another's present one, which is about to be overwritten.
    return i < carries && isCarried.has(whole.node) && whole.node !== carried[i]!.node
      ? inner.copy(whole)
      : whole;
  });
  const own = [...carried, ...row].map(({ node }) => node);
  const { once, steps } = schedule(inner.nodes, outputs, (source) => own.includes(source));
  const memory = planMemory([...once, ...steps], own, outputs, 0, once.length);
  const bodyBytes = aligned(memory.totalBytes);

  const types = graph.outputs.map((ref, i): ArrayType => {
    const { shape, dtype } = typeOf(graph, ref);
    return i < carries ? { shape, dtype } : { shape: [length, ...shape], dtype };
  });
  const repeats = [...once, ...steps];
  return plan.loop(
    [...init, ...over, ...outside],
    types,
    (fn, node, addresses) => {
      const base = aligned(addresses.scratch);
      const within: Addresses = {
        ...addresses,
        scratch: base + bodyBytes,
        of: (value) => {
          const place = memory.addressOf.get(value);
          return place === undefined ? addresses.of(elsewhere.get(value) ?? value) : base + place;
        },
      };
      const addressOf = (x: View, around: Addresses): number =>
        around.of(x.node) + x.offset * bytesOf(x.node.type.dtype);
      const copy = (from: View, a: Addresses, to: View, b: Addresses): void =>
        copyBytes(fn, i32(addressOf(from, a)), i32(addressOf(to, b)), byteLength(typeOfView(to)));
      const results = node.results!.map(viewOf); // a loop has them

      emitSteps(fn, once, within);
      init.forEach((x, i) => {
        copy(x, addresses, carried[i]!, within);
      });
      fn.range(0, length, 1, (step) => {
        const t = fn.let(reverse ? integer("sub", i32(length - 1), step) : step);
        const rowAt = (x: View, size: number): Expr<"i32"> =>
          integer("add", i32(addressOf(x, addresses)), integer("mul", t, i32(size)));
        row.forEach((to, i) => {
          const size = byteLength(to.node.type);
          copyBytes(fn, fn.let(rowAt(over[i]!, size)), i32(addressOf(to, within)), size);
        });
        emitSteps(fn, steps, within);
        outputs.slice(carries).forEach((from, i) => {
          const size = byteLength(typeOfView(from));
          copyBytes(fn, i32(addressOf(from, within)), fn.let(rowAt(results[carries + i]!, size)), size);
        });
        carried.forEach((to, i) => {
          if (outputs[i]!.node !== to.node) copy(outputs[i]!, within, to, within);
        });
      });
      carried.forEach((from, i) => {
        copy(from, within, results[i]!, addresses);
      });
    },
    { scratchBytes: alignment + bodyBytes + scratchBytes(repeats), repeats },
  );
}

/** Array `index` of what a loop writes. */
export function resultOf({ node }: View, index: number): View {
  const result = node.kind === "kernel" ? node.results?.[index] : undefined;
  return viewOf(result ?? internal("a part of what is no loop"));
}

/** One number everywhere: copying it out would only cost memory. */
function isRepeated(x: View): boolean {
  return x.strides.every((stride) => stride === 0);
}

function typeOfView({ shape, node }: View): ArrayType {
  return { shape, dtype: node.type.dtype };
}

/** Up to this many bytes are moved by loads and stores. */
const mostByHand = 128;

function copyBytes(fn: FunctionBuilder, from: Expr<"i32">, to: Expr<"i32">, size: number): void {
  if (size > mostByHand) {
    fn.copyMemory(to, from, i32(size));
    return;
  }
  let at = 0;
  for (; at + 16 <= size; at += 16) fn.store("v128.store", to, load("v128.load", from, at), at);
  for (; at + 8 <= size; at += 8) fn.store("v128.store64_lane", to, load("v128.load64_zero", from, at), at);
  if (at < size) fn.store("v128.store32_lane", to, load("v128.load32_zero", from, at), at);
}
