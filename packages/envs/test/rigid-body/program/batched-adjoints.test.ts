/**
 * Adjoints of steps [eq:adjoint-step], [eq:adjoint-solve], and of trajectories [eq:adjoint-trajectory], against the
 * derivative of the scalar step, the official step and central differences.
 */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { differentiateStep } from "../../../src/rigid-body/differentiable/differentiate-step.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  batchedSteps,
  initialState,
  jacobian,
  type RobotState,
  step,
  trajectoryPullback,
} from "../../../src/rigid-body/index.ts";
import {
  batchOf,
  modelOf,
  names,
  offsetsOf,
  rowOf,
  stateOf,
  visited,
  widthOf,
} from "../support/batched-rows.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficial } from "../support/official.ts";

const planar = names.filter((name) => name !== "ant");

describe.each(planar)("the adjoint of %s", (name) => {
  test("is the derivative of what defines the step", () => {
    const model = modelOf(name);
    const { nv, nu } = model;
    const count = 1;
    const { states, controls } = visited(name, count, 45);
    const bars = normal(key(9), count * 2 * nv);
    const given = bars.slice();
    const controlBars = new Float64Array(count * nu);
    batchOf(name).pullback(states, offsetsOf(model, count), controls, bars, controlBars);
    for (let r = 0; r < count; r++) {
      const control = controls.slice(r * nu, (r + 1) * nu);
      const { state: A, control: B } = differentiateStep(model, stateOf(model, states, r), control);
      const ours = jacobian(model, batchOf(name), stateOf(model, states, r), control);
      const size = Math.max(...A.data);
      expect(ours.state.shape).toEqual(A.shape);
      expect(ours.control.shape).toEqual(B.shape);
      expect(largestDifference(ours.state.data, A.data) / size).toBeLessThan(1e-10);
      expect(largestDifference(ours.control.data, B.data) / size).toBeLessThan(1e-10);
      const transposed = (matrix: typeof A, width: number) =>
        Array.from({ length: width }, (_, k) => {
          let total = 0;
          for (let i = 0; i < 2 * nv; i++) total += given[r * 2 * nv + i]! * matrix.data[i * width + k]!;
          return total;
        });
      const byState = transposed(A, 2 * nv);
      const scale = Math.max(...byState.map(Math.abs));
      expect(largestDifference(bars.slice(r * 2 * nv, (r + 1) * 2 * nv), byState) / scale).toBeLessThan(
        1e-10,
      );
      const byControl = controlBars.slice(r * nu, (r + 1) * nu);
      expect(largestDifference(byControl, transposed(B, nu)) / scale).toBeLessThan(1e-10);
    }
  });
});

describe("at the edge of contact", () => {
  test("the adjoint is the one-sided derivative of the official step, away from the floor and into it", async () => {
    const model = modelOf("half-cheetah");
    const { nv, nu } = model;
    const official = await loadOfficial("half-cheetah");
    // A level robot that sinks: the height at which its lowest point meets the floor.
    const control = new Float64Array(nu).fill(0.1);
    const at = (height: number): RobotState => {
      const state = initialState(model);
      state.qpos[1] = height;
      state.qvel[1] = -0.5;
      return state;
    };
    const touches = (height: number): boolean => {
      step(model, at(height), control);
      return workspaceOf(model).contactCount > 0;
    };
    let [low, high] = [-0.2, 0.5];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (touches(middle)) low = middle;
      else high = middle;
    }
    const bar = normal(key(10), 2 * nv);
    const officialAt = (height: number): number => {
      const next = official.step(at(height), control);
      return [...next.qpos, ...next.qvel].reduce((total, x, i) => total + bar[i]! * x, 0);
    };
    const h = 1e-7;
    for (const [height, side] of [
      [high + 1e-9, 1],
      [low - 1e-9, -1],
    ] as const) {
      const shares = bar.slice();
      const states = Float64Array.from(rowOf(at(height)));
      batchOf("half-cheetah").pullback(states, Int32Array.of(0), control, shares, new Float64Array(nu));
      const oneSided =
        (4 * officialAt(height + side * h) - officialAt(height + 2 * side * h) - 3 * officialAt(height)) /
        (2 * side * h);
      expect(Math.abs(shares[1]! - oneSided)).toBeLessThan(1e-4 * Math.max(1, Math.abs(oneSided)));
    }
  });
});

describe("the adjoint of a trajectory", () => {
  const name = "half-cheetah";
  const model = modelOf(name);
  const { nq, nv, nu } = model;
  const batch = batchedSteps(model, 5);
  const [rows, T] = [3, 7];
  const { states: start } = visited(name, rows, 20);
  const controls = Array.from({ length: T }, (_, t) =>
    uniform(fold(key(11), t), rows * nu).map((u) => 1.8 * u - 0.9),
  );
  const given = Array.from({ length: T + 1 }, (_, t) => normal(fold(key(12), t), rows * (nq + nv)));

  test("is the same bit for bit however many states are kept", () => {
    const [all, some, few] = [1, 3, 7].map((spacing) =>
      trajectoryPullback(model, batch, { start, controls }, (t) => given[t], spacing),
    );
    expect(some).toEqual(all);
    expect(few).toEqual(all);
  });

  test("agrees with central differences", () => {
    const found = trajectoryPullback(model, batch, { start, controls }, (t) => given[t]);
    const total = (): number => {
      const states = start.slice();
      let sum = 0;
      for (let t = 0; t <= T; t++) {
        for (let r = 0; r < rows; r++) {
          for (let i = 0; i < nq + nv; i++)
            sum += given[t]![r * (nq + nv) + i]! * states[r * widthOf(model) + i]!;
        }
        if (t < T) batch.advance(states, offsetsOf(model, rows), controls[t]!);
      }
      return sum;
    };
    const difference = (values: Float64Array, i: number): number => {
      const x = values[i]!;
      const at = (value: number) => {
        values[i] = value;
        return total();
      };
      const result = (at(x + 1e-7) - at(x - 1e-7)) / 2e-7;
      values[i] = x;
      return result;
    };
    for (const [t, i] of [
      [0, 0],
      [2, nu + 1],
      [6, 2 * nu + 5],
    ] as const) {
      const expected = difference(controls[t]!, i);
      expect(Math.abs(found.controls[t]![i]! / expected - 1)).toBeLessThan(1e-4);
    }
    for (const [r, i] of [
      [0, 1],
      [1, 4],
      [2, nq + 2],
    ] as const) {
      const expected = difference(start, r * widthOf(model) + i);
      expect(Math.abs(found.start[r * (nq + nv) + i]! / expected - 1)).toBeLessThan(1e-4);
    }
  });
});
