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
import { type PeakShare, peakShare } from "../support/peak-share.ts";
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
    const timings = measure(timed, { ...standardBudget, rounds: quick ? 6 : 20 });

    const operations = 2 * shape.a[0] * shape.a[1] * (shape.form === "A B^T" ? shape.b[0] : shape.b[1]);
    const [float32, float64] = (["float32", "float64"] as const).map((dtype) => {
      // The kernel alone: operands and result lie in the module's memory.
      const run = kernelOf(productOf(shape), ...operands(shape, values, dtype));
      return peakShare({ run, operations }, peaks[dtype], quick ? 60 : 300);
    }) as [PeakShare, PeakShare];
    return {
      title: `matmul ${shape.title}`,
      timings,
      notes: {
        "float32 peak, GFLOP/s": round(float32.peakRate),
        "float32 kernel, GFLOP/s": round(float32.kernelRate),
        "float32 share of the peak": `${inWords(float32)} (bar ${peakBar}: ${float32.median >= peakBar ? "reached" : "NOT reached"})`,
        "float64 share of the peak": inWords(float64),
      },
    };
  });
}

function inWords({ median, low, high }: PeakShare): string {
  return `${round(median)}, quartiles ${round(low)} - ${round(high)}`;
}

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
