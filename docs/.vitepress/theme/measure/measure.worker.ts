/** The benchmark of the policy loss in this browser: answers first, then times, task by task. */
import { oracle } from "../../../../benchmarks/src/policy-loss/ours.ts";
import { type AsyncContender, makeProblem } from "../../../../benchmarks/src/policy-loss/problem.ts";
import { assertAgrees } from "../../../../benchmarks/src/support/agree.ts";
import type { Timed, Timing } from "../../../../benchmarks/src/support/measure.ts";
import { measureInSlices } from "../../../../benchmarks/src/support/slices.ts";
import { messageOf, serveTasks } from "../live/worker-task.ts";
import { candidates, describe } from "./contenders.ts";
import { type Setting, taskNames } from "./setting.ts";

export interface Measured {
  readonly task: Setting["tasks"][number];
  /** Ours in float32 on the first device comes first: ratios are to it. */
  readonly timings: readonly Timing[];
  /** Largest relative error of each contender's numbers, against our reference backend in float64. */
  readonly errors: Readonly<Record<string, number>>;
  /** Contenders that were not timed, and why. */
  readonly refused: Readonly<Record<string, string>>;
}
export interface Progress {
  readonly what: string;
  /** In [0, 1]. */
  readonly done: number;
  readonly measured?: Measured;
}
export interface MeasureResult {
  /** What each device computes with, or that there is none. */
  readonly devices: Readonly<Partial<Record<Setting["devices"][number], string>>>;
  readonly seconds: number;
}

/** Relative error allowed: float32 sums of up to 20,000 rows, and float64. */
const tolerances = { float32: 1e-4, float64: 1e-12 };
const none = "this browser offers none";

serveTasks<Setting, MeasureResult, Progress>(async (setting, progress) => {
  const started = performance.now();
  const { rows, width, rounds, slice } = setting;
  const problem = makeProblem({ rows, inputs: 2, width, depth: 2, actions: 2 });
  const devices: Partial<Record<Setting["devices"][number], string>> = {};
  const contenders: AsyncContender[] = [];
  const missing: Record<string, string> = {};
  for (const device of setting.devices) {
    const description = await describe[device]();
    devices[device] = description ?? none;
    if (description === undefined) continue;
    for (const { name, load } of candidates[device]) {
      progress({ what: `loading ${name}`, done: 0 });
      try {
        contenders.push(await load());
      } catch (error) {
        missing[name] = messageOf(error);
      }
    }
  }
  if (contenders.length === 0)
    throw new Error("nothing of what you chose can be measured here: choose another device");
  for (const [k, task] of setting.tasks.entries()) {
    const tell = (what: string, done: number): void =>
      progress({ what: `${taskNames[task]}: ${what}`, done: (k + done) / setting.tasks.length });
    const expected = await (await oracle.prepare(problem, task))();
    const timed: Timed[] = [];
    const errors: Record<string, number> = {};
    const refused: Record<string, string> = { ...missing };
    for (const [i, contender] of contenders.entries()) {
      tell(`the answer of ${contender.name}`, (0.3 * i) / contenders.length);
      try {
        const run = await contender.prepare(problem, task);
        const tolerance = contender.name.endsWith("float64") ? tolerances.float64 : tolerances.float32;
        errors[contender.name] = assertAgrees(contender.name, await run(), expected, tolerance);
        timed.push({ name: contender.name, run });
      } catch (error) {
        refused[contender.name] = messageOf(error);
      }
    }
    if (timed.length === 0)
      throw new Error(`no engine gave a right answer: ${Object.values(refused).join("; ")}`);
    const budget = { rounds, turn: slice, warmUp: 4 * slice };
    const timings = await measureInSlices(timed, budget, (done) => tell("timing in turns", 0.3 + 0.7 * done));
    progress({
      what: taskNames[task],
      done: (k + 1) / setting.tasks.length,
      measured: { task, timings, errors, refused },
    });
  }
  return { devices, seconds: (performance.now() - started) / 1000 };
});
