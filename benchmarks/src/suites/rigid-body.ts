/**
 * Question: how long does one physics step take, in a batch, alone and differentiated, beside the official MuJoCo builds for
 * WebAssembly, and beside the native library where it is installed?
 *
 * All run the same episodes (initial states, random controls). Our answers are compared with release 3.3.8 before anything
 * is timed; release 3.14 and older native ones go other ways for some robots, and only their time is taken. The native
 * library runs in a process of its own, after the others.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import loadLatest, { type MainModule as LatestModule } from "@mujoco/mujoco";
import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { type RobotName, rigidBody, robots } from "@sgmrl/envs";
import loadMujoco, { type MainModule } from "mujoco-js";
import { type NativeRun, type NativeTiming, nativeMujoco } from "../native/native-mujoco.ts";
import { assertAgrees } from "../support/agree.ts";
import { measure, standardBudget, type Timing } from "../support/measure.ts";
import type { Comparison } from "../support/report.ts";

const episodes = 20;
const episodeLength = 100;
/** Steps under one control, as in an environment with this frame skip. */
const held = 5;

const files: Record<RobotName, string> = {
  "half-cheetah": "half_cheetah",
  swimmer: "swimmer",
  hopper: "hopper",
  walker2d: "walker2d",
  ant: "ant",
};
/** How many times faster than the step of one state and than mujoco-js a batch has to be. */
const bars: Record<RobotName, { alone: number; "mujoco-js": number }> = {
  "half-cheetah": { alone: 4, "mujoco-js": 8 },
  swimmer: { alone: 4, "mujoco-js": 8 },
  hopper: { alone: 4, "mujoco-js": 12 },
  walker2d: { alone: 4, "mujoco-js": 12 },
  ant: { alone: 3, "mujoco-js": 6 },
};

interface Simulator {
  reset(qpos: Float64Array, qvel: Float64Array): void;
  step(control: Float64Array): void;
  qpos(): Float64Array;
}

function modelFile(name: RobotName): string {
  const path = `../../../packages/envs/test/rigid-body/fixtures/${files[name]}.xml`;
  return fileURLToPath(new URL(path, import.meta.url));
}

const modelText = (name: RobotName): string => readFileSync(modelFile(name), "utf8");

function official(mujoco: MainModule, name: RobotName): Simulator {
  // Emscripten's file system, which the package exports without declaring it.
  const { FS } = mujoco as unknown as { FS: { writeFile(path: string, text: string): void } };
  FS.writeFile(`/${name}.xml`, modelText(name));
  const model = mujoco.MjModel.loadFromXML(`/${name}.xml`);
  const data = new mujoco.MjData(model);
  return simulatorOf(data, () => mujoco.mj_step(model, data));
}

function newest(mujoco: LatestModule, name: RobotName): Simulator {
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

function ours(name: RobotName): Simulator {
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
      controls: Array.from({ length: episodeLength / held }, (_, t) =>
        uniform(fold(key(2), e, t), model.nu).map((u) => 2 * u - 1),
      ),
    };
  });
}

/** Runs all episodes; the final coordinates of each. */
function run(simulator: Simulator, work: readonly Episode[]): Float64Array[] {
  return work.map(({ qpos, qvel, controls }) => {
    simulator.reset(qpos, qvel);
    for (const control of controls) for (let k = 0; k < held; k++) simulator.step(control);
    return simulator.qpos().slice();
  });
}

/** All episodes by the native library. */
function runNative(
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

/** The episodes side by side in one batch, and their adjoints. */
function batched(name: RobotName, work: readonly Episode[], dtype: "float64" | "float32") {
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
  const gradient = new Float64Array(work.length * (nq + nv)).fill(1);
  const bars = new Float64Array(work.length * (nq + nv));
  const controlBars = new Float64Array(work.length * nu);
  const run = (): Float64Array[] => {
    states.set(start);
    controls.forEach((control, t) => {
      visited[t]!.set(states);
      steps.advance(states, offsets, control);
    });
    return work.map((_, e) => states.slice(e * width, e * width + nq));
  };
  /** Back through all steps of all episodes, from the states that `run` has visited. */
  const back = () => {
    bars.fill(0);
    for (let e = 0; e < work.length; e++) bars[e * (nq + nv)] = 1;
    for (let t = controls.length - 1; t >= 0; t--)
      steps.pullback(visited[t]!, offsets, controls[t]!, bars, controlBars);
  };
  /** The run and its adjoint, from the start: with all states kept, and with the square root of their number. */
  const vjp = (spacing?: number) => () =>
    rigidBody.trajectoryPullback(
      model,
      steps,
      { start, controls },
      (t) => (t === controls.length ? gradient : undefined),
      spacing,
    );
  return { run, back, vjpKept: vjp(controls.length), vjp: vjp(), leftShare: () => steps.left };
}

/** 2,000 steps a call, so that milliseconds per call are microseconds per step, twice. */
export async function physicsSteps(quick: boolean): Promise<Comparison[]> {
  const mujoco = await loadMujoco();
  const latest = await loadLatest();
  const native = nativeMujoco();
  const budget = quick ? { ...standardBudget, rounds: 5 } : { ...standardBudget, rounds: 31 };
  return (Object.keys(files) as RobotName[]).map((name) => {
    const work = randomEpisodes(name);
    const [together, single] = [batched(name, work, "float64"), batched(name, work, "float32")];
    const [own, theirs, latestSimulator] = [ours(name), official(mujoco, name), newest(latest, name)];
    const answer = run(theirs, work);
    const error = assertAgrees(name, run(own, work), answer, 1e-6);
    const batchError = assertAgrees(`${name}, batch`, together.run(), answer, 1e-6);
    const timings = measure(
      [
        { name: "batch of 20", run: together.run },
        { name: "batch of 20, float32", run: single.run },
        { name: "batch of 20, a step again and its adjoint", run: together.back },
        { name: "batch of 20, run and adjoint, all kept", run: together.vjpKept },
        { name: "batch of 20, run and adjoint, √T kept", run: together.vjp },
        { name: "alone", run: () => run(own, work) },
        { name: "mujoco-js", run: () => run(theirs, work) },
        { name: "@mujoco/mujoco", run: () => run(latestSimulator, work) },
      ],
      budget,
    );
    const notes: Record<string, string | number> = {};
    if ("absent" in native) notes["native MuJoCo"] = `absent: ${native.absent}`;
    else {
      const { version, rounds, qpos } = runNative(native, name, work, budget.rounds);
      const sorted = rounds.toSorted((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)]!;
      notes[`microseconds per step, native MuJoCo ${version}`] = (
        (1000 * median) /
        (episodes * episodeLength)
      ).toFixed(2);
      notes[`native MuJoCo ${version} / batch of 20`] = (median / timings[0]!.median).toFixed(2);
      const others = answer.flatMap((row) => [...row]);
      notes[`largest difference of coordinates after an episode, native ${version} from 3.3.8`] = Math.max(
        ...others.map((x, i) => Math.abs(x - qpos[i]!)),
      ).toExponential(1);
    }
    const perStep = ({ median }: Timing) => ((1000 * median) / (episodes * episodeLength)).toFixed(2);
    return {
      title: `${name}: ${episodes * episodeLength} physics steps`,
      timings,
      bars: bars[name],
      notes: {
        ...Object.fromEntries(
          timings.map((timing) => [`microseconds per step, ${timing.name}`, perStep(timing)]),
        ),
        "largest relative difference of coordinates after an episode, alone": error.toExponential(1),
        "largest relative difference of coordinates after an episode, batch": batchError.toExponential(1),
        "largest difference of one step, float32 from float64": float32Error(name, work).toExponential(1),
        "states left to the scalar step": together.leftShare(),
        ...notes,
      },
    };
  });
}

/** Over the states of an episode, relative to the largest number of each. */
function float32Error(name: RobotName, work: readonly Episode[]): number {
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
