import { expect, it } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  add,
  type Backend,
  cholesky,
  compile,
  grad,
  hvp,
  inverse,
  logDeterminant,
  lu,
  type NdArray,
  qr,
  reference,
  solve,
  sum,
  symmetricEigen,
  triangularSolve,
  zeros,
} from "../../src/index.ts";

const factorisations: Readonly<Record<string, (a: NdArray) => readonly NdArray[]>> = {
  cholesky: (a) => [cholesky(a)],
  inverse: (a) => [inverse(a)],
  logDeterminant: (a) => [logDeterminant(a)],
  lu: (a) => Object.values(lu(a)),
  qr: (a) => Object.values(qr(a)),
  solve: (a) => [solve(a, a)],
  symmetricEigen: (a) => Object.values(symmetricEigen(a)),
  triangularSolve: (a) => [triangularSolve(a, a)],
};

it.each(Object.entries(factorisations))(
  "%s of no rows, and of no matrices, with its derivatives",
  (name, f) => {
    const total = (a: NdArray): NdArray =>
      f(a)
        .map((y) => sum(y))
        .reduce((x, y) => add(x, y));
    for (const shape of [
      [0, 0],
      [2, 0, 0],
      [0, 3, 3],
    ]) {
      const a = zeros(shape);
      for (const backend of [reference, wasm] satisfies Backend[]) {
        const run = compile((x: NdArray) => [...f(x), grad(total)(x), hvp(total)(x, x)], { backend })(a);
        const sizes = run.map(({ data }) => data.length);
        // A determinant of no rows is 1, the empty product.
        const determinants = shape[0] === 2 ? 2 : shape.length === 2 ? 1 : 0;
        const expected = sizes.map((_, i) => (name === "logDeterminant" && i === 0 ? determinants : 0));
        expect(sizes, `${shape}`).toEqual(expected);
        for (const { data } of run) expect([...data]).toEqual(Array(data.length).fill(0));
      }
    }
  },
);
