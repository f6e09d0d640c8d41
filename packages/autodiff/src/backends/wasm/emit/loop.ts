/**
 * One loop nest for a cluster of elementwise nodes and reductions.
 *
 *   for outer indices:  for i in steps of a vector:  load, compute, store;  then the elements that fill no vector, singly
 *
 * Axes that every operand steps through alike are merged first, so that most nests are one flat loop.
 *
 * Reductions   a fixed order, whatever the machine:
 *   along the innermost axis   lane j sums elements j, j + w, j + 2w, ... (w lanes); then the lanes in order, then the
 *                              elements that fill no vector, then the total so far of the outer indices
 *   along outer axes           in row-major order, element by element
 */

import type { DType } from "../../../array/ndarray.ts";
import { keepingAxes, type Shape, sizeOf, stridesOf } from "../../../array/shape.ts";
import { type Expr, i32, integer, load, shuffle, type V } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import { lanes as lanesByType } from "../elementary/lanes.ts";
import { fuses } from "../plan/fusion.ts";
import { type Addresses, bytesOf, domainOf, type Node, type ReduceNode } from "../plan/nodes.ts";
import type { Cluster } from "../plan/schedule.ts";
import type { View } from "../plan/view.ts";
import { arithmetic, type ElementwiseOp, elementwiseOps, type LaneValue } from "./elementwise.ts";
import { mergeAxes } from "./merge-axes.ts";

/** Something read or written per index: a place in memory with strides over the cluster's index space. */
interface Operand {
  readonly dtype: DType;
  /** Byte address of the first element. */
  readonly address: number;
  readonly strides: readonly number[];
}

export function emitCluster(fn: FunctionBuilder, cluster: Cluster, addresses: Addresses): void {
  const shape = domainOf(cluster.nodes[0]!);
  const members = new Set<Node>(cluster.nodes);
  const reductions = cluster.nodes.filter((node) => node.kind === "reduce");
  for (const node of reductions) fill(fn, node, addresses.of(node));
  if (sizeOf(shape) === 0) return;

  // Every distinct thing read from memory, then what is written.
  const readKey = (x: View): string => `${x.node.index} ${x.offset} ${x.strides.join()}`;
  const isRead = (x: View, consumer: Node): boolean => !(fuses(x, consumer) && members.has(x.node));
  const reads = new Map<string, View>();
  for (const node of cluster.nodes) {
    for (const x of node.inputs)
      if (isRead(x, node) && uniformConstant(x) === undefined) reads.set(readKey(x), x);
  }
  const readOperands = [...reads.values()].map(
    ({ node, offset, strides }): Operand => ({
      dtype: node.type.dtype,
      address: addresses.of(node) + offset * bytesOf(node.type.dtype),
      strides,
    }),
  );
  const writes = cluster.nodes.filter((node) => node.kind === "elementwise" && cluster.stored.includes(node));
  const writeOperands = writes.map(
    (node): Operand => ({ dtype: node.type.dtype, address: addresses.of(node), strides: stridesOf(shape) }),
  );
  const totals = reductions.map(
    (node): Operand => ({
      dtype: node.type.dtype,
      address: addresses.of(node),
      strides: reducedStrides(node),
    }),
  );

  const all = [...readOperands, ...writeOperands, ...totals];
  const merged = mergeAxes(
    shape,
    all.map(({ strides }) => strides),
  );
  const operands = all.map((operand, i): Operand => ({ ...operand, strides: merged.strides[i]! }));
  const readsAt = operands.slice(0, readOperands.length);
  const writesAt = operands.slice(readOperands.length, readOperands.length + writeOperands.length);
  const totalsAt = operands.slice(readOperands.length + writeOperands.length);
  const readKeys = [...reads.keys()];

  const hasDouble = cluster.nodes.some((node) =>
    [node.type.dtype, ...node.inputs.map((x) => x.node.type.dtype)].includes("float64"),
  );
  const width = hasDouble ? 2 : 4;

  nest(fn, merged.shape, operands, (place, extent) => {
    const uniform = new Map<Operand, V>();
    for (const operand of readsAt) {
      if (operand.strides.at(-1) === 0) uniform.set(operand, fn.let(loadSplat(operand, place.of(operand))));
    }
    const accumulators = totalsAt.map((operand, i) =>
      operand.strides.at(-1) === 0
        ? new InnerTotal(fn, reductions[i]!, operand, place.of(operand), width)
        : undefined,
    );

    /** `unroll` vectors (or one element) from index i on, every operation for all of them before the next. */
    const body = (i: Expr<"i32">, count: 1 | 2 | 4, unroll: number): void => {
      const starts = Array.from({ length: unroll }, (_, u) =>
        u === 0 ? i : fn.let(integer("add", i, i32(u * count))),
      );
      const loaded = new Map<string, readonly LaneValue[]>();
      readsAt.forEach((operand, k) => {
        const { dtype } = operand;
        const load = (at: Expr<"i32">): V => fn.let(loadLanes(fn, operand, place.of(operand), at, count));
        const values = starts.map((at) => ({ value: uniform.get(operand) ?? load(at), dtype }));
        loaded.set(readKeys[k]!, values);
      });
      const values = new Map<Node, readonly LaneValue[]>();
      const lanesOf = (x: View, consumer: Node, u: number): LaneValue => {
        const number = uniformConstant(x);
        const { dtype } = x.node.type;
        if (number !== undefined) return { value: constantLanes(dtype, number), dtype };
        return (isRead(x, consumer) ? loaded.get(readKey(x)) : values.get(x.node))![u]!;
      };
      for (const node of cluster.nodes) {
        if (node.kind === "reduce") continue;
        const results = starts.map((_, u) =>
          elementwiseOps[node.op](
            fn,
            node.inputs.map((x) => lanesOf(x, node, u)),
            node.type.dtype,
          ),
        );
        const computed = fn.letTogether(results.map(({ value }) => value)) as V[]; // vectors stay vectors
        values.set(
          node,
          results.map((result, u) => ({ ...result, value: computed[u]! })),
        );
      }
      starts.forEach((at, u) => {
        writes.forEach((node, k) => {
          const operand = writesAt[k]!;
          storeLanes(fn, operand, place.of(operand), at, count, values.get(node)![u]!.value);
        });
        reductions.forEach((node, k) => {
          const { value } = lanesOf(node.inputs[0]!, node, u);
          const inner = accumulators[k];
          if (inner !== undefined) inner.add(value, count);
          else addToMemory(fn, node, totalsAt[k]!, place.of(totalsAt[k]!), at, count, value);
        });
      });
    };

    const group = width * unrollOf(cluster);
    const grouped = group === width ? 0 : extent - (extent % group);
    const whole = extent - (extent % width);
    fn.range(0, grouped, group, (i) => body(i, width, group / width));
    fn.range(grouped, whole, width, (i) => body(i, width, 1));
    fn.range(whole, extent, 1, (i) => body(i, 1, 1));
    for (const total of accumulators) total?.finish();
  });
}

const longChains: ReadonlySet<ElementwiseOp> = new Set(["exp", "expm1", "tanh", "sigmoid", "div", "sqrt"]);

/** Vectors per turn of the innermost loop: several where elementary functions make long chains of operations. */
function unrollOf({ nodes }: Cluster): number {
  return nodes.some((node) => node.kind === "elementwise" && longChains.has(node.op)) ? 4 : 1;
}

/** The number all elements of a view equal, if it is a constant of one element. */
function uniformConstant({ node }: View): number | undefined {
  return node.kind === "source" && node.constant?.data.length === 1 ? node.constant.data[0] : undefined;
}

function constantLanes(dtype: DType, value: number): V {
  return dtype === "int32" ? arithmetic("int32").constant(value) : lanesByType[dtype].constant(value);
}

function reducedStrides(node: ReduceNode): number[] {
  const { shape } = node.inputs[0]!;
  const kept = stridesOf(keepingAxes(shape, node.axes));
  return kept.map((stride, axis) => (node.axes.includes(axis) ? 0 : stride));
}

/** Byte offsets of operands at the current outer index; operands with equal strides share one. */
class Place {
  readonly #fn: FunctionBuilder;
  readonly #outer: readonly Expr<"i32">[];
  readonly #known = new Map<string, Local<"i32"> | undefined>();

  constructor(fn: FunctionBuilder, outer: readonly Expr<"i32">[]) {
    this.#fn = fn;
    this.#outer = outer;
  }

  /** Undefined stands for offset 0. */
  of({ strides, dtype }: Operand): Local<"i32"> | undefined {
    const byteStrides = this.#outer.map((_, axis) => strides[axis]! * bytesOf(dtype));
    const key = byteStrides.join();
    if (!this.#known.has(key)) {
      const terms = this.#outer.flatMap((index, axis) =>
        byteStrides[axis] === 0 ? [] : [integer("mul", index, i32(byteStrides[axis]!))],
      );
      const offset = terms.length === 0 ? undefined : terms.reduce((sum, term) => integer("add", sum, term));
      this.#known.set(key, offset && this.#fn.let(offset));
    }
    return this.#known.get(key);
  }
}

/** Loops over all axes but the last, and hands over the last. */
function nest(
  fn: FunctionBuilder,
  shape: Shape,
  operands: readonly Operand[],
  inner: (place: Place, extent: number) => void,
): void {
  const descend = (axis: number, indices: readonly Expr<"i32">[]): void => {
    if (axis < shape.length - 1) {
      fn.range(0, shape[axis]!, 1, (index) => descend(axis + 1, [...indices, index]));
      return;
    }
    const place = new Place(fn, indices);
    for (const operand of operands) place.of(operand); // offsets are computed here, outside the innermost loop
    inner(place, shape.at(-1) ?? 1);
  };
  descend(0, []);
}

function elementAddress(place: Local<"i32"> | undefined, i: Expr<"i32">, byteStride: number): Expr<"i32"> {
  const along = byteStride === 0 ? undefined : integer("mul", i, i32(byteStride));
  if (place === undefined) return along ?? i32(0);
  return along === undefined ? place : integer("add", place, along);
}

function loadSplat({ dtype, address }: Operand, place: Local<"i32"> | undefined): V {
  return load(bytesOf(dtype) === 8 ? "v128.load64_splat" : "v128.load32_splat", place ?? i32(0), address);
}

function loadLanes(
  fn: FunctionBuilder,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
): V {
  const bytes = bytesOf(operand.dtype);
  const stride = operand.strides.at(-1) ?? 0;
  const at = elementAddress(place, i, stride * bytes);
  if (stride === 1 || count === 1) {
    const size = count * bytes;
    return load(
      size === 16 ? "v128.load" : size === 8 ? "v128.load64_zero" : "v128.load32_zero",
      at,
      operand.address,
    );
  }
  const base = fn.let(at);
  const splats = Array.from({ length: count }, (_, lane) =>
    fn.let(
      load(
        bytes === 8 ? "v128.load64_splat" : "v128.load32_splat",
        base,
        operand.address + lane * stride * bytes,
      ),
    ),
  );
  return interleave(splats, bytes);
}

/** Lane k of the k-th vector, for every k; with two vectors of four lanes, in the low half. */
function interleave(vectors: readonly V[], bytes: 4 | 8): V {
  const lanes = (choice: readonly number[]): number[] =>
    choice.flatMap((lane) => Array.from({ length: bytes }, (_, byte) => lane * bytes + byte));
  const [a, b, c, d] = vectors;
  if (bytes === 8) return shuffle(lanes([0, 3]), a!, b!);
  const low = shuffle(lanes([0, 5, 0, 5]), a!, b!);
  return c === undefined ? low : shuffle(lanes([0, 1, 6, 7]), low, shuffle(lanes([2, 7, 2, 7]), c, d!));
}

function storeLanes(
  fn: FunctionBuilder,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
  value: V,
): void {
  const bytes = bytesOf(operand.dtype);
  const size = count * bytes;
  const name = size === 16 ? "v128.store" : size === 8 ? "v128.store64_lane" : "v128.store32_lane";
  fn.store(name, elementAddress(place, i, (operand.strides.at(-1) ?? 0) * bytes), value, operand.address);
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
function fill(fn: FunctionBuilder, node: ReduceNode, address: number): void {
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
function addToMemory(
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
class InnerTotal {
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
