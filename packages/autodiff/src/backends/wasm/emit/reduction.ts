/**
 * Reductions inside a loop nest. The order is fixed, whatever the machine:
 *
 *   along the innermost axis   lane j sums elements j, j + w, j + 2w, ... (w lanes); then the lanes in order, then the
 *                              elements that fill no vector, then the total so far of the outer indices
 *   along outer axes           in row-major order, element by element
 */

import { keepingAxes, sizeOf, stridesOf } from "../../../array/shape.ts";
import { type Expr, i32, shuffle, type V } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import { bytesOf, type ReduceNode } from "../plan/nodes.ts";
import { arithmetic, constantLanes } from "./elementwise.ts";
import { loadLanes, type Operand, storeLanes } from "./operand.ts";

/** Strides of the result over the index space of the argument: 0 along the axes that disappear. */
export function reducedStrides(node: ReduceNode): number[] {
  const { shape } = node.inputs[0]!;
  const kept = stridesOf(keepingAxes(shape, node.axes));
  return kept.map((stride, axis) => (node.axes.includes(axis) ? 0 : stride));
}

function combine(node: ReduceNode, a: V, b: V): V {
  const { add, max } = arithmetic(node.type.dtype);
  return node.op === "sum" ? add(a, b) : max(a, b);
}

function neutral(node: ReduceNode): V {
  const lowest = node.type.dtype === "int32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
  return constantLanes(node.type.dtype, node.op === "sum" ? 0 : lowest);
}

/** Sets every element of a reduction's result to the neutral one. */
export function fill(fn: FunctionBuilder, node: ReduceNode, address: number): void {
  const bytes = bytesOf(node.type.dtype);
  const size = sizeOf(node.type.shape);
  const perVector = 16 / bytes;
  const whole = size - (size % perVector);
  fn.range(0, whole * bytes, 16, (at) => fn.store("v128.store", at, neutral(node), address));
  fn.range(whole * bytes, size * bytes, bytes, (at) =>
    fn.store(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", at, neutral(node), address),
  );
}

/** result[...] = result[...] + value, for a reduction over outer axes only. */
export function addToMemory(
  fn: FunctionBuilder,
  node: ReduceNode,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
  value: V,
): void {
  const before = loadLanes(fn, operand, place, i, count);
  storeLanes(fn, operand, place, i, count, combine(node, before, value));
}

/** A reduction along the innermost axis: partial results per lane, and one for the elements that fill no vector. */
export class InnerTotal {
  readonly #fn: FunctionBuilder;
  readonly #node: ReduceNode;
  readonly #operand: Operand;
  readonly #place: Local<"i32"> | undefined;
  readonly #lanes: Local<"v128">;
  readonly #rest: Local<"v128">;
  readonly #width: 2 | 4;

  constructor(
    fn: FunctionBuilder,
    node: ReduceNode,
    operand: Operand,
    place: Local<"i32"> | undefined,
    width: 2 | 4,
  ) {
    this.#fn = fn;
    this.#node = node;
    this.#operand = operand;
    this.#place = place;
    this.#width = width;
    this.#lanes = fn.let(neutral(node));
    this.#rest = fn.let(neutral(node));
  }

  add(value: V, count: 1 | 2 | 4): void {
    const into = count === 1 ? this.#rest : this.#lanes;
    this.#fn.set(into, combine(this.#node, into, value));
  }

  finish(): void {
    const bytes = bytesOf(this.#node.type.dtype);
    const lane = (k: number): V => {
      const choice = Array.from({ length: 16 }, (_, byte) => (byte < bytes ? k * bytes + byte : byte));
      return k === 0 ? this.#lanes : shuffle(choice, this.#lanes, this.#lanes);
    };
    const lanes = Array.from({ length: this.#width }, (_, k) => lane(k));
    const total = [...lanes, this.#rest].reduce((sum, part) => combine(this.#node, sum, part));
    const zero = i32(0);
    const before = loadLanes(this.#fn, this.#operand, this.#place, zero, 1);
    storeLanes(this.#fn, this.#operand, this.#place, zero, 1, combine(this.#node, before, total));
  }
}
