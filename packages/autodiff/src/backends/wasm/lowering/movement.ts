/** Primitives that move elements and cannot be views: pad, concat, cumsum. */

import type { ArrayType } from "../../../array/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../../../array/shape.ts";
import type { ParamsOf } from "../../../primitives/table.ts";
import { type Expr, i32, integer, load, type V } from "../assembler/expression.ts";
import { FunctionBuilder } from "../assembler/function.ts";
import { arithmetic } from "../emit/elementwise.ts";
import { mergeAxes } from "../emit/merge-axes.ts";
import { bytesOf, type PlanBuilder } from "../plan/nodes.ts";
import type { View } from "../plan/view.ts";

/** Elements of one array, by strides. */
export interface Place {
  /** Byte address of the first element. */
  readonly address: number;
  readonly strides: readonly number[];
}

/** Visits every index of a shape, with the byte offset of each operand there. */
export function forEachIndex(
  fn: FunctionBuilder,
  shape: Shape,
  operands: readonly Place[],
  bytes: number,
  body: (offsets: readonly Expr<"i32">[]) => void,
): void {
  const merged = mergeAxes(
    shape,
    operands.map(({ strides }) => strides),
  );
  const descend = (axis: number, offsets: readonly Expr<"i32">[]): void => {
    if (axis === merged.shape.length) {
      body(offsets);
      return;
    }
    fn.range(0, merged.shape[axis]!, 1, (index) => {
      const next = offsets.map((offset, i) => {
        const stride = merged.strides[i]![axis]! * bytes;
        return stride === 0 ? offset : fn.let(integer("add", offset, integer("mul", index, i32(stride))));
      });
      descend(axis + 1, next);
    });
  };
  if (sizeOf(shape) > 0)
    descend(
      0,
      operands.map(() => i32(0)),
    );
}

export function loadElement(bytes: 4 | 8, offset: Expr<"i32">, address: number): V {
  return load(bytes === 8 ? "v128.load64_zero" : "v128.load32_zero", offset, address);
}

export function storeElement(
  fn: FunctionBuilder,
  bytes: 4 | 8,
  offset: Expr<"i32">,
  address: number,
  value: V,
): void {
  fn.store(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", offset, value, address);
}

/** target[index] = source[index] over a shape. Runs that are contiguous in both are copied in one piece. */
function copyElements(fn: FunctionBuilder, shape: Shape, source: Place, target: Place, bytes: 4 | 8): void {
  const { shape: extents, strides } = mergeAxes(shape, [source.strides, target.strides]);
  const [from, to] = strides as [number[], number[]]; // one for each
  const isPiece = from.at(-1) === 1 && to.at(-1) === 1;
  const [outer, piece] = isPiece ? [extents.slice(0, -1), extents.at(-1)!] : [extents, 1];
  const outerPlaces = [
    { address: source.address, strides: from },
    { address: target.address, strides: to },
  ];
  forEachIndex(fn, outer, outerPlaces, bytes, ([start, end]) => {
    if (piece > longestBySingles) {
      const addressOf = (offset: Expr<"i32">, place: Place): Expr<"i32"> =>
        integer("add", offset, i32(place.address));
      fn.copyMemory(addressOf(end!, target), addressOf(start!, source), i32(piece * bytes));
      return;
    }
    for (let at = 0; at < piece * bytes; at += bytes) {
      storeElement(fn, bytes, end!, target.address + at, loadElement(bytes, start!, source.address + at));
    }
  });
}

/** Longest run copied element by element; longer ones use memory.copy, which costs a call into the host. */
const longestBySingles = 8;

/** Fills a whole buffer with zero bytes. */
export function fillZero(fn: FunctionBuilder, type: ArrayType, address: number): void {
  const bytes = bytesOf(type.dtype);
  fn.range(0, sizeOf(type.shape) * bytes, bytes, (at) => {
    storeElement(fn, bytes, at, address, arithmetic("int32").constant(0));
  });
}

export function placeOf({ offset, strides, node }: View, address: number): Place {
  return { address: address + offset * bytesOf(node.type.dtype), strides };
}

export function pad(plan: PlanBuilder, [x]: readonly View[], params: ParamsOf<"pad">, type: ArrayType): View {
  const { low, interior } = params;
  return plan.kernel("pad", [x!], type, (fn, node, addresses) => {
    const bytes = bytesOf(type.dtype);
    const own = stridesOf(type.shape);
    const start = low.reduce((sum, before, axis) => sum + before * own[axis]!, 0);
    fillZero(fn, type, addresses.of(node));
    const target = {
      address: addresses.of(node) + start * bytes,
      strides: own.map((stride, axis) => stride * (interior[axis]! + 1)),
    };
    copyElements(fn, x!.shape, placeOf(x!, addresses.of(x!.node)), target, bytes);
  });
}

export function concat(
  plan: PlanBuilder,
  inputs: readonly View[],
  { axis }: ParamsOf<"concat">,
  type: ArrayType,
): View {
  return plan.kernel("concat", inputs, type, (fn, node, addresses) => {
    const bytes = bytesOf(type.dtype);
    const strides = stridesOf(type.shape);
    let start = 0;
    let part = fn;
    inputs.forEach((x, i) => {
      if (i % mostCopies === 0 && inputs.length > mostCopies) {
        part = new FunctionBuilder(`concat from ${i}`, []); // a function's length is limited
        fn.call(part);
      }
      const target = { address: addresses.of(node) + start * strides[axis]! * bytes, strides };
      copyElements(part, x.shape, placeOf(x, addresses.of(x.node)), target, bytes);
      start += x.shape[axis]!;
    });
  });
}

/** Arrays copied per function: hosts take time quadratic in the number of loops to compile one. */
const mostCopies = 100;

/** Running totals along one axis, one line after the other. */
export function cumsum(
  plan: PlanBuilder,
  [x]: readonly View[],
  params: ParamsOf<"cumsum">,
  type: ArrayType,
): View {
  const { axis, reverse } = params;
  return plan.kernel("cumsum", [x!], type, (fn, node, addresses) => {
    const { add, constant } = arithmetic(type.dtype);
    const bytes = bytesOf(type.dtype);
    const n = type.shape[axis]!;
    const source = placeOf(x!, addresses.of(x!.node));
    const target: Place = { address: addresses.of(node), strides: stridesOf(type.shape) };
    const step = (place: Place): number => (reverse ? -1 : 1) * place.strides[axis]! * bytes;
    const first = (place: Place): number => (reverse ? (n - 1) * place.strides[axis]! * bytes : 0);
    forEachIndex(fn, type.shape.with(axis, 1), [source, target], bytes, ([fromLine, toLine]) => {
      const total = fn.let(constant(0));
      const from = fn.let(integer("add", fromLine!, i32(first(source))));
      const to = fn.let(integer("add", toLine!, i32(first(target))));
      fn.range(0, n, 1, () => {
        fn.set(total, add(total, loadElement(bytes, from, source.address)));
        storeElement(fn, bytes, to, target.address, total);
        fn.set(from, integer("add", from, i32(step(source))));
        fn.set(to, integer("add", to, i32(step(target))));
      });
    });
  });
}
