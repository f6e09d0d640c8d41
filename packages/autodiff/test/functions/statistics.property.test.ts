import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  array,
  leastSquares,
  logSoftmax,
  matmul,
  matrixTranspose,
  type NdArray,
  softmax,
} from "../../src/index.ts";
import { checkGradients } from "../../src/testing/index.ts";

const eighths = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);
const matrix = (rows: number, columns: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(eighths, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });
const sized = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));

function rowSoftmax(row: readonly number[]): number[] {
  const weights = row.map(Math.exp);
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function expectClose(got: NdArray, expected: readonly number[], tolerance: number): void {
  expect(got.data.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(got.data[i]! - value)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
  });
}

describe("softmax", () => {
  it("[eq:softmax] [eq:log-softmax] are the plain quotients and their logarithms, along either axis", () => {
    fc.assert(
      fc.property(
        sized.chain(([rows, columns]) => matrix(rows, columns)),
        (x) => {
          const expected = x.map(rowSoftmax);
          expectClose(softmax(array(x)), expected.flat(), 1e-14);
          expectClose(logSoftmax(array(x)), expected.flat().map(Math.log), 1e-13);
          const turned = matrixTranspose(softmax(matrixTranspose(array(x)), 0));
          expectClose(turned, expected.flat(), 1e-14);
        },
      ),
    );
  });

  it("[eq:softmax] [eq:log-softmax] neither overflow nor lose what is small", () => {
    const x = array([1000, 0]);
    expect([...softmax(x).data]).toEqual([1, 0]);
    expect([...logSoftmax(x).data]).toEqual([0, -1000]);
  });

  it("have derivatives that obey the laws", () => {
    const x = array([0.5, -1, 2]);
    checkGradients((at: NdArray) => softmax(at), [x]);
    checkGradients((at: NdArray) => logSoftmax(at), [x]);
  });
});

describe("[eq:least-squares] ridge regression", () => {
  it("solves its normal equations Xᵀ(X w − y) + ρ w = 0", () => {
    fc.assert(
      fc.property(
        sized.chain(([rows, columns]) => fc.tuple(matrix(rows, columns), matrix(rows, 1))),
        fc.constantFrom(0.125, 1, 8),
        ([X, targets], rho) => {
          const y = targets.flat();
          const w = [...leastSquares(array(X), array(y), rho).data];
          const residual = X.map((row, r) => row.reduce((sum, x, k) => sum + x * w[k]!, -y[r]!));
          w.forEach((wk, k) => {
            const slope = X.reduce((sum, row, r) => sum + row[k]! * residual[r]!, rho * wk);
            expect(Math.abs(slope)).toBeLessThan(1e-11);
          });
        },
      ),
    );
  });

  it("finds the line through points on a line, and has derivatives that obey the laws", () => {
    const X = array([
      [1, 0],
      [1, 1],
      [1, 3],
    ]);
    const y = matmul(X, array([2, -1]));
    expectClose(leastSquares(X, y), [2, -1], 1e-13);
    checkGradients((at: NdArray, targets: NdArray) => leastSquares(at, targets, 0.5), [X, y]);
  });
});
