/**
 * Reductions inside a loop nest. The order of summation is the same on every machine:
 *
 *   along the innermost axis   lane j sums elements j, j + w, j + 2w, ... (w lanes); then the lanes in order,
 *                              then the elements that fill no vector, then the total over the outer indices
 *   along outer axes           in row-major order, element by element
 *
 * Loops take several rows together where they can, without a change of this order.
 *
 * Numerics  float32 is summed in float64: each vector is widened to two as it is added, and the total is
 *           rounded once, when it is converted, so partial sums do not overflow
 */

import { keepingAxes, sizeOf, stridesOf } from "../../../array/shape.ts";
import { type Expr, i32, integer, shuffle, type V, vector1 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import { bytesOf, type ReduceNode } from "../plan/nodes.ts";
import { arithmetic, constantLanes } from "./elementwise.ts";
import { loadLanes, type Operand, storeLanes } from "./operand.ts";

/** Strides of the result over the index space of the argument: 0 along the reduced axes. */
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

/** Sets every element of a reduction's result to the neutral element. */
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

/**
 * Converts a vector of `count` values to vectors of the total's type, each with the number of values it
 * holds.
 */
function asAddends(node: ReduceNode, value: V, count: 1 | 2 | 4): readonly (readonly [V, 1 | 2 | 4])[] {
  if (node.inputs[0]!.node.type.dtype === node.type.dtype) return [[value, count]];
  const low = vector1("f64x2.promote_low_f32x4", value);
  if (count !== 4) return [[low, count]];
  const upper = Array.from({ length: 16 }, (_, byte) => 8 + (byte % 8));
  return [
    [low, 2],
    [vector1("f64x2.promote_low_f32x4", shuffle(upper, value, value)), 2],
  ];
}

/** result[...] = (result[...] + values[0]) + values[1] + ..., for a reduction over outer axes only. */
export function addToMemory(
  fn: FunctionBuilder,
  node: ReduceNode,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
  values: readonly V[],
): void {
  const addends = values.map((value) => asAddends(node, value, count));
  addends[0]!.forEach(([, lanes], k) => {
    const at = k === 0 ? i : fn.let(integer("add", i, i32(k * lanes)));
    const before = loadLanes(fn, operand, place, at, lanes);
    const total = addends.reduce((sum, parts) => combine(node, sum, parts[k]![0]), before);
    storeLanes(fn, operand, place, at, lanes, total);
  });
}

/** A reduction along the innermost axis: one partial result per lane, and one for the remaining elements. */
export class InnerTotal {
  readonly #fn: FunctionBuilder;
  readonly #node: ReduceNode;
  readonly #operand: Operand;
  readonly #place: Local<"i32"> | undefined;
  /** The vectors that hold the `width` partial results. */
  readonly #lanes: readonly Local<"v128">[];
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
    const vectors = Math.ceil((width * bytesOf(node.type.dtype)) / 16);
    this.#width = width;
    this.#lanes = Array.from({ length: vectors }, () => fn.let(neutral(node)));
    this.#rest = fn.let(neutral(node));
  }

  add(value: V, count: 1 | 2 | 4): void {
    asAddends(this.#node, value, count).forEach(([addend], k) => {
      const into = count === 1 ? this.#rest : this.#lanes[k]!;
      this.#fn.set(into, combine(this.#node, into, addend));
    });
  }

  finish(): void {
    const bytes = bytesOf(this.#node.type.dtype);
    const perVector = 16 / bytes;
    const lane = (k: number): V => {
      const vector = this.#lanes[Math.floor(k / perVector)]!;
      const from = (k % perVector) * bytes;
      const choice = Array.from({ length: 16 }, (_, byte) => (byte < bytes ? from + byte : byte));
      return from === 0 ? vector : shuffle(choice, vector, vector);
    };
    const lanes = Array.from({ length: this.#width }, (_, k) => lane(k));
    const total = [...lanes, this.#rest].reduce((sum, part) => combine(this.#node, sum, part));
    const zero = i32(0);
    const before = loadLanes(this.#fn, this.#operand, this.#place, zero, 1);
    storeLanes(this.#fn, this.#operand, this.#place, zero, 1, combine(this.#node, before, total));
  }
}
