/** The official MuJoCo builds, and our step of one state, behind one interface. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MainModule as LatestModule } from "@mujoco/mujoco";
import { type RobotName, rigidBody, robots } from "@sgmrl/envs";
import type { MainModule } from "mujoco-js";
import type { NativeRun, NativeTiming } from "../native/native-mujoco.ts";
import { type Episode, episodeLength, held } from "./episodes.ts";

const files: Record<RobotName, string> = {
  "half-cheetah": "half_cheetah",
  swimmer: "swimmer",
  hopper: "hopper",
  walker2d: "walker2d",
  ant: "ant",
};

export interface Simulator {
  reset(qpos: Float64Array, qvel: Float64Array): void;
  step(control: Float64Array): void;
  qpos(): Float64Array;
}

function modelFile(name: RobotName): string {
  const path = `../../../packages/envs/test/rigid-body/fixtures/${files[name]}.xml`;
  return fileURLToPath(new URL(path, import.meta.url));
}

const modelText = (name: RobotName): string => readFileSync(modelFile(name), "utf8");

export function official(mujoco: MainModule, name: RobotName): Simulator {
  // Emscripten's file system, which the package exports without declaring it.
  const { FS } = mujoco as unknown as { FS: { writeFile(path: string, text: string): void } };
  FS.writeFile(`/${name}.xml`, modelText(name));
  const model = mujoco.MjModel.loadFromXML(`/${name}.xml`);
  const data = new mujoco.MjData(model);
  return simulatorOf(data, () => mujoco.mj_step(model, data));
}

export function newest(mujoco: LatestModule, name: RobotName): Simulator {
  const model = mujoco.MjModel.from_xml_string(modelText(name));
  const data = new mujoco.MjData(model);
  return simulatorOf(data, () => mujoco.mj_step(model, data));
}

/** The arrays of either release's data are views that stay. */
function simulatorOf(
  {
    qpos,
    qvel,
    ctrl,
    qacc_warmstart: warmstart,
  }: Record<"qpos" | "qvel" | "ctrl" | "qacc_warmstart", Float64Array>,
  step: () => void,
): Simulator {
  return {
    reset(initialQpos, initialQvel) {
      qpos.set(initialQpos);
      qvel.set(initialQvel);
      warmstart.fill(0);
    },
    step(control) {
      ctrl.set(control);
      step();
    },
    qpos: () => qpos,
  };
}

export function ours(name: RobotName): Simulator {
  const model = rigidBody.compileModel(robots[name]);
  const state = rigidBody.initialState(model);
  return {
    reset(qpos, qvel) {
      state.qpos.set(qpos);
      state.qvel.set(qvel);
      state.warmstart.fill(0);
    },
    step: (control) => rigidBody.stepInPlace(model, state, control),
    qpos: () => state.qpos,
  };
}

/** Runs all episodes; the final coordinates of each. */
export function run(simulator: Simulator, work: readonly Episode[]): Float64Array[] {
  return work.map(({ qpos, qvel, controls }) => {
    simulator.reset(qpos, qvel);
    for (const control of controls) for (let k = 0; k < held; k++) simulator.step(control);
    return simulator.qpos().slice();
  });
}

/** All episodes by the native library. */
export function runNative(
  native: NativeRun,
  name: RobotName,
  work: readonly Episode[],
  rounds: number,
): NativeTiming {
  const numbers = work.flatMap(({ qpos, qvel, controls }) => [
    ...qpos,
    ...qvel,
    ...controls.flatMap((control) => [...control]),
  ]);
  const head = Int32Array.of(work.length, episodeLength / held, held);
  const input = Buffer.concat([Buffer.from(head.buffer), Buffer.from(Float64Array.from(numbers).buffer)]);
  return native(modelFile(name), input, rounds);
}
