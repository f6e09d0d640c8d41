/** Question: what share of the machine's multiply-add peak do matrix products reach, and how far is that from others? */

import { defaultDevice, init, jit, numpy as np } from "@jax-js/jax";
import {
  array,
  compile,
  type FloatDType,
  matmul,
  matrixTranspose,
  type NdArray,
  reference,
} from "@sgmrl/autodiff";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import * as tf from "@tensorflow/tfjs";
import "../policy-loss/tfjs.ts"; // where its wasm files lie
import { spreadNumbers } from "../policy-loss/problem.ts";
import { assertAgrees } from "../support/agree.ts";
import { kernelOf } from "../support/kernel.ts";
import { measure, standardBudget, type Timed } from "../support/measure.ts";
import { peakLoop } from "../support/peak.ts";
import { type Comparison, round } from "../support/report.ts";

interface Case {
  readonly title: string;
  readonly form: "A B" | "A^T B" | "A B^T";
  /** Rows and columns of A and B as stored. */
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

const cases: readonly Case[] = [
  { title: "A B, 2000 x 100 x 100", form: "A B", a: [2000, 100], b: [100, 100] },
  { title: "A^T B, 100 x 2000 x 100", form: "A^T B", a: [2000, 100], b: [2000, 100] },
  { title: "A B^T, 2000 x 100 x 100", form: "A B^T", a: [2000, 100], b: [100, 100] },
  { title: "A B, 512 x 512 x 512", form: "A B", a: [512, 512], b: [512, 512] },
];

/** The share of the peak our float32 products have to reach. */
const peakBar = 0.85;

export async function matmuls(quick: boolean): Promise<Comparison[]> {
  await tf.setBackend("wasm");
  await init("wasm");
  defaultDevice("wasm");
  const peaks = { float32: peakLoop("float32"), float64: peakLoop("float64") };
  return cases.map((shape) => {
    const values = {
      a: spreadNumbers(shape.a[0] * shape.a[1], 1),
      b: spreadNumbers(shape.b[0] * shape.b[1], 2),
    };
    const { oracle, contenders } = contendersFor(shape, values);
    for (const { name, numbers } of contenders)
      assertAgrees(name, [numbers()], [oracle], name.includes("64") ? 1e-13 : 1e-5);
    const timed: Timed[] = contenders.map(({ name, run }) => ({ name, run }));
    const kernels = (["float32", "float64"] as const).map((dtype): Timed => {
      const [x, y] = operands(shape, values, dtype);
      return { name: kernelName(dtype), run: kernelOf(productOf(shape), x, y) };
    });
    const loops = Object.entries(peaks).map(([dtype, { run }]): Timed => ({ name: `peak ${dtype}`, run }));
    const timings = measure([...timed, ...kernels, ...loops], { ...standardBudget, rounds: quick ? 4 : 10 });

    const rate = (name: string, operations: number, by: "median" | "fastest" = "median"): number =>
      operations / timings.find((timing) => timing.name === name)![by] / 1e6;
    const operations = 2 * shape.a[0] * shape.a[1] * (shape.form === "A B^T" ? shape.b[0] : shape.b[1]);
    const share = (dtype: FloatDType, by: "median" | "fastest" = "median"): number =>
      rate(kernelName(dtype), operations, by) / rate(`peak ${dtype}`, peaks[dtype].operations, by);
    return {
      title: `matmul ${shape.title}`,
      timings: timings.filter(({ name }) => !name.startsWith("peak")),
      notes: {
        "float32 peak, GFLOP/s": round(rate("peak float32", peaks.float32.operations)),
        "float32 kernel, GFLOP/s": round(rate(kernelName("float32"), operations)),
        "float32 share of the peak": `${round(share("float32"))} (bar ${peakBar}: ${share("float32") >= peakBar ? "reached" : "NOT reached"})`,
        "float64 share of the peak": round(share("float64")),
        "by the shortest calls, which a busy machine spoils less": `float32 ${round(share("float32", "fastest"))}, float64 ${round(share("float64", "fastest"))}`,
      },
    };
  });
}

/** Our kernel alone, operands and result in the module's memory: what the share of the peak is about. */
const kernelName = (dtype: FloatDType): string => `kernel alone, ${dtype}`;
const oursName = (dtype: FloatDType): string => `sgmrl wasm ${dtype}`;

function productOf({ form }: Pick<Case, "form">): (x: NdArray, y: NdArray) => NdArray {
  return (x, y) =>
    matmul(form === "A^T B" ? matrixTranspose(x) : x, form === "A B^T" ? matrixTranspose(y) : y);
}

function operands(
  { a, b }: Pick<Case, "a" | "b">,
  values: { readonly a: Float64Array; readonly b: Float64Array },
  dtype: FloatDType,
): [NdArray, NdArray] {
  const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
  return [array(new FloatArray(values.a), a), array(new FloatArray(values.b), b)];
}

interface Prepared extends Timed {
  readonly numbers: () => ArrayLike<number>;
}

function contendersFor(
  { form, a, b }: Case,
  values: { readonly a: Float64Array; readonly b: Float64Array },
): { readonly oracle: ArrayLike<number>; readonly contenders: readonly Prepared[] } {
  const f = productOf({ form });
  const ours = (dtype: FloatDType): Prepared => {
    const [x, y] = operands({ a, b }, values, dtype);
    const run = compile(f, { backend: createWasmBackend() });
    return { name: oursName(dtype), run: () => run(x, y), numbers: () => run(x, y).data };
  };

  const [tx, ty] = [
    tf.tensor2d(new Float32Array(values.a), [...a]),
    tf.tensor2d(new Float32Array(values.b), [...b]),
  ];
  const inTfjs = (): ArrayLike<number> => {
    const product = tf.matMul(tx, ty, form === "A^T B", form === "A B^T");
    const numbers = product.dataSync();
    product.dispose();
    return numbers;
  };

  const [jx, jy] = [
    np.array(new Float32Array(values.a)).reshape([...a]),
    np.array(new Float32Array(values.b)).reshape([...b]),
  ];
  const jaxProduct = jit((x: np.Array, y: np.Array) =>
    np.matmul(form === "A^T B" ? x.transpose() : x, form === "A B^T" ? y.transpose() : y),
  );
  const inJax = (): ArrayLike<number> => jaxProduct(jx.ref, jy.ref).dataSync() as Float32Array; // float32 in, float32 out

  return {
    oracle: compile(f, { backend: reference })(array(values.a, a), array(values.b, b)).data,
    contenders: [
      ours("float32"),
      ours("float64"),
      { name: "jax-js wasm", run: inJax, numbers: inJax },
      { name: "tfjs-wasm", run: inTfjs, numbers: inTfjs },
    ],
  };
}
