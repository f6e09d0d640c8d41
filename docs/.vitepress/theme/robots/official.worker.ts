/** One step of the official engine beside one of ours, from the same state under the same controls. */
import loadMujoco, { type MainModule, type MjData, type MjModel } from "@mujoco/mujoco";
import mujocoWasm from "@mujoco/mujoco/mujoco.wasm?url";
import { rigidBody } from "@sgmrl/envs";
import ant from "../../../../packages/envs/test/rigid-body/fixtures/ant.xml?raw";
import halfCheetah from "../../../../packages/envs/test/rigid-body/fixtures/half_cheetah.xml?raw";
import hopper from "../../../../packages/envs/test/rigid-body/fixtures/hopper.xml?raw";
import swimmer from "../../../../packages/envs/test/rigid-body/fixtures/swimmer.xml?raw";
import walker2d from "../../../../packages/envs/test/rigid-body/fixtures/walker2d.xml?raw";
import { serveTasks } from "../live/worker-task.ts";
import { modelOf, stateOf } from "./drive.ts";
import type { Driven } from "./setting.ts";

export interface Difference {
  readonly version: string;
  /** Largest absolute differences after one step: [m, rad], and [m/s, rad/s]. */
  readonly qpos: number;
  readonly qvel: number;
}

/** The model files of Gymnasium. */
const files = { "half-cheetah": halfCheetah, ant, hopper, swimmer, walker2d };
interface Official {
  readonly mujoco: MainModule;
  readonly model: MjModel;
  readonly data: MjData;
}
let loading: Promise<MainModule> | undefined;
const loaded = new Map<string, Official>();

serveTasks<Driven, Difference>(async (driven) => {
  const { mujoco, model, data } = await official(driven.robot);
  const state = stateOf(driven);
  const ours = rigidBody.step(modelOf(driven.robot, "sum"), state, driven.control);
  data.qpos.set(state.qpos);
  data.qvel.set(state.qvel);
  data.qacc_warmstart.set(state.warmstart);
  data.ctrl.set(driven.control);
  mujoco.mj_step(model, data);
  return {
    version: mujoco.mj_versionString(),
    qpos: largestDifference(ours.qpos, data.qpos),
    qvel: largestDifference(ours.qvel, data.qvel),
  };
});

async function official(robot: Driven["robot"]): Promise<Official> {
  const known = loaded.get(robot);
  if (known !== undefined) return known;
  loading ??= loadMujoco({ locateFile: () => mujocoWasm });
  const mujoco = await loading;
  // Its solver stops at 1e-8 by default, ours at the minimum.
  const toTheEnd = files[robot].replace("</mujoco>", '<option tolerance="0"/></mujoco>');
  const model = mujoco.MjModel.from_xml_string(toTheEnd);
  const made = { mujoco, model, data: new mujoco.MjData(model) };
  loaded.set(robot, made);
  return made;
}

function largestDifference(ours: Float64Array, theirs: ArrayLike<number>): number {
  return ours.reduce((largest, x, i) => Math.max(largest, Math.abs(x - theirs[i]!)), 0);
}
