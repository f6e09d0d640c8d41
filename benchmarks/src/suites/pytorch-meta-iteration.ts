/**
 * Question: how long does one whole meta-iteration on navigation take beside a vectorised PyTorch, one thread each?
 *
 * PyTorch computes all tasks and trajectories together (native/navigation.py): sampling is one product per layer and
 * time for all of them. It is given its random numbers and tasks; ours draws them. Its gradients are computed for all
 * tasks at once, or for five at a time, whose arrays are smaller; one at a time took twice as long.
 */

import { fold, key } from "@sgmrl/autodiff/random";
import { type Environment, findEnvironment } from "@sgmrl/envs";
import { presets } from "sgmrl";
import { partsOf } from "../../../packages/sgmrl/src/meta-gradient/parts.ts";
import { createUnit } from "../../../packages/sgmrl/src/meta-gradient/unit.ts";
import type { Policy } from "../../../packages/sgmrl/src/policy/policy.ts";
import { drawNoise } from "../../../packages/sgmrl/src/sampling/rollout.ts";
import type { Experiment } from "../../../packages/sgmrl/src/settings.ts";
import { openPyTorch, whyNoPyTorch } from "../native/pytorch.ts";
import type { Tensor } from "../policy-loss/problem.ts";
import type { Absent } from "../run-suites.ts";
import { assertAgrees } from "../support/agree.ts";
import { measureBeside } from "../support/measure.ts";
import { type Comparison, round } from "../support/report.ts";
import { ours } from "./meta-iteration.ts";

const { experiment, tasks } = presets["paper-navigation"]!;

/** Of float32 against our float64, relative to the largest number. Rounding moves the states, and the estimates with them. */
const tolerances = { maml: 1e-6, sgmrl: 2e-4 };

/** Tasks that PyTorch differentiates at a time. */
const together = [5, 20];

export async function pytorchMetaIterations(quick: boolean): Promise<Comparison[] | Absent> {
  const absent = whyNoPyTorch();
  if (absent !== undefined) return { absent };
  const opened = await Promise.all(
    together.map(async (atOnce) => ({ atOnce, torch: await openPyTorch("kept") })),
  );
  const comparisons: Comparison[] = [];
  for (const name of ["maml", "sgmrl"] as const) {
    const settings: Experiment = { ...experiment, estimator: { name }, precision: "float32" };
    const parts = partsOf(settings);
    const theta = createUnit(parts).initialize(fold(key(0), 1));
    const expected = ours({ ...settings, precision: "float64" }, tasks)(theta);
    const [strict, relaxed] = (["strict", "relaxed"] as const).map((arithmetic) => {
      const run = ours({ ...settings, arithmetic }, tasks);
      return { name: `sgmrl wasm float32, ${arithmetic}`, run: () => run(theta) };
    }) as [Ours, Ours];
    const errors: Record<string, number> = {};
    const check = (who: string, gradient: ArrayLike<number>): void => {
      const error = assertAgrees(`${who}, ${name}`, [gradient], [expected], tolerances[name]);
      errors[`error of ${who}`] = round(error);
    };
    for (const own of [strict, relaxed]) check(own.name, own.run());
    const elsewhere = [];
    for (const { atOnce, torch } of opened) {
      const who = `PyTorch ${torch.version}, ${atOnce} at a time`;
      const given = [...problem(settings, parts.policy, parts.environment, theta), scalars(settings, atOnce)];
      check(who, (await torch.prepare(name, given))[0]!);
      elsewhere.push({ name: who, turn: torch.turn });
    }
    comparisons.push({
      title: `beside PyTorch, meta-iteration, ${name}: ${tasks} tasks x 20 trajectories x 100 steps, 2-100-100-2`,
      timings: await measureBeside([strict, relaxed], elsewhere, {
        rounds: quick ? 3 : 7,
        turn: 500,
        warmUp: 100,
        warmUpCalls: 1,
      }),
      notes: errors,
    });
  }
  for (const { torch } of opened) torch.close();
  return comparisons;
}

interface Ours {
  readonly name: string;
  readonly run: () => Float64Array;
}

/** θ by blocks, the tasks' goals, and the noise of D_1 and D_o, as `ours` draws them. */
function problem(
  { inner, outer }: Experiment,
  policy: Policy,
  environment: Environment,
  theta: Float64Array,
): Tensor[] {
  const blocks = policy.layout.blocks.map(({ shape, start, stop }) => ({
    shape: [...shape],
    values: theta.slice(start, stop),
  }));
  const { horizon } = findEnvironment(experiment.environment);
  const each = Array.from({ length: tasks }, (_, i) => i);
  const goals = each.flatMap((i) => (environment.family.sample(fold(key(1), i)) as { goal: number[] }).goal);
  const noises = [inner.trajectories, outer.trajectories].map((trajectories, t) => ({
    shape: [tasks, trajectories, horizon, policy.actionWidth],
    values: Float64Array.from(
      each.flatMap((i) =>
        drawNoise(policy, fold(fold(key(2), i), t + 1), trajectories, horizon).actions.flatMap((x) => [...x]),
      ),
    ),
  }));
  return [...blocks, { shape: [tasks, 2], values: Float64Array.from(goals) }, ...noises];
}

/** α, γ and the tasks at a time. */
function scalars({ inner, environment }: Experiment, atOnce: number): Tensor {
  const { discount } = findEnvironment(environment);
  return { shape: [3], values: Float64Array.of(inner.stepSize, discount, atOnce) };
}
