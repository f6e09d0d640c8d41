import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { elementary } from "../../../src/backends/wasm/elementary/elementary.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import {
  add,
  array,
  compile,
  div,
  exp,
  type FloatDType,
  matmul,
  mean,
  mul,
  type NdArray,
  neg,
  square,
  sub,
  sum,
  tanh,
  valueGradAndHvp,
} from "../../../src/index.ts";
import { spread, vectorFunction } from "./support/vector-function.ts";

// Bits, not numbers: any machine, operating system and engine must give these. A change of a formula or of an order of
// summation changes them, and is then a change users can see.

function hash(...arrays: readonly ArrayBufferView[]): string {
  const sha = createHash("sha256");
  for (const view of arrays) sha.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return sha.digest("hex").slice(0, 16);
}

/** Inputs made by exact arithmetic, the same everywhere; none gives a NaN, whose payload is left open. */
const xs = spread(4000).map((u, i) => (u + 2 ** -20) * [0.25, 1, 8, 60][i % 4]!);

type Pins = Readonly<Record<keyof typeof elementary | "policyLoss", string>>;

const pins64: Pins = {
  exp: "357aec0f92e5069b",
  expm1: "029125c172cf0ed2",
  sigmoid: "d357a53a08400142",
  tanh: "55a30ac6317fcd10",
  sechSquared: "218022a47217e396",
  log: "da5263eb09dca7c7",
  log1p: "06e578a2edf5800c",
  softplus: "894e5feca1b8616f",
  sin: "fba5debac373b560",
  cos: "22c9e1c187cb6878",
  policyLoss: "60e23609950798c4",
};

const pins32: Pins = {
  exp: "c1955864a0674640",
  expm1: "73027a0ef19b2be0",
  sigmoid: "6d8487fa215b3ec2",
  tanh: "e0eb3b70c33b82bd",
  sechSquared: "8dc1fc60c7e6eb6c",
  log: "629ba52e3fa9a82f",
  log1p: "a06ed15011861ab1",
  softplus: "17ce7eeb1594f7e0",
  sin: "fe443ef44b370fa4",
  cos: "f40cb11a20718eca",
  policyLoss: "3d5ef1172563e608",
};

describe.each([
  ["float64", pins64],
  ["float32", pins32],
] as const)("%s", (dtype, pinned) => {
  it.each(Object.keys(elementary) as (keyof typeof elementary)[])("%s", (name) => {
    expect(hash(vectorFunction(dtype, elementary[name])(xs))).toBe(pinned[name]);
  });

  it("value, gradient and Hessian-vector product of a Gaussian policy's loss", () => {
    expect(hash(...policyLossOutputs(dtype))).toBe(pinned.policyLoss);
  });
});

type Parameters = { readonly w: NdArray; readonly b: NdArray; readonly v: NdArray; readonly logStd: NdArray };

function policyLossOutputs(dtype: FloatDType): ArrayBufferView[] {
  const loss = (p: Parameters, x: NdArray, action: NdArray, weight: NdArray): NdArray => {
    const mean_ = matmul(tanh(add(matmul(x, p.w), p.b)), p.v);
    const z = div(sub(action, mean_), exp(p.logStd));
    return neg(mean(mul(sum(sub(mul(-0.5, square(z)), p.logStd), 1), weight)));
  };
  const numbers = (...shape: number[]): NdArray => {
    const size = shape.reduce((n, extent) => n * extent, 1);
    return array(
      spread(size).map((u) => u - 0.5),
      shape,
    );
  };
  const p = { w: numbers(3, 17), b: numbers(17), v: numbers(17, 2), logStd: numbers(2) };
  const run = compile(
    (q: Parameters, v: Parameters, x: NdArray, a: NdArray, r: NdArray) =>
      valueGradAndHvp((theta: Parameters) => loss(theta, x, a, r))(q, v),
    { backend: wasm, dtype },
  );
  const [value, gradient, product] = run(p, p, numbers(101, 3), numbers(101, 2), numbers(101));
  return [value, ...Object.values(gradient), ...Object.values(product)].map((y) => y.data);
}
