/**
 * Question: how long does one physics step take, beside the official MuJoCo 3.3.8 build for WebAssembly?
 *
 * Both engines run the same episodes (initial states, random controls); their answers are compared before anything is
 * timed. And: how many steps of an environment does a batch make per second?
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fold, key, normal, split, uniform } from "@sgmrl/autodiff/random";
import { findEnvironment, type RobotName, rigidBody, robots, width } from "@sgmrl/envs";
import loadMujoco, { type MainModule } from "mujoco-js";
import { assertAgrees } from "../support/agree.ts";
import { measure, standardBudget, type Timing } from "../support/measure.ts";
import type { Comparison } from "../support/report.ts";

const episodes = 20;
const episodeLength = 100;

const files: Record<RobotName, string> = {
  "half-cheetah": "half_cheetah",
  swimmer: "swimmer",
  hopper: "hopper",
  walker2d: "walker2d",
  ant: "ant",
};
/** How many times faster than mujoco-js each robot has to be. */
const bars: Record<RobotName, number> = { "half-cheetah": 2, swimmer: 2, hopper: 3, walker2d: 3, ant: 2 };

interface Engine {
  reset(qpos: Float64Array, qvel: Float64Array): void;
  step(control: Float64Array): void;
  qpos(): Float64Array;
}

function official(mujoco: MainModule, name: RobotName): Engine {
  const path = fileURLToPath(
    new URL(`../../../packages/envs/test/rigid-body/fixtures/${files[name]}.xml`, import.meta.url),
  );
  // Emscripten's file system, which the package exports without declaring it.
  const { FS } = mujoco as unknown as { FS: { writeFile(path: string, text: string): void } };
  FS.writeFile(`/${name}.xml`, readFileSync(path, "utf8"));
  const model = mujoco.MjModel.loadFromXML(`/${name}.xml`);
  const data = new mujoco.MjData(model);
  const { qpos, qvel, ctrl, qacc_warmstart: warmstart } = data;
  return {
    reset(initialQpos, initialQvel) {
      qpos.set(initialQpos);
      qvel.set(initialQvel);
      warmstart.fill(0);
    },
    step(control) {
      ctrl.set(control);
      mujoco.mj_step(model, data);
    },
    qpos: () => qpos,
  };
}

function ours(name: RobotName): Engine {
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

interface Episode {
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
  readonly controls: readonly Float64Array[];
}

function randomEpisodes(name: RobotName): Episode[] {
  const model = rigidBody.compileModel(robots[name]);
  return Array.from({ length: episodes }, (_, e) => {
    const noise = uniform(fold(key(1), e), model.nq + model.nv).map((u) => 0.2 * u - 0.1);
    return {
      qpos: model.qpos0.map((q, i) => q + noise[i]!),
      qvel: noise.slice(model.nq),
      controls: Array.from({ length: episodeLength }, (_, t) =>
        uniform(fold(key(2), e, t), model.nu).map((u) => 2 * u - 1),
      ),
    };
  });
}

/** Runs all episodes; the final coordinates of each. */
function run(engine: Engine, work: readonly Episode[]): Float64Array[] {
  return work.map(({ qpos, qvel, controls }) => {
    engine.reset(qpos, qvel);
    for (const control of controls) engine.step(control);
    return engine.qpos().slice();
  });
}

/** 2,000 steps a call, so that milliseconds per call are microseconds per step, twice. */
export async function physicsSteps(quick: boolean): Promise<Comparison[]> {
  const mujoco = await loadMujoco();
  const budget = quick ? { ...standardBudget, rounds: 5 } : { ...standardBudget, rounds: 31 };
  return (Object.keys(files) as RobotName[]).map((name) => {
    const work = randomEpisodes(name);
    const [own, theirs] = [ours(name), official(mujoco, name)];
    const error = assertAgrees(name, run(own, work), run(theirs, work), 1e-6);
    const timings = measure(
      [
        { name: "ours", run: () => run(own, work) },
        { name: "mujoco-js", run: () => run(theirs, work) },
      ],
      budget,
    );
    const perStep = ({ median }: Timing) => ((1000 * median) / (episodes * episodeLength)).toFixed(2);
    return {
      title: `${name}: ${episodes * episodeLength} physics steps`,
      timings,
      bars: { "mujoco-js": bars[name] },
      notes: {
        "microseconds per step, ours": perStep(timings[0]!),
        "microseconds per step, mujoco-js": perStep(timings[1]!),
        "largest relative difference of coordinates after an episode": error.toExponential(1),
      },
    };
  });
}

export interface Throughput {
  readonly environment: string;
  readonly stepsPerSecond: number;
}

/** Environment steps per second of one thread, 20 trajectories in a batch, standard normal actions. */
export function environmentSteps(quick: boolean): Throughput[] {
  const size = 20;
  const horizon = quick ? 20 : 100;
  const names = [
    "half-cheetah-direction",
    "swimmer-velocity",
    "hopper-parameters",
    "walker2d-direction",
    "ant-direction",
  ];
  return names.map((name) => {
    const environment = findEnvironment(name);
    const batch = environment.batch(environment.family.sample(key(1)), size);
    const buffers = {
      observations: new Float64Array(size * width(environment.observation)),
      rewards: new Float64Array(size),
      terminated: new Uint8Array(size),
    };
    const actions = Array.from({ length: horizon }, (_, t) =>
      normal(fold(key(2), t), size * width(environment.action)),
    );
    let alive = 0;
    const rollOut = () => {
      batch.reset(split(key(3), size), buffers.observations);
      alive = 0;
      for (const action of actions) {
        alive += size - buffers.terminated.reduce((sum, done) => sum + done, 0);
        batch.step(action, buffers);
      }
      buffers.terminated.fill(0);
    };
    const [timing] = measure([{ name, run: rollOut }], { ...standardBudget, rounds: quick ? 3 : 9 });
    return { environment: name, stepsPerSecond: Math.round((1000 * alive) / timing!.median) };
  });
}
