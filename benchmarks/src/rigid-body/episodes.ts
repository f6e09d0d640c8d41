/** Episodes of a robot that all simulators run: initial states and random controls; and our batches of them. */

import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { type RobotName, rigidBody, robots } from "@sgmrl/envs";
import type { Results } from "../support/agree.ts";

export const episodes = 20;
export const episodeLength = 100;
/** Steps under one control, as in an environment with this frame skip. */
export const held = 5;

export interface Episode {
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
  readonly controls: readonly Float64Array[];
}

export function randomEpisodes(name: RobotName): Episode[] {
  const model = rigidBody.compileModel(robots[name]);
  return Array.from({ length: episodes }, (_, e) => {
    const noise = uniform(fold(key(1), e), model.nq + model.nv).map((u) => 0.2 * u - 0.1);
    return {
      qpos: model.qpos0.map((q, i) => q + noise[i]!),
      qvel: noise.slice(model.nq),
      controls: Array.from({ length: episodeLength / held }, (_, t) =>
        uniform(fold(key(2), e, t), model.nu).map((u) => 2 * u - 1),
      ),
    };
  });
}

/** The episodes side by side in one batch, and their adjoints. */
export interface Batch {
  /** The final coordinates of each. */
  run(): Float64Array[];
  /**
   * Of the sum of all final coordinates and velocities, the derivatives in the start, [episodes, nq + nv], and in the first
   * controls, [episodes, nu]: back from the states that `run` has visited.
   */
  back(): Results;
  /** The same with the run, from the start: with all states kept, and with the square root of their number. */
  vjpKept(): Results;
  vjp(): Results;
  /** How many states `run` leaves to the scalar step. */
  leftShare(): number;
}

export function batched(name: RobotName, work: readonly Episode[], dtype: "float64" | "float32"): Batch {
  const model = rigidBody.compileModel(robots[name]);
  const { nq, nv, nu } = model;
  const width = nq + 2 * nv;
  const steps = rigidBody.batchedSteps(model, held, { dtype });
  const offsets = Int32Array.from(work, (_, e) => e * width);
  const start = new Float64Array(work.length * width);
  work.forEach(({ qpos, qvel }, e) => {
    start.set(qpos, e * width);
    start.set(qvel, e * width + nq);
  });
  const controls = Array.from({ length: episodeLength / held }, (_, t) =>
    Float64Array.from(work.flatMap((episode) => [...episode.controls[t]!])),
  );
  const states = start.slice();
  const visited = controls.map(() => new Float64Array(start.length));
  const stateWidth = nq + nv;
  const cotangent = new Float64Array(work.length * stateWidth).fill(1);
  const bars = new Float64Array(work.length * stateWidth);
  const controlBars = new Float64Array(work.length * nu);
  const run = (): Float64Array[] => {
    states.set(start);
    controls.forEach((control, t) => {
      visited[t]!.set(states);
      steps.advance(states, offsets, control);
    });
    return work.map((_, e) => states.slice(e * width, e * width + nq));
  };
  const back = (): Results => {
    bars.set(cotangent);
    for (let t = controls.length - 1; t >= 0; t--) {
      controlBars.fill(0);
      steps.pullback(visited[t]!, offsets, controls[t]!, bars, controlBars);
    }
    return [bars, controlBars];
  };
  const vjp = (spacing?: number) => (): Results => {
    const at = (t: number) => (t === controls.length ? cotangent : undefined);
    const trajectory = rigidBody.trajectoryPullback(model, steps, { start, controls }, at, spacing);
    return [trajectory.start, trajectory.controls[0]!];
  };
  return { run, back, vjpKept: vjp(controls.length), vjp: vjp(), leftShare: () => steps.left };
}

/** The largest difference of a float32 step from a float64 one along the episodes, relative to the largest number of a state. */
export function float32Error(name: RobotName, work: readonly Episode[]): number {
  const model = rigidBody.compileModel(robots[name]);
  const width = model.nq + 2 * model.nv;
  const [double, single] = (["float64", "float32"] as const).map((dtype) =>
    rigidBody.batchedSteps(model, 1, { dtype }),
  );
  const offsets = Int32Array.from(work, (_, e) => e * width);
  let states = new Float64Array(work.length * width);
  work.forEach(({ qpos, qvel }, e) => {
    states.set(qpos, e * width);
    states.set(qvel, e * width + model.nq);
  });
  let worst = 0;
  for (let t = 0; t < episodeLength; t++) {
    const control = Float64Array.from(
      work.flatMap((episode) => [...episode.controls[Math.floor(t / held)]!]),
    );
    const rounded = states.slice();
    single!.advance(rounded, offsets, control);
    states = states.slice();
    double!.advance(states, offsets, control);
    for (const offset of offsets) {
      const exact = states.subarray(offset, offset + model.nq + model.nv);
      const scale = exact.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      exact.forEach((x, i) => {
        worst = Math.max(worst, Math.abs(rounded[offset + i]! - x) / scale);
      });
    }
  }
  return worst;
}
