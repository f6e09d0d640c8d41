import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { array, compile, digamma, grad, lgamma, type NdArray, reference, sum } from "../../src/index.ts";

// Beside the poles 0, −1, −2, …, where the code reflects, against the recurrence Γ(x + 1) = x Γ(x) and Taylor's series
// at 1 (NIST Digital Library of Mathematical Functions, 5.7.3), in which nothing cancels.      [eq:lgamma] [eq:polygamma]

const gamma = 0.5772156649015329;
/** ζ(2), ζ(3), ζ(4), ζ(5) */
const [z2, z3, z4, z5] = [1.6449340668482264, 1.2020569031595942, 1.0823232337111382, 1.0369277551433699];

interface Expected {
  readonly f: (x: NdArray) => NdArray;
  /** f(1 + e) */
  readonly atOne: (e: number) => number;
  /** f(x) − f(x + 1) */
  readonly step: (x: number) => number;
}

const slopeOf = (f: (x: NdArray) => NdArray): Expected["f"] => grad((x: NdArray) => sum(f(x)));
const psi: Omit<Expected, "f"> = {
  atOne: (e) => -gamma + e * (z2 - e * (z3 - e * z4)),
  step: (x) => -1 / x,
};
const functions: Readonly<Record<string, Expected>> = {
  lgamma: {
    f: lgamma,
    atOne: (e) => -e * (gamma - e * (z2 / 2 - e * (z3 / 3 - (e * z4) / 4))),
    step: (x) => -Math.log(Math.abs(x)),
  },
  "the slope of lgamma": { f: slopeOf(lgamma), ...psi },
  digamma: { f: digamma, ...psi },
  "the slope of digamma": {
    f: slopeOf(digamma),
    atOne: (e) => z2 - e * (2 * z3 - e * (3 * z4 - e * 4 * z5)),
    step: (x) => 1 / (x * x),
  },
};

const settings = [
  ["reference, float64", reference, Float64Array, 1e-13],
  ["wasm, float64", wasm, Float64Array, 1e-13],
  ["reference, float32", reference, Float32Array, 2e-5],
  ["wasm, float32", wasm, Float32Array, 2e-5],
] as const;

describe.each(settings)("%s", (_name, backend, Numbers, tolerance) => {
  const beside = fc
    .tuple(fc.nat(20), fc.integer({ min: -60, max: -14 }), fc.constantFrom(-1.25, -1, 1, 1.5))
    .map(([pole, exponent, part]) => Numbers.of(part * 2 ** exponent - pole))
    .filter(([x]) => !Number.isInteger(x));

  it.each(Object.entries(functions))("%s beside a pole", (_what, { f, atOne, step }) => {
    const run = compile(f, { backend });
    fc.assert(
      fc.property(beside, (at) => {
        const x = at[0]!;
        const pole = -Math.round(x);
        const e = x + pole; // exact, as is every x + k
        let expected = atOne(e);
        for (let k = 0; k <= pole; k++) expected += step(x + k);
        const got = run(array(at)).data[0]!;
        const error = Math.abs(got - expected) / Math.max(1, Math.abs(expected));
        expect(error, `${got} at ${x}, expected ${expected}`).toBeLessThan(tolerance);
      }),
    );
  });
});
