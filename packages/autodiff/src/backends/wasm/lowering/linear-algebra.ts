/** Cholesky factors and triangular solves, by plain scalar loops: they serve small matrices. */

import type { ArrayType } from "../../../array/ndarray.ts";
import { sizeOf } from "../../../array/shape.ts";
import { DomainError, internal } from "../../../errors.ts";
import type { ParamsOf } from "../../../primitives/table.ts";
import { type Expr, extract, i32, integer, type V } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import { type Lanes, lanes, not } from "../elementary/lanes.ts";
import { bytesOf, type PlanBuilder } from "../plan/nodes.ts";
import { type View, viewOf } from "../plan/view.ts";
import { reportFault } from "./indexing.ts";
import { fillZero, loadElement, storeElement } from "./movement.ts";

function floatLanes({ dtype }: ArrayType): Lanes {
  return dtype === "int32" ? internal("linear algebra on whole numbers") : lanes[dtype];
}

/** An n x m matrix of a contiguous batch: element access by index expressions. */
class Matrix {
  readonly #fn: FunctionBuilder;
  readonly #bytes: 4 | 8;
  readonly #address: number;
  readonly #base: Expr<"i32">;
  readonly #columns: number;

  constructor(fn: FunctionBuilder, x: View, address: number, batch: Expr<"i32">) {
    const [n, m] = x.shape.slice(-2) as [number, number]; // a matrix has two axes
    this.#fn = fn;
    this.#bytes = bytesOf(x.node.type.dtype);
    this.#address = address + x.offset * this.#bytes;
    this.#base = fn.let(integer("mul", batch, i32(n * m * this.#bytes)));
    this.#columns = m;
  }

  get(i: Expr<"i32">, j: Expr<"i32">): V {
    return loadElement(this.#bytes, this.#at(i, j), this.#address);
  }

  set(i: Expr<"i32">, j: Expr<"i32">, value: V): void {
    storeElement(this.#fn, this.#bytes, this.#at(i, j), this.#address, value);
  }

  #at(i: Expr<"i32">, j: Expr<"i32">): Expr<"i32"> {
    const element = integer("add", integer("mul", i, i32(this.#columns)), j);
    return integer("add", this.#base, integer("mul", element, i32(this.#bytes)));
  }
}

/** for (i = from; i < to; i++), with bounds known only at run time. */
function between(
  fn: FunctionBuilder,
  from: Expr<"i32">,
  to: Expr<"i32">,
  body: (i: Local<"i32">) => void,
): void {
  const i = fn.let(from);
  fn.if(integer("lt_s", i, to), () => {
    fn.doWhile(
      () => {
        body(i);
        fn.set(i, integer("add", i, i32(1)));
      },
      integer("lt_s", i, to),
    );
  });
}

/**
 * Row by row: L_ij = (S_ij - sum_{k<j} L_ik L_jk) / L_jj, S = (A + A^T)/2; L_jj^2 = S_jj - sum_{k<j} L_jk^2.
 */
export function cholesky(
  plan: PlanBuilder,
  [input]: readonly View[],
  _params: object,
  type: ArrayType,
): View {
  const a = plan.contiguous(input!);
  const n = type.shape.at(-1)!;
  const batch = sizeOf(type.shape.slice(0, -2));
  const notPositive = (pivot: number, matrix: number): DomainError =>
    new DomainError(
      "cholesky",
      `the matrix must be positive definite; pivot ${pivot}${batch > 1 ? ` of matrix ${matrix}` : ""} is not above 0`,
      "Add a multiple of the identity, or check for dependent columns.",
    );
  return plan.kernel(
    "cholesky",
    [a],
    type,
    (fn, node, addresses) => {
      const lane = floatLanes(type);
      fillZero(fn, type, addresses.of(node));
      fn.range(0, batch, 1, (matrix) => {
        const A = new Matrix(fn, a, addresses.of(a.node), matrix);
        const L = new Matrix(fn, viewOf(node), addresses.of(node), matrix);
        fn.range(0, n, 1, (i) =>
          between(fn, i32(0), integer("add", i, i32(1)), (j) => {
            const rest = fn.let(lane.mul(lane.add(A.get(i, j), A.get(j, i)), lane.constant(0.5)));
            between(fn, i32(0), j, (k) => fn.set(rest, lane.sub(rest, lane.mul(L.get(i, k), L.get(j, k)))));
            fn.if(
              integer("ne", i, j),
              () => L.set(i, j, lane.div(rest, L.get(j, j))),
              () => {
                L.set(i, i, lane.sqrt(rest));
                const isPositive = lane.gt(rest, lane.constant(0));
                fn.if(laneIsSet(not(isPositive)), () => reportFault(fn, node, addresses, i, matrix));
              },
            );
          }),
        );
      });
    },
    { fault: notPositive },
  );
}

/** Whether lane 0 of a mask is set. */
function laneIsSet(mask: V): Expr<"i32"> {
  return integer("ne", extract("i32x4.extract_lane", 0, mask), i32(0));
}

/** Substitution: x_i = (b_i - sum_{j before i} T_ij x_j) / T_ii, forwards for a lower triangle, backwards for an upper. */
export function triangularSolve(
  plan: PlanBuilder,
  inputs: readonly View[],
  { lower, transposed }: ParamsOf<"triangularSolve">,
  type: ArrayType,
): View {
  const [t, b] = inputs.map((input) => plan.contiguous(input)) as [View, View]; // the matrix and the right-hand sides
  const [n, m] = type.shape.slice(-2) as [number, number]; // at least two axes
  const forwards = lower !== transposed;
  return plan.kernel("triangularSolve", [t, b], type, (fn, node, addresses) => {
    const lane = floatLanes(type);
    fn.range(0, sizeOf(type.shape.slice(0, -2)), 1, (matrix) => {
      const T = new Matrix(fn, t, addresses.of(t.node), matrix);
      const B = new Matrix(fn, b, addresses.of(b.node), matrix);
      const X = new Matrix(fn, viewOf(node), addresses.of(node), matrix);
      const element = (i: Expr<"i32">, j: Expr<"i32">): V => (transposed ? T.get(j, i) : T.get(i, j));
      const nth = (step: Expr<"i32">): Expr<"i32"> => (forwards ? step : integer("sub", i32(n - 1), step));
      fn.range(0, n, 1, (step) => {
        const i = fn.let(nth(step));
        fn.range(0, m, 1, (column) => {
          const rest = fn.let(B.get(i, column));
          between(fn, i32(0), step, (before) => {
            const j = fn.let(nth(before));
            fn.set(rest, lane.sub(rest, lane.mul(element(i, j), X.get(j, column))));
          });
          X.set(i, column, lane.div(rest, element(i, i)));
        });
      });
    });
  });
}
