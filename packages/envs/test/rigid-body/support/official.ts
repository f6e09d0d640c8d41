import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import loadLatest, { type MainModule as LatestModule } from "@mujoco/mujoco";
import loadMujoco, { type MainModule, type MjData, type MjModel } from "mujoco-js";
import type { RobotState } from "../../../src/rigid-body/dynamics/step.ts";
import type { Robot } from "../../../src/rigid-body/model/robot.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";

const files: Record<RobotName, string> = {
  "half-cheetah": "half_cheetah.xml",
  swimmer: "swimmer.xml",
  hopper: "hopper.xml",
  walker2d: "walker2d.xml",
  ant: "ant.xml",
};

/** A robot in the official engine. */
export interface Official {
  readonly mujoco: MainModule;
  readonly model: MjModel;
  readonly data: MjData;
  /** One step from `state`; the result is left in the data's arrays and returned as copies. */
  step(state: RobotState, control: ArrayLike<number>): RobotState;
  /** q ⊕ v */
  moved(qpos: Float64Array, v: Float64Array): Float64Array;
  /** The v with from ⊕ v = to. */
  difference(from: Float64Array, to: Float64Array): Float64Array;
}

/** What parity is measured with: a step, and how many contacts and constraint rows it had. */
export interface OfficialStep {
  readonly data: { readonly ncon: number; readonly nefc: number };
  step(state: RobotState, control: ArrayLike<number>): RobotState;
}

/** What the robot's file is changed in before the official engine reads it. */
export interface ModelChanges {
  /** Pairs of bodies that do not touch. */
  readonly exclude?: readonly (readonly [string, string])[];
  /** Where the solver stops, instead of 1e-8. */
  readonly tolerance?: number;
}

/** Two releases of the official engine, and how a robot asks for their rules. */
export const releases = {
  "3.3.8": {
    load: (name: RobotName, changes?: ModelChanges): Promise<OfficialStep> => loadOfficial(name, changes),
    robot: (name: RobotName): Robot => robots[name],
  },
  "3.14.0": {
    load: async (name: RobotName, changes?: ModelChanges): Promise<OfficialStep> =>
      loadLatestXml(modelText(name, changes)),
    robot: (name: RobotName): Robot => ({ ...robots[name], margins: "sum" }),
  },
} as const;
export type Release = keyof typeof releases;

let loadingLatest: Promise<LatestModule> | undefined;
const loadedLatest = new Map<string, OfficialStep>();

/** Any model in release 3.14.0, the official engine's own package. */
export async function loadLatestXml(xml: string): Promise<OfficialStep> {
  const known = loadedLatest.get(xml);
  if (known !== undefined) return known;
  loadingLatest ??= loadLatest();
  const mujoco = await loadingLatest;
  const model = mujoco.MjModel.from_xml_string(xml);
  const data = new mujoco.MjData(model);
  const engine: OfficialStep = {
    data,
    step(state, control) {
      data.qpos.set(state.qpos);
      data.qvel.set(state.qvel);
      data.qacc_warmstart.set(state.warmstart);
      data.ctrl.set(control);
      mujoco.mj_step(model, data);
      return { qpos: data.qpos.slice(), qvel: data.qvel.slice(), warmstart: data.qacc_warmstart.slice() };
    },
  };
  loadedLatest.set(xml, engine);
  return engine;
}

export function modelText(name: RobotName, { exclude = [], tolerance }: ModelChanges = {}): string {
  const text = readFileSync(fileURLToPath(new URL(`../fixtures/${files[name]}`, import.meta.url)), "utf8");
  const pairs = exclude.map(([a, b]) => `<exclude body1="${a}" body2="${b}"/>`).join("");
  const option = tolerance === undefined ? "" : `<option tolerance="${tolerance}"/>`;
  return text.replace("</mujoco>", `${option}<contact>${pairs}</contact></mujoco>`);
}

let loading: Promise<MainModule> | undefined;
const loaded = new Map<string, Official>();

/** One of the robots in the official WASM build, release 3.3.8. */
export async function loadOfficial(name: RobotName, changes?: ModelChanges): Promise<Official> {
  const xml = modelText(name, changes);
  const known = loaded.get(xml);
  if (known !== undefined) return known;
  const official = await loadOfficialXml(name, xml);
  loaded.set(xml, official);
  return official;
}

/** Any model in the official engine. */
export async function loadOfficialXml(name: string, xml: string): Promise<Official> {
  loading ??= loadMujoco();
  const mujoco = await loading;
  // Emscripten's file system, which the package exports without declaring it.
  const { FS } = mujoco as unknown as { FS: { writeFile(path: string, text: string): void } };
  FS.writeFile(`/${name}.xml`, xml);
  const model = mujoco.MjModel.loadFromXML(`/${name}.xml`);
  const data = new mujoco.MjData(model);
  const coordinates = new mujoco.DoubleBuffer(model.nq);
  const tangent = new mujoco.DoubleBuffer(model.nv);
  return {
    mujoco,
    model,
    data,
    step(state, control) {
      data.qpos.set(state.qpos);
      data.qvel.set(state.qvel);
      data.qacc_warmstart.set(state.warmstart);
      data.ctrl.set(control);
      mujoco.mj_step(model, data);
      return { qpos: data.qpos.slice(), qvel: data.qvel.slice(), warmstart: data.qacc_warmstart.slice() };
    },
    moved(qpos, v) {
      coordinates.GetView().set(qpos);
      mujoco.mj_integratePos(model, coordinates, [...v], 1);
      return coordinates.GetView().slice();
    },
    difference(from, to) {
      mujoco.mj_differentiatePos(model, tangent, 1, [...from], [...to]);
      return tangent.GetView().slice();
    },
  };
}
