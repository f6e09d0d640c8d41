/**
 * Question: how long does one physics step take, in a batch, alone and differentiated, beside the official MuJoCo builds for
 * WebAssembly, and beside the native library where it is installed?
 *
 * All run the same episodes (initial states, random controls). Our answers are compared with release 3.3.8 before anything
 * is timed, float32 steps with float64 ones, and the adjoints with each other; release 3.14 and older native ones go other ways for some robots, and only their time is taken. The native
 * library runs in a process of its own, after the others.
 */

import loadLatest from "@mujoco/mujoco";
import type { RobotName } from "@sgmrl/envs";
import loadMujoco from "mujoco-js";
import { nativeMujoco } from "../native/native-mujoco.ts";
import {
  type Batch,
  batched,
  episodeLength,
  episodes,
  float32Error,
  randomEpisodes,
} from "../rigid-body/episodes.ts";
import { newest, official, ours, run, runNative } from "../rigid-body/simulators.ts";
import { assertAgrees } from "../support/agree.ts";
import { measure, standardBudget, type Timing } from "../support/measure.ts";
import type { Comparison } from "../support/report.ts";

/** How many times faster than the step of one state and than mujoco-js a batch has to be. */
const bars: Record<RobotName, { alone: number; "mujoco-js": number }> = {
  "half-cheetah": { alone: 4, "mujoco-js": 8 },
  swimmer: { alone: 4, "mujoco-js": 8 },
  hopper: { alone: 4, "mujoco-js": 12 },
  walker2d: { alone: 4, "mujoco-js": 12 },
  ant: { alone: 3, "mujoco-js": 6 },
};

/** Relative to the largest number: of coordinates after an episode, and of a state after a step. */
const tolerances = { episode: 1e-6, float32Step: 1e-3 };

/** The adjoints with states made again have the bits of the one with all of them kept; throws where they have not. */
export function assertAdjointsAgree(
  name: string,
  { run, back, vjp, vjpKept }: Pick<Batch, "run" | "back" | "vjp" | "vjpKept">,
): void {
  run(); // which `back` goes back from
  const kept = vjpKept();
  assertAgrees(`${name}, a step again and its adjoint`, back(), kept, 0);
  assertAgrees(`${name}, run and adjoint, √T kept`, vjp(), kept, 0);
}

/** 2,000 steps a call, so that milliseconds per call are microseconds per step, twice. */
export async function physicsSteps(quick: boolean): Promise<Comparison[]> {
  const mujoco = await loadMujoco();
  const latest = await loadLatest();
  const native = nativeMujoco();
  const budget = quick ? { ...standardBudget, rounds: 5 } : { ...standardBudget, rounds: 31 };
  return (Object.keys(bars) as RobotName[]).map((name) => {
    const work = randomEpisodes(name);
    const [together, single] = [batched(name, work, "float64"), batched(name, work, "float32")];
    const [own, theirs, latestSimulator] = [ours(name), official(mujoco, name), newest(latest, name)];
    const answer = run(theirs, work);
    const error = assertAgrees(name, run(own, work), answer, tolerances.episode);
    const batchError = assertAgrees(`${name}, batch`, together.run(), answer, tolerances.episode);
    const singleError = float32Error(name, work);
    if (!(singleError <= tolerances.float32Step))
      throw new Error(
        `${name}: a float32 step is off by ${singleError}, more than ${tolerances.float32Step}`,
      );
    assertAdjointsAgree(name, together);
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
        "largest difference of one step, float32 from float64": singleError.toExponential(1),
        "states left to the scalar step": together.leftShare(),
        ...notes,
      },
    };
  });
}
