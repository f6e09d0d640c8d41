/**
 * Matrix products. A transposed left factor only changes the strides; a right factor whose rows are not
 * contiguous is copied first, unless the product is narrow, whose kernel accepts any strides.
 */

import { scalar } from "../../../array/creation.ts";
import type { ArrayType } from "../../../array/ndarray.ts";
import { sizeOf, stridesOf } from "../../../array/shape.ts";
import { internal } from "../../../errors.ts";
import { type Expr, i32, integer } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { type Lanes, lanesWith } from "../elementary/lanes.ts";
import { matmul, matmulScratchBytes } from "../kernels/matmul.ts";
import type { MatmulShape } from "../kernels/operands.ts";
import type { Addresses, EmitKernel, KernelNode, PlanBuilder } from "../plan/nodes.ts";
import { broadcastView, type View } from "../plan/view.ts";

export function lowerMatmul(
  plan: PlanBuilder,
  [a, b]: readonly View[],
  _params: object,
  type: ArrayType,
): View {
  if (isShort(plan, a!, type)) return sumOfOuterProducts(plan, a!, b!, type);
  return type.dtype === "float32" && a!.shape.at(-1)! > longest
    ? inPieces(plan, a!, b!, type)
    : product(plan, a!, b!, type);
}

/** Products of so few steps with rows so wide are elementwise: the loop that reads C computes it. */
const short = { steps: 2, columns: 16 } as const;

function isShort({ arithmetic }: PlanBuilder, a: View, { shape }: ArrayType): boolean {
  const steps = a.shape.at(-1)!;
  return arithmetic === "strict" && steps >= 1 && steps <= short.steps && shape.at(-1)! >= short.columns;
}

/** C_ij = (0 + A_i0 B_0j) + A_i1 B_1j, in the kernels' order. */
function sumOfOuterProducts(plan: PlanBuilder, a: View, b: View, type: ArrayType): View {
  const rows = b.strides.at(-1) === 1 ? b : plan.copy(b);
  const zero = broadcastView(plan.constant(scalar(0, type.dtype)), type.shape);
  return Array.from({ length: a.shape.at(-1)! }, (_, k) => {
    const factors = [step(a, -1, k), step(rows, -2, k)].map((x) => broadcastView(x, type.shape));
    return plan.elementwise("mul", factors, type);
  }).reduce((sum, term) => plan.elementwise("add", [sum, term], type), zero);
}

/** Position k of an axis, which stays, with extent 1. */
function step(x: View, axis: -1 | -2, k: number): View {
  return { ...x, offset: x.offset + k * x.strides.at(axis)!, shape: x.shape.with(axis, 1) };
}

/** Longer float32 sums are split into pieces, because the sums of a kernel's chains are added in float32. */
const longest = 2048;
const shortestPiece = 512;

/**
 * A B = Σ_p A_p B_p, by columns of A and rows of B; the sum over p is in float64. Needs no more memory than A
 * and B.
 */
function inPieces(plan: PlanBuilder, a: View, b: View, type: ArrayType): View {
  const [m, k, n] = [...a.shape.slice(-2), b.shape.at(-1)!] as [number, number, number]; // a matrix has two axes
  const steps = Math.max(shortestPiece, Math.ceil((m * n) / Math.max(m + n, 1)));
  const pieces = Math.floor(k / steps);
  const batch = type.shape.slice(0, -2);
  const split = ({ node, offset, shape, strides }: View, axis: -1 | -2): View => {
    const rank = shape.length;
    const step = strides.at(axis)! * steps;
    return {
      node,
      offset,
      shape: [...shape.slice(0, -2), pieces, ...shape.slice(-2).with(axis, steps)],
      strides: [...strides.slice(0, rank - 2), step, ...strides.slice(-2)],
    };
  };
  const rest = (x: View, axis: -1 | -2): View => ({
    ...x,
    offset: x.offset + pieces * steps * x.strides.at(axis)!,
    shape: x.shape.with(axis, k - pieces * steps),
  });
  const partial = product(plan, split(a, -1), split(b, -2), { ...type, shape: [...batch, pieces, m, n] });
  const total = plan.reduce("sum", partial, [batch.length]);
  if (pieces * steps === k) return total;
  return plan.elementwise("add", [total, product(plan, rest(a, -1), rest(b, -2), type)], type);
}

function product(plan: PlanBuilder, a: View, b: View, type: ArrayType): View {
  const L = lanesWith(plan.arithmetic)[floatType(type)];
  const n = type.shape.at(-1)!;
  const rowsContiguous = b.strides.at(-1) === 1 || n === 1;
  const narrow = n < L.count;
  const right = rowsContiguous || narrow ? b : plan.copy(b);
  const factors = collapseBatch(a, right, type);
  const scratchBytes = matmulScratchBytes(L, shapeOf(factors.a, factors.b));
  return plan.kernel("matmul", [factors.a, factors.b], type, emitMatmul(L), { scratchBytes });
}

/** Merges a batch of products with the same right factor into one tall product. */
function collapseBatch(a: View, b: View, type: ArrayType): { readonly a: View; readonly b: View } {
  const rank = type.shape.length;
  const shared = b.strides.slice(0, -2).every((stride) => stride === 0);
  const rowStride = a.strides[rank - 2]!;
  const below = (axis: number): number => sizeOf(a.shape.slice(axis + 1, -1)) * rowStride;
  const tall = a.strides.slice(0, -2).every((stride, axis) => stride === below(axis));
  if (rank === 2 || !shared || !tall) return { a, b };
  const rows = sizeOf(type.shape.slice(0, -1));
  return {
    a: { ...a, shape: [rows, a.shape.at(-1)!], strides: [rowStride, a.strides.at(-1)!] },
    b: { ...b, shape: b.shape.slice(-2), strides: b.strides.slice(-2) },
  };
}

function shapeOf(a: View, b: View): MatmulShape {
  const [m, k] = a.shape.slice(-2) as [number, number]; // a matrix has two axes
  const n = b.shape.at(-1)!;
  return {
    m,
    n,
    k,
    aRow: a.strides.at(-2)!,
    aStep: a.strides.at(-1)!,
    bStep: b.strides.at(-2)!,
    bColumn: n === 1 ? 1 : b.strides.at(-1)!,
    cRow: n,
  };
}

function emitMatmul(L: Lanes): EmitKernel {
  return (fn, node, addresses) => emitProduct(L, fn, node, addresses);
}

function emitProduct(L: Lanes, fn: FunctionBuilder, node: KernelNode, addresses: Addresses): void {
  const [a, b] = node.inputs as [View, View]; // two factors, see above
  const { bytes } = L;
  const shape = shapeOf(a, b);
  const { m, n } = shape;
  if (m * n === 0) return;
  const kernel = addresses.shared(`${L.dtype} ${Object.values(shape).join()}`, () => matmul(L, shape));
  const batch = a.shape.slice(0, -2);
  const starts = [
    { address: addresses.of(a.node) + a.offset * bytes, strides: a.strides },
    { address: addresses.of(b.node) + b.offset * bytes, strides: b.strides },
    { address: addresses.of(node), strides: stridesOf([...batch, m, n]) },
  ];
  const descend = (axis: number, at: readonly Expr<"i32">[]): void => {
    if (axis === batch.length) {
      fn.call(kernel, ...at, i32(addresses.scratch));
      return;
    }
    fn.range(0, batch[axis]!, 1, (index) => {
      const next = at.map((address, i) =>
        integer("add", address, integer("mul", index, i32(starts[i]!.strides[axis]! * bytes))),
      );
      descend(
        axis + 1,
        next.map((address) => fn.let(address)),
      );
    });
  };
  descend(
    0,
    starts.map(({ address }) => i32(address)),
  );
}

function floatType({ dtype }: ArrayType): "float32" | "float64" {
  return dtype === "int32" ? internal("a matrix product of whole numbers") : dtype;
}
