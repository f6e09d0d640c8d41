import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pow } from "../../src/elementary/index.ts";
import { array, pow as arrayPow, type TypedArray } from "../../src/index.ts";
import { exactPow, ulpError } from "../backends/wasm/support/exact.ts";

const count = 2000;
/** Numbers from 0 to 1, spread evenly. */
const spread = (step: number): number[] => Array.from({ length: count }, (_, i) => (i * step) % 1);

describe("x^y on the reference", () => {
  it("is within 0.6 units of the last place", () => {
    const exponents = spread(0.754877666);
    const bases = [
      (u: number) => 2 ** (Math.round(16 * u) - 8) * (1 + u),
      (u: number) => 0.9 + 0.2 * u,
      (u: number) => 1 + (u - 0.5) * 2 ** -20,
    ];
    for (const [i, base] of bases.entries()) {
      const worst = spread(0.618033989).reduce((most, u, k) => {
        const [x, y] = [base(u), (exponents[k]! - 0.5) * [120, 2000, 1e6][i]!];
        return Math.max(most, ulpError(pow(x, y), exactPow(x, y), "float64"));
      }, 0);
      expect(worst).toBeLessThanOrEqual(0.6);
    }
  });

  it("is exact where the result is a double", () => {
    for (let n = 0; n <= 22; n++) expect(pow(10, n)).toBe(Number(`1e${n}`));
    for (let n = -1074; n <= 1023; n++) expect(pow(2, n)).toBe(2 ** n);
    for (let n = 1; n <= 33; n++) expect(pow(-3, n)).toBe(Number((-3n) ** BigInt(n)));
    for (let n = 1; n < 500; n++) expect([pow(n * n, 0.5), pow(n, 2), pow(n, 1)]).toEqual([n, n * n, n]);
  });

  it("has the edges of JavaScript's **", () => {
    const numbers = [0, 1, 2, 3, 0.5, 3.5, 2 ** 53 - 1, 2 ** 53 + 2, 1e300, 1e-300, 5e-324, 1 / 0, 0 / 0];
    const signed = numbers.flatMap((x) => [x, -x]);
    for (const x of signed) {
      for (const y of signed) {
        const [got, expected] = [pow(x, y), x ** y];
        const isGeneral = Number.isFinite(expected) && Math.abs(expected) > 1e-305;
        if (isGeneral) expect(Math.abs(got / expected - 1), `${x}^${y}`).toBeLessThan(4e-16);
        else expect(got, `${x}^${y}`).toBe(expected);
      }
    }
  });

  // Node 20 and 24 have different ** (of 0.99 ** 6, for one): the hash of either is another.
  it("has the same bits on every host", () => {
    const xs = spread(0.618033989).map((u) => 0.5 + u);
    const ys = spread(0.754877666).map((u) => Math.round(4000 * (u - 0.5)) / 50);
    const hash = (data: TypedArray): string => createHash("sha256").update(data).digest("hex").slice(0, 16);
    expect(hash(arrayPow(array(xs), array(ys)).data)).toBe("05a50223ef73a3af");
    expect(hash(Float64Array.from(xs, (x, i) => x ** ys[i]!))).not.toBe("05a50223ef73a3af");
  });
});
