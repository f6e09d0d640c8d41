/** A function gives the same results however it is run, and does not modify its arguments. */

import { copied, type NdArray } from "../array/ndarray.ts";
import type { Backend } from "../backends/backend.ts";
import { compile } from "../compile.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { stack } from "../primitives/joining.ts";
import { vmap } from "../transforms/vmap.ts";
import { type ArrayFunction, type Arrays, cotangentsOf, ofTerms, tangentOf } from "./first-order.ts";
import { LawViolation, requireCloseArrays, type Tolerance } from "./violation.ts";

/** Value, tangent and cotangents of f at a point, as one function of everything they depend on. */
function everything(f: ArrayFunction): (xs: Arrays, dxs: Arrays, yBar: NdArray) => Arrays {
  return (xs, dxs, yBar) => [f(...xs), tangentOf(f, xs, dxs), ...cotangentsOf(f, xs, yBar)];
}

function nameOf(i: number): string {
  return i === 0 ? "the value" : i === 1 ? "the tangent" : `cotangent ${i - 2}`;
}

/** Requires every result to agree within a tolerance relative to its size. */
function agree(law: string, how: string, got: Arrays, expected: Arrays, relative: number): number {
  return expected.reduce((largest, want, i) => {
    const tolerance: Tolerance = ofTerms([want], relative);
    return Math.max(largest, requireCloseArrays(law, `${nameOf(i)} ${how}`, [got[i]!], [want], tolerance));
  }, 0);
}

/** Compiled on each backend, value, tangent and cotangents equal those computed one primitive at a time. */
export function compiledRunsAgree(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  yBar: NdArray,
  backends: readonly Backend[],
  tolerance = 1e-10,
): void {
  const plain = everything(f)(xs, dxs, yBar);
  for (const backend of backends) {
    const run = compile(everything(f), { backend });
    agree("compiled runs agree", `on ${backend.name}`, run(xs, dxs, yBar), plain, tolerance);
  }
}

/**
 * In float32, on each backend, value, tangent and cotangents agree with those of float64 at the same point,
 * which is first rounded to float32.
 */
export function float32RunsAgree(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  yBar: NdArray,
  backends: readonly Backend[],
  tolerance = 1e-4,
): number {
  const [rounded, directions, weights] = [xs.map(toFloat32), dxs.map(toFloat32), toFloat32(yBar)];
  const plain = everything(f)(rounded, directions, weights);
  return backends.reduce((largest, backend) => {
    const run = compile(everything(f), { backend, dtype: "float32" });
    const got = run(rounded, directions, weights).map(asFloat64);
    return Math.max(largest, agree("float32 runs agree", `on ${backend.name}`, got, plain, tolerance));
  }, 0);
}

/** Mapped over two points, the results are those at each point: [eq:vmap]. */
export function mappedRunsAgree(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  yBar: NdArray,
  tolerance = 1e-12,
): void {
  const all = everything(f);
  const nearby = xs.map((x, i) => add(x, mul(2 ** -10, dxs[i]!)));
  const rows = [all(xs, dxs, yBar), all(nearby, dxs, mul(2, yBar))] as const;
  const pair = (a: Arrays, b: Arrays): NdArray[] => a.map((x, i) => stack([x, b[i]!]));
  const mapped = vmap(all)(pair(xs, nearby), pair(dxs, dxs), stack([yBar, mul(2, yBar)]));
  agree("mapped runs agree", "under vmap", mapped, pair(...rows), tolerance);
}

/**
 * Arguments are neither modified nor returned, and two equal calls return the same bits: rules neither write
 * to their arguments nor keep state.
 */
export function argumentsAreLeftAlone(f: ArrayFunction, xs: Arrays, dxs: Arrays, yBar: NdArray): void {
  const law = "arguments are left alone";
  const given = [...xs, ...dxs, yBar];
  const before = given.map(copied);
  const all = everything(f);
  const first = all(xs, dxs, yBar).map(copied);
  const second = all(xs, dxs, yBar);
  given.forEach((x, i) => {
    requireSame(law, `${givenName(i, xs.length)} was changed`, x, before[i]!);
  });
  second.forEach((y, i) => {
    requireSame(law, `${nameOf(i)} differs from run to run`, y, first[i]!);
  });
  // f itself may return its argument, but derivatives must be fresh arrays that the caller may keep.
  const taken = new Set(given.map(({ data }) => data.buffer));
  second.slice(1).forEach((y, i) => {
    if (!taken.has(y.data.buffer)) return;
    throw new LawViolation(law, `${nameOf(i + 1)} shares memory with what was given`, "Return a copy.");
  });
}

function givenName(i: number, count: number): string {
  if (i < count) return `argument ${i}`;
  return i < 2 * count ? `tangent ${i - count}` : "the cotangent";
}

function requireSame(law: string, problem: string, got: NdArray, expected: NdArray): void {
  const at = expected.data.findIndex((value, i) => !Object.is(got.data[i], value));
  if (at === -1) return;
  throw new LawViolation(
    law,
    `${problem}: element ${at} is ${got.data[at]}, and was ${expected.data[at]}`,
    "Compute into a new array; arrays are not changed once they are made.",
  );
}

function toFloat32(x: NdArray): NdArray {
  const rounded = copied(x);
  for (let i = 0; i < rounded.data.length; i++) rounded.data[i] = Math.fround(rounded.data[i]!);
  return rounded;
}

function asFloat64({ data, shape }: NdArray): NdArray {
  return copied({ data: Float64Array.from(data), shape, dtype: "float64" });
}
