import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { type Shape, sizeOf } from "../array/shape.ts";
import { DomainError, describe, ShapeError } from "../errors.ts";
import { asArray, reshape, sum } from "../primitives/broadcasting.ts";
import { matmul } from "../primitives/linear-algebra.ts";
import { type Range, slice, transpose } from "../primitives/movement.ts";

/**
 * Sums of products, written with named axes.                                     [eq:einsum]
 *
 *   einsum("ij,jk->ik", a, b)      y_ik = Σ_j a_ij b_jk
 *   einsum("bi,bj->bij", a, b)     an outer product for each b
 *   einsum("bij->bj", a)           a sum over i
 *   einsum("ii->", a)              a trace: a letter that occurs twice in one array takes its diagonal
 *
 * Axes missing from the result are summed. More than two arrays are multiplied pairwise from the left. An
 * axis is one letter.
 *
 * Errors  DomainError without an equation; ShapeError for an invalid one, or for axes with the same letter and different
 *         extents; DTypeError for arrays of different types
 */
export function einsum(equation: string, ...arrays: readonly ArrayLike[]): NdArray {
  if (typeof equation !== "string") {
    throw new DomainError(
      "einsum",
      `the equation must be a text; got ${describe(equation)}`,
      'Write it first, as in einsum("ij,jk->ik", a, b).',
    );
  }
  const inputs = arrays.map((x, i) => asArray(x, "einsum", `argument ${i}`));
  const [left = "", result, ...more] = equation.replaceAll(" ", "").split("->");
  const names = left.split(",");
  const shapes = Object.fromEntries(inputs.map((x, i) => [`x${i}`, x.shape]));
  const isList = (axes: string): boolean => /^[a-zA-Z]*$/.test(axes);
  if (
    result === undefined ||
    more.length > 0 ||
    names.length !== inputs.length ||
    ![...names, result].every(isList) ||
    new Set(result).size !== result.length ||
    names.some((axes, i) => axes.length !== inputs[i]!.shape.length) ||
    [...result].some((axis) => !left.includes(axis))
  ) {
    throw new ShapeError(
      "einsum",
      `one list of letters per array, one letter per axis, and "->" before those of the result; got "${equation}"`,
      shapes,
      'Write it as in "ij,jk->ik".',
    );
  }
  const extents = new Map<string, number>();
  names.forEach((axes, i) => {
    [...axes].forEach((axis, k) => {
      const extent = inputs[i]!.shape[k]!;
      if ((extents.get(axis) ?? extent) !== extent) {
        throw new ShapeError(
          "einsum",
          `axis ${axis} must have the same extent everywhere in "${equation}"`,
          shapes,
          "Check the arrays.",
        );
      }
      extents.set(axis, extent);
    });
  });

  const [first, ...others] = inputs.map((x, i) => diagonal({ axes: names[i]!, x }));
  let product = first!;
  for (const [i, other] of others.entries()) {
    const needed = new Set([...names.slice(i + 2).join(""), ...result]);
    product = multiply(product, other, needed, extents);
  }
  return arranged(summed(product, new Set(result)), result);
}

/** An array and the names of its axes. */
interface Named {
  readonly axes: string;
  readonly x: NdArray;
}

/** The elements whose indices are equal wherever their letters are; each letter once. */
function diagonal({ axes, x }: Named): Named {
  const again = [...axes].findIndex((axis, i) => axes.indexOf(axis) < i);
  if (again === -1) return { axes, x };
  const before = axes.indexOf(axes[again]!);
  const others = [...axes].map((_, i) => i).filter((i) => i !== before && i !== again);
  const moved = transpose(x, [...others, before, again]);
  // Element (i, i) of n × n is number i (n + 1) in a row of n².
  const n = x.shape[again]!;
  const row = reshape(moved, [...moved.shape.slice(0, -2), n * n]);
  const kept = slice(row, ...others.map((): Range => []), [0, n * n, n + 1]);
  return diagonal({ axes: others.map((i) => axes[i]).join("") + axes[again], x: kept });
}

/**
 * a b, summed over axes no longer needed: a matrix product, batched over the axes that both have and the
 * result keeps.
 */
function multiply(
  a: Named,
  b: Named,
  needed: ReadonlySet<string>,
  extents: ReadonlyMap<string, number>,
): Named {
  const inB = new Set(b.axes);
  const inA = new Set(a.axes);
  const [x, y] = [summed(a, new Set([...needed, ...inB])), summed(b, new Set([...needed, ...inA]))];
  const both = [...x.axes].filter((axis) => inB.has(axis));
  const kept = both.filter((axis) => needed.has(axis)).join("");
  const contracted = both.filter((axis) => !needed.has(axis)).join("");
  const rows = [...x.axes].filter((axis) => !inB.has(axis)).join("");
  const columns = [...y.axes].filter((axis) => !inA.has(axis)).join("");
  const shape = (axes: string): Shape => [...axes].map((axis) => extents.get(axis)!);
  const size = (axes: string): number => sizeOf(shape(axes));
  const left = reshape(arranged(x, kept + rows + contracted), [size(kept), size(rows), size(contracted)]);
  const right = reshape(arranged(y, kept + contracted + columns), [
    size(kept),
    size(contracted),
    size(columns),
  ]);
  const axes = kept + rows + columns;
  return { axes, x: reshape(matmul(left, right), shape(axes)) };
}

function summed({ axes, x }: Named, needed: ReadonlySet<string>): Named {
  const gone = [...axes].flatMap((axis, i) => (needed.has(axis) ? [] : [i]));
  return {
    axes: [...axes].filter((axis) => needed.has(axis)).join(""),
    x: gone.length === 0 ? x : sum(x, gone),
  };
}

function arranged({ axes, x }: Named, order: string): NdArray {
  return transpose(
    x,
    [...order].map((axis) => axes.indexOf(axis)),
  );
}
