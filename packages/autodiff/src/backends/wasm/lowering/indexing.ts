/**
 * Gathers and scatter-adds. An index outside its axis is reported, not followed: the run records where it
 * happened and the caller gets an IndexError.
 */

import type { ArrayType } from "../../../array/ndarray.ts";
import { sizeOf, stridesOf } from "../../../array/shape.ts";
import { IndexError } from "../../../errors.ts";
import type { ParamsOf } from "../../../primitives/table.ts";
import { type Expr, i32, integer, load } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { arithmetic } from "../emit/elementwise.ts";
import { type Addresses, bytesOf, type KernelNode, type PlanBuilder } from "../plan/nodes.ts";
import type { View } from "../plan/view.ts";
import { fillZero, forEachIndex, loadElement, type Place, placeOf, storeElement } from "./movement.ts";

function outside(op: string, size: number): (index: number, position: number) => IndexError {
  return (index, position) =>
    new IndexError(
      op,
      `indices must be from 0 to ${size - 1}; got ${index} at position ${position}`,
      "Check the indices.",
    );
}

/** Emits, for every k, body(k, index[k]), or a fault report if index[k] is outside 0 ... size - 1. */
function forEachChecked(
  fn: FunctionBuilder,
  node: KernelNode,
  addresses: Addresses,
  indices: View,
  size: number,
  body: (k: Expr<"i32">, index: Expr<"i32">) => void,
): void {
  const address = addresses.of(indices.node) + indices.offset * 4;
  fn.range(0, sizeOf(indices.shape), 1, (k) => {
    const index = fn.let(load("i32.load", integer("mul", k, i32(4)), address));
    fn.if(
      integer("lt_u", index, i32(size)),
      () => body(k, index),
      () => reportFault(fn, node, addresses, index, k),
    );
  });
}

/** Records the first fault of a run. */
export function reportFault(
  fn: FunctionBuilder,
  node: KernelNode,
  { fault }: Addresses,
  first: Expr<"i32">,
  second: Expr<"i32">,
): void {
  fn.if(integer("eq", load("i32.load", i32(0), fault), i32(0)), () => {
    fn.store("i32.store", i32(0), i32(node.index + 1), fault);
    fn.store("i32.store", i32(0), first, fault + 4);
    fn.store("i32.store", i32(0), second, fault + 8);
  });
}

export function gather(
  plan: PlanBuilder,
  inputs: readonly View[],
  params: ParamsOf<"gather">,
  type: ArrayType,
): View {
  const [x, index] = inputs as [View, View]; // the array and the indices
  const { axis } = params;
  const indices = plan.contiguous(index);
  const n = x.shape[axis]!;
  const report = outside("gather", n);
  return plan.kernel(
    "gather",
    [x, indices],
    type,
    (fn, node, addresses) => {
      const bytes = bytesOf(type.dtype);
      const count = indices.shape.length;
      const inner = stridesOf(type.shape);
      const line = x.shape.toSpliced(axis, 1); // everything but the indexed axis
      const source: Place = { ...placeOf(x, addresses.of(x.node)), strides: x.strides.toSpliced(axis, 1) };
      const target: Place = { address: addresses.of(node), strides: inner.toSpliced(axis, count) };
      const perIndex = sizeOf(type.shape.slice(axis + count)) * bytes;
      forEachChecked(fn, node, addresses, indices, n, (k, i) => {
        const from = fn.let(integer("mul", i, i32(x.strides[axis]! * bytes)));
        const to = fn.let(integer("mul", k, i32(perIndex)));
        forEachIndex(fn, line, [source, target], bytes, ([a, b]) => {
          const value = loadElement(bytes, integer("add", a!, from), source.address);
          storeElement(fn, bytes, integer("add", b!, to), target.address, value);
        });
      });
    },
    { fault: report },
  );
}

export function scatterAdd(
  plan: PlanBuilder,
  inputs: readonly View[],
  params: ParamsOf<"scatterAdd">,
  type: ArrayType,
): View {
  const { axis, size } = params;
  const [updates, indices] = inputs.map((input) => plan.contiguous(input)) as [View, View]; // the updates and the indices
  return plan.kernel(
    "scatterAdd",
    [updates, indices],
    type,
    (fn, node, addresses) => {
      const bytes = bytesOf(type.dtype);
      const count = indices.shape.length;
      const line = updates.shape.toSpliced(axis, count);
      const source: Place = {
        ...placeOf(updates, addresses.of(updates.node)),
        strides: updates.strides.toSpliced(axis, count),
      };
      const own = stridesOf(type.shape);
      const target: Place = { address: addresses.of(node), strides: own.toSpliced(axis, 1) };
      const perIndex = sizeOf(updates.shape.slice(axis + count)) * bytes;
      fillZero(fn, type, addresses.of(node));
      forEachChecked(fn, node, addresses, indices, size, (k, i) => {
        const from = fn.let(integer("mul", k, i32(perIndex)));
        const to = fn.let(integer("mul", i, i32(own[axis]! * bytes)));
        forEachIndex(fn, line, [source, target], bytes, ([a, b]) => {
          const at = fn.let(integer("add", b!, to));
          const update = loadElement(bytes, integer("add", a!, from), source.address);
          const before = loadElement(bytes, at, target.address);
          storeElement(fn, bytes, at, target.address, arithmetic(type.dtype).add(before, update));
        });
      });
    },
    { fault: outside("scatterAdd", size) },
  );
}
