/** Steps of a batch in float32 beside those in float64. */
import { key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { batchedSteps, compileModel, robotFromMjcf } from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { offsetsOf, stateOf } from "../support/batched-rows.ts";
import { largestDifference } from "../support/measure-parity.ts";

describe("in float32, poses that rounding makes doubtful", () => {
  const rods = compileModel(
    robotFromMjcf(`<mujoco model="two rods"><option timestep="0.002" gravity="0 0 0"/><worldbody>
    <body name="a" pos="0 0 1"><joint name="ax" type="slide" axis="1 0 0"/><joint name="az" type="slide" axis="0 0 1"/>
      <joint name="ah" axis="0 1 0"/>
      <geom name="ga" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="0.05" density="1000" condim="1"/>
      <body name="m" pos="0 0 0.3"><joint name="mz" type="slide" axis="0 0 1"/>
        <geom name="gm" type="sphere" size="0.02" density="1000" contype="0" conaffinity="0"/>
        <body name="b" pos="0 0 -0.21"><joint name="bh" axis="0 1 0"/>
          <geom name="gb" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="0.05" density="1000" condim="1"/>
      </body></body></body></worldbody></mujoco>`),
  );
  const rod = compileModel(
    robotFromMjcf(`<mujoco model="rod"><option timestep="0.002"/><worldbody><geom type="plane" size="1 1 1"/>
    <body pos="0 0 0.24"><freejoint/><geom type="capsule" fromto="-0.2 0 0 0.2 0 0" size="0.05" density="1000"/></body>
    </worldbody></mujoco>`),
  );

  /** The largest differences of velocities and cotangents between float32 and float64, relative to the largest. */
  function differences(model: Model, rows: readonly (readonly number[])[]) {
    const { nq, nv, nu } = model;
    const double = batchedSteps(model, 1);
    const single = batchedSteps(model, 1, { dtype: "float32", fallback: double });
    // Both start from the same numbers.
    const states = Float64Array.from(rows.flat(), Math.fround);
    const given = normal(key(16), rows.length * (nq + nv)).map(Math.fround);
    const offsets = offsetsOf(model, rows.length);
    const controls = new Float64Array(rows.length * nu);
    const [expected, found] = [double, single].map((steps) => {
      const [reached, bars] = [states.slice(), given.slice()];
      steps.advance(reached, offsets, controls);
      steps.pullback(states, offsets, controls, bars, controls.slice());
      return rows.map((_, r) => ({
        velocity: stateOf(model, reached, r).qvel,
        bars: bars.slice(r * (nq + nv), (r + 1) * (nq + nv)),
      }));
    }) as [Ends[], Ends[]];
    const worst = (part: keyof Ends) =>
      Math.max(
        ...expected.map(
          (end, r) => largestDifference(found[r]![part], end[part]) / Math.max(...end[part].map(Math.abs)),
        ),
      );
    return { velocity: worst("velocity"), bars: worst("bars"), left: single.left };
  }

  interface Ends {
    readonly velocity: Float64Array;
    readonly bars: Float64Array;
  }

  const turns = Array.from({ length: 100 }, (_, k) => -3 + 0.06 * k);
  const still = (count: number) => new Array<number>(count).fill(0);

  test.each([1e-6, 1e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3])("links at %d rad", (angle) => {
    const found = differences(
      rods,
      turns.map((turn) => [0.3, 0.01, turn, 0, angle, ...still(10)]),
    );
    expect(found.velocity).toBeLessThan(1e-4);
    expect(found.bars).toBeLessThan(1e-3);
    if (angle === 2e-3) expect(found.left).toBe(0);
  });

  test("links that cross in a plane", () => {
    const found = differences(
      rods,
      turns.map((turn) => [0.3, 0.01, turn, -0.06, 0.7, 0.1, 0.2, 0.3, 0.4, 0.5, ...still(5)]),
    );
    expect(found.velocity).toBeLessThan(1e-5);
    expect(found.bars).toBeLessThan(1e-4);
    expect(found.left).toBe(0);
  });

  test("a rod that stands upright and slides", () => {
    const found = differences(
      rod,
      turns.map((turn) => {
        const [c, s] = [Math.cos(turn) * Math.SQRT1_2, Math.sin(turn) * Math.SQRT1_2];
        return [0, 0, 0.24, c, s, -c, s, 1, 0.7, 0, 0, 0, 0, ...still(6)];
      }),
    );
    expect(found.velocity).toBeLessThan(1e-5);
    expect(found.bars).toBeLessThan(1e-3);
  });
});
