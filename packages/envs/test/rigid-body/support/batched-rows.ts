/** The robots with their compiled steps, and rows of states for them: wild ones, and ones that robots come to. */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import {
  type BatchedSteps,
  batchedSteps,
  compileModel,
  initialState,
  type RobotState,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { randomCase, regimes } from "./random-state.ts";

export const names = Object.keys(robots) as RobotName[];

function once<T>(make: (name: RobotName) => T): (name: RobotName) => T {
  const made = new Map<RobotName, T>();
  return (name) => {
    if (!made.has(name)) made.set(name, make(name));
    return made.get(name)!;
  };
}
export const modelOf: (name: RobotName) => Model = once((name) => compileModel(robots[name]));
export const batchOf: (name: RobotName) => BatchedSteps = once((name) => batchedSteps(modelOf(name), 1));

export const widthOf = ({ nq, nv }: Model): number => nq + 2 * nv;
export const rowOf = ({ qpos, qvel, warmstart }: RobotState): number[] => [...qpos, ...qvel, ...warmstart];
export const offsetsOf = (model: Model, rows: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, r) => r * widthOf(model));

export function stateOf(model: Model, states: Float64Array, r: number): RobotState {
  const { nq, nv } = model;
  const from = r * widthOf(model);
  return {
    qpos: states.slice(from, from + nq),
    qvel: states.slice(from + nq, from + nq + nv),
    warmstart: states.slice(from + nq + nv, from + nq + 2 * nv),
  };
}

interface Rows {
  readonly states: Float64Array;
  readonly controls: Float64Array;
}

/** Wild states of all regimes, and controls beyond their range. */
export function wild(name: RobotName, count: number): Rows {
  const cases = Array.from({ length: count }, (_, i) =>
    randomCase(modelOf(name), name, regimes[i % 4]!, fold(key(5), i)),
  );
  return {
    states: Float64Array.from(cases.flatMap(({ state }) => rowOf(state))),
    controls: Float64Array.from(cases.flatMap(({ control }) => [...control])),
  };
}

/** Where random controls take the robot in so many steps; on the way it meets the floor and its limits. */
export function visited(name: RobotName, count: number, steps: number): Rows {
  const model = modelOf(name);
  const states = Float64Array.from(
    Array.from({ length: count }, (_, r) => {
      const start = initialState(model);
      start.qvel.set(normal(fold(key(6), r), model.nv).map((x) => 0.3 * x));
      return rowOf(start);
    }).flat(),
  );
  const controls = (t: number) => uniform(fold(key(7), t), count * model.nu).map((u) => 1.8 * u - 0.9);
  for (let t = 0; t < steps; t++) batchOf(name).advance(states, offsetsOf(model, count), controls(t));
  return { states, controls: controls(steps) };
}
