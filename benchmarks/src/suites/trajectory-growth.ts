/**
 * Question: how large do the derivatives of a trajectory become as it gets longer?
 *
 * The largest singular value of J_k = ∂(q, v)_{t+k}/∂(q, v)_t over k environment steps, controls held as they are, along
 * episodes under uniformly random controls. The adjoints of all unit cotangents give Jᵀ [eq:adjoint-trajectory].
 */

import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { type RobotName, rigidBody, robots } from "@sgmrl/envs";
import { Plot, svgOf } from "../support/figure.ts";

const lengths = [1, 2, 5, 10, 20, 50, 100] as const;
/** Robots in a plane, for which coordinates are their own tangents, with the frame skips of their environments. */
const frameSkips = { "half-cheetah": 5, swimmer: 4, hopper: 4, walker2d: 4 } as const;
/** Beyond this share of the controls' range, robots fall at once; at 0 they stand or lie. */
const effort = 0.5;

export interface GrowthOfDerivatives {
  readonly robot: RobotName;
  readonly steps: number;
  /** Over the starts: the median, and the largest. */
  readonly median: number;
  readonly largest: number;
  readonly starts: number;
}

export function trajectoryGrowth(quick: boolean): GrowthOfDerivatives[] {
  const starts = quick ? 4 : 20;
  return (Object.entries(frameSkips) as [keyof typeof frameSkips, number][]).flatMap(([name, frameSkip]) => {
    const model = rigidBody.compileModel(robots[name]);
    const steps = rigidBody.batchedSteps(model, frameSkip);
    const gains = Array.from({ length: starts }, (_, e) => gainsOf(model, steps, e));
    return lengths.map((length, k) => {
      const sorted = gains.map((own) => own[k]!).toSorted((a, b) => a - b);
      const median = sorted[Math.floor(starts / 2)]!;
      return { robot: name, steps: length, median, largest: sorted.at(-1)!, starts };
    });
  });
}

/** The largest singular value for each length, from one start. */
function gainsOf(model: rigidBody.Model, steps: rigidBody.BatchedSteps, episode: number): number[] {
  const { nq, nv, nu } = model;
  const rows = nq + nv;
  const width = nq + 2 * nv;
  const control = (t: number) => uniform(fold(key(3), episode, t), nu).map((u) => effort * (2 * u - 1));
  const noise = uniform(fold(key(4), episode), rows).map((u) => 0.02 * u - 0.01);
  const state = new Float64Array(width);
  state.set(model.qpos0.map((q, i) => q + noise[i]!));
  state.set(noise.subarray(nq), nq);
  // The start is some way into an episode.
  const settling = 20;
  for (let t = 0; t < settling; t++) steps.advance(state, Int32Array.of(0), control(t));
  const visited: Float64Array[] = [];
  for (let t = 0; t < lengths.at(-1)!; t++) {
    visited.push(state.slice());
    steps.advance(state, Int32Array.of(0), control(settling + t));
  }
  return lengths.map((length) => {
    const bars = new Float64Array(rows * rows);
    for (let i = 0; i < rows; i++) bars[i * rows + i] = 1;
    const offsets = new Int32Array(rows);
    for (let t = length - 1; t >= 0; t--) {
      const controls = Float64Array.from({ length: rows * nu }, (_, i) => control(settling + t)[i % nu]!);
      steps.pullback(visited[t]!, offsets, controls, bars, new Float64Array(rows * nu));
    }
    return largestSingularValue(bars, rows);
  });
}

/** By the power method on Jᵀ J, from a fixed start. */
function largestSingularValue(J: Float64Array, n: number): number {
  const scale = J.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (scale === 0) return 0;
  let x = Float64Array.from({ length: n }, (_, i) => 1 + i / n);
  let value = 0;
  for (let round = 0; round < 200; round++) {
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) y[i]! += (J[i * n + k]! / scale) * x[k]!;
    const z = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) z[k]! += (J[i * n + k]! / scale) * y[i]!;
    const norm = Math.hypot(...z);
    value = Math.sqrt(norm / Math.hypot(...x));
    x = z.map((part) => part / norm);
  }
  return scale * value;
}

export function trajectoryGrowthFigure(points: readonly GrowthOfDerivatives[]): string {
  return svgOf({
    width: 640,
    height: 400,
    marginLeft: 60,
    marginRight: 90,
    grid: true,
    x: { type: "log", label: "environment steps", ticks: [...lengths], tickFormat: String },
    y: { type: "log", label: `largest singular value, median and largest of ${points[0]?.starts} starts` },
    color: { legend: false },
    marks: [
      Plot.areaY(points, { x: "steps", y1: "median", y2: "largest", fill: "robot", fillOpacity: 0.15 }),
      Plot.line(points, { x: "steps", y: "median", stroke: "robot" }),
      Plot.dot(points, { x: "steps", y: "median", fill: "robot" }),
      Plot.text(
        points,
        Plot.selectLast({ x: "steps", y: "median", z: "robot", text: "robot", textAnchor: "start", dx: 6 }),
      ),
    ],
  });
}
