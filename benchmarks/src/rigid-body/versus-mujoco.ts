/**
 * One physics step on one core: this simulator against the official MuJoCo 3.3.8 build for WebAssembly.
 *   node --conditions=sgmrl-source benchmarks/src/rigid-body/versus-mujoco.ts
 * Both engines run the same episodes (same initial states, same random controls) in the same process, in turns; the
 * answers are compared at the end of each. Reported: the fastest of 30 runs of each episode, summed over episodes, in
 * microseconds per step; the fastest, because on a shared machine it is what disturbs least.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { type RobotName, rigidBody, robots } from "@sgmrl/envs";
import loadMujoco from "mujoco-js";

const rounds = 30;
const episodes = 20;
const episodeLength = 100;

const files: Record<RobotName, string> = {
  "half-cheetah": "half_cheetah",
  swimmer: "swimmer",
  hopper: "hopper",
  walker2d: "walker2d",
  ant: "ant",
};
/** The ratio each robot has to reach. */
const bars: Record<RobotName, number> = { "half-cheetah": 2, swimmer: 2, hopper: 3, walker2d: 3, ant: 2 };

interface Engine {
  reset(qpos: Float64Array, qvel: Float64Array): void;
  step(control: Float64Array): void;
  qpos(): Float64Array;
}

const mujoco = await loadMujoco();

function official(name: RobotName): Engine {
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

/** Runs one episode; returns its milliseconds. */
function run(engine: Engine, { qpos, qvel, controls }: Episode): number {
  engine.reset(qpos, qvel);
  const start = performance.now();
  for (const control of controls) engine.step(control);
  return performance.now() - start;
}

const report: Record<string, object> = {};
for (const name of Object.keys(files) as RobotName[]) {
  const theirs = official(name);
  const own = ours(name);
  let [theirTime, ourTime, difference] = [0, 0, 0];
  for (const episode of randomEpisodes(name)) {
    let [theirBest, ourBest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < rounds; round++) {
      theirBest = Math.min(theirBest, run(theirs, episode));
      ourBest = Math.min(ourBest, run(own, episode));
    }
    theirTime += theirBest;
    ourTime += ourBest;
    const finals = own.qpos();
    theirs.qpos().forEach((q, i) => {
      difference = Math.max(difference, Math.abs(q - finals[i]!));
    });
  }
  if (difference > 1e-4)
    throw new Error(`${name}: the engines disagree by ${difference} after ${episodeLength} steps`);
  const microseconds = (milliseconds: number) => (1000 * milliseconds) / (episodes * episodeLength);
  report[name] = {
    "mujoco-js µs": microseconds(theirTime).toFixed(2),
    "ours µs": microseconds(ourTime).toFixed(2),
    ratio: (theirTime / ourTime).toFixed(2),
    bar: bars[name],
    "max |Δqpos|": difference.toExponential(1),
  };
}
console.table(report);
