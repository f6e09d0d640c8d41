/**
 * One loop nest for a cluster of elementwise nodes and reductions.
 *
 *   for outer indices:  for i in steps of a vector:  load, compute, store;  then remaining elements singly
 *
 * Axes that every operand traverses contiguously are merged first, so most nests become one flat loop.
 */

import { sizeOf, stridesOf } from "../../../array/shape.ts";
import { type Expr, i32, integer, type V } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { float32Lanes } from "../elementary/lanes.ts";
import { tanhAndSlope32 } from "../elementary/tanh.ts";
import { type Addresses, bytesOf, domainOf, type ElementwiseNode, fuses, type Node } from "../plan/nodes.ts";
import type { Cluster } from "../plan/schedule.ts";
import { slopesBesideTanh } from "../plan/twins.ts";
import type { View } from "../plan/view.ts";
import {
  callOp,
  constantLanes,
  type ElementwiseOp,
  elementwiseOps,
  isElementary,
  type LaneValue,
} from "./elementwise.ts";
import { mergeAxes } from "./merge-axes.ts";
import { loadLanes, loadSplat, nest, type Operand, type Place, storeLanes } from "./operand.ts";
import { addToMemory, fill, InnerTotal, reducedStrides } from "./reduction.ts";

export function emitCluster(fn: FunctionBuilder, cluster: Cluster, addresses: Addresses): void {
  const shape = domainOf(cluster.nodes[0]!);
  const members = new Set<Node>(cluster.nodes);
  const reductions = cluster.nodes.filter((node) => node.kind === "reduce");
  for (const node of reductions) fill(fn, node, addresses.of(node));
  if (sizeOf(shape) === 0) return;

  // Every distinct operand that is read from memory, then those that are written.
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

  // A reduction's total is kept outside the loop, so its type does not determine the lane width.
  const hasDouble = cluster.nodes.some(
    (node) =>
      (node.kind !== "reduce" && node.type.dtype === "float64") ||
      node.inputs.some((x) => x.node.type.dtype === "float64"),
  );
  const width = hasDouble ? 2 : 4;

  const slopes = addresses.inlinesElementary
    ? slopesBesideTanh(cluster.nodes)
    : new Map<Node, ElementwiseNode>();
  const apply = (node: ElementwiseNode, args: readonly LaneValue[]): LaneValue =>
    isElementary(node) && !addresses.inlinesElementary
      ? callOp(fn, addresses.shared, node.op, args, node.type.dtype)
      : elementwiseOps[node.op](fn, args, node.type.dtype);

  const vectors = Math.floor((merged.shape.at(-1) ?? 1) / width);
  const unroll = unrollOf(cluster, vectors);
  const together = rowsTogether(cluster, unroll, vectors);

  nest(fn, merged.shape, operands, together, (places, extent) => {
    // Rows share what does not differ from one to the next.
    const isShared = ({ strides }: Operand): boolean => strides.at(-2) === 0;
    const perRow = <T>(operand: Operand, make: (place: Place) => T): T[] => {
      const made = (isShared(operand) ? places.slice(0, 1) : places).map(make);
      return places.map((_, row) => made[row] ?? made[0]!);
    };
    const uniform = new Map<Operand, readonly V[]>();
    for (const operand of readsAt) {
      if (operand.strides.at(-1) === 0)
        uniform.set(
          operand,
          perRow(operand, (place) => fn.let(loadSplat(operand, place.of(operand)))),
        );
    }
    const accumulators = totalsAt.map((operand, i) =>
      operand.strides.at(-1) === 0
        ? places.map((place) => new InnerTotal(fn, reductions[i]!, operand, place.of(operand), width))
        : undefined,
    );

    /**
     * Processes a vector (or one element) of every row, or `unroll` of one, from index i on: each operation for all of
     * them before the next.
     */
    const body = (i: Expr<"i32">, count: 1 | 2 | 4, unroll: number): void => {
      const along = Array.from({ length: unroll }, (_, u) =>
        u === 0 ? i : fn.let(integer("add", i, i32(u * count))),
      );
      const positions = along.flatMap((at) => places.map((place, row) => ({ at, place, row })));
      const loaded = new Map<string, readonly LaneValue[]>();
      readsAt.forEach((operand, k) => {
        const { dtype } = operand;
        const splats = uniform.get(operand);
        const values =
          splats !== undefined
            ? along.flatMap(() => splats)
            : along.flatMap((at) =>
                perRow(operand, (place) => fn.let(loadLanes(fn, operand, place.of(operand), at, count))),
              );
        loaded.set(
          readKeys[k]!,
          values.map((value) => ({ value, dtype })),
        );
      });
      const values = new Map<Node, readonly LaneValue[]>();
      const lanesOf = (x: View, consumer: Node, u: number): LaneValue => {
        const number = uniformConstant(x);
        const { dtype } = x.node.type;
        if (number !== undefined) return { value: constantLanes(dtype, number), dtype };
        return (isRead(x, consumer) ? loaded.get(readKey(x)) : values.get(x.node))![u]!;
      };
      for (const node of cluster.nodes) {
        if (node.kind === "reduce" || values.has(node)) continue;
        const slope = slopes.get(node);
        if (slope !== undefined) {
          const both = positions.map((_, u) =>
            tanhAndSlope32(float32Lanes, lanesOf(node.inputs[0]!, node, u).value),
          );
          const together = fn.letTogether(
            both.map(({ tanh }) => tanh),
            both.map(({ slope }) => slope),
          ) as V[][]; // vectors stay vectors
          [node, slope].forEach((one, i) => {
            values.set(
              one,
              together[i]!.map((value) => ({ value, dtype: "float32" })),
            );
          });
          continue;
        }
        const results = positions.map((_, u) =>
          apply(
            node,
            node.inputs.map((x) => lanesOf(x, node, u)),
          ),
        );
        const [computed] = fn.letTogether(results.map(({ value }) => value)) as V[][]; // vectors stay vectors
        values.set(
          node,
          results.map((result, u) => ({ ...result, value: computed![u]! })),
        );
      }
      positions.forEach(({ at, place }, u) => {
        writes.forEach((node, k) => {
          const operand = writesAt[k]!;
          storeLanes(fn, operand, place.of(operand), at, count, values.get(node)![u]!.value);
        });
      });
      reductions.forEach((node, k) => {
        const operand = totalsAt[k]!;
        const addends = positions.map((_, u) => lanesOf(node.inputs[0]!, node, u).value);
        const inner = accumulators[k];
        if (inner !== undefined) {
          positions.forEach(({ row }, u) => {
            inner[row]!.add(addends[u]!, count);
          });
        } else if (isShared(operand)) {
          along.forEach((at, u) => {
            const ofRows = addends.slice(u * places.length, (u + 1) * places.length);
            addToMemory(fn, node, operand, places[0]!.of(operand), at, count, ofRows);
          });
        } else {
          positions.forEach(({ at, place }, u) => {
            addToMemory(fn, node, operand, place.of(operand), at, count, [addends[u]!]);
          });
        }
      });
    };

    const rest = vectors % unroll;
    const grouped = (vectors - rest) * width;
    const whole = vectors * width;
    fn.range(0, grouped, unroll * width, (i) => body(i, width, unroll));
    fn.range(grouped, whole, rest * width, (i) => body(i, width, rest));
    fn.range(whole, extent, 1, (i) => body(i, 1, 1));
    for (const totals of accumulators) for (const total of totals ?? []) total.finish();
  });
}

const longChains: ReadonlySet<ElementwiseOp> = new Set([
  "exp",
  "expm1",
  "tanh",
  "sechSquared",
  "sigmoid",
  "div",
  "sqrt",
]);

/**
 * Unroll factor of the innermost loop: above 1 for long dependency chains, and a divisor of `vectors` if
 * possible.
 */
function unrollOf({ nodes }: Cluster, vectors: number): number {
  const isLong = nodes.some((node) => node.kind === "elementwise" && longChains.has(node.op));
  return isLong ? ([4, 5, 3].find((count) => vectors % count === 0) ?? 4) : 1;
}

/**
 * Rows that a loop with reductions processes at once: a row's sum waits for itself, and a total in memory is read and
 * written once for all of them.
 */
function rowsTogether({ nodes }: Cluster, unroll: number, vectors: number): number {
  const isShort = nodes.length <= 16 && (unroll === 1 || vectors < unroll);
  return isShort && nodes.some(({ kind }) => kind === "reduce") ? 4 : 1;
}

/** The value of all elements of a view, if it is a one-element constant. */
function uniformConstant({ node }: View): number | undefined {
  return node.kind === "source" && node.constant?.data.length === 1 ? node.constant.data[0] : undefined;
}
