/**
 * How derivatives grow along the trajectories of each robot in a plane, before and after training, and how noisy the score
 * term through its simulator is there. The ant observes contact forces, which have no derivative.
 */
import { areaY, lineY } from "@observablehq/plot";
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import {
  type Environment,
  latticeTaskKeys,
  robots,
  sampleTask,
  swimmerVelocity,
  trainingTaskKey,
} from "@sgmrl/envs";
import { mean } from "../../../arithmetic.ts";
import { adaptOnly } from "../../../inner/adapt.ts";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import { partsOf } from "../../../meta-gradient/parts.ts";
import { taskSetting } from "../../../meta-gradient/task-setting.ts";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import { drawNoise } from "../../../sampling/rollout.ts";
import { type TaskSampler, taskSampler } from "../../../sampling/task-sampler.ts";
import type { Experiment } from "../../../settings.ts";
import type { Estimate } from "../../../statistics/confidence.ts";
import { returns } from "../../../trajectory.ts";
import { Blocks, overBlocks } from "../frontier/blocks.ts";
import { drawEstimates } from "../frontier/draws.ts";
import { kept, type Study } from "../study.ts";
import { type Controls, growth, type Quantiles, quantiles } from "./growth.ts";
import { type ChangedExperiment, trainedBy } from "./trained.ts";

export interface Robot {
  readonly robot: string;
  /** Iterations of MAML. */
  readonly iterations: number;
  /** Its experiment, where it differs from that of half-cheetah-short. */
  readonly changed: ChangedExperiment;
  /** The first coordinates, on which nothing depends: x, of the swimmer also y. */
  readonly skipped: number;
  /** The same without limits of its joints. */
  readonly withoutLimits?: () => Environment;
}

/** The swimmer with joints that turn freely. */
function freeSwimmer(): Environment {
  const bodies = robots.swimmer.bodies.map((body) => ({
    ...body,
    joints: body.joints.map((joint) => {
      if (!("range" in joint)) return joint;
      const { range: _, ...free } = joint;
      return free;
    }),
  }));
  return swimmerVelocity({ ...robots.swimmer, bodies }) as Environment;
}

/**
 * At the horizon and discount of half-cheetah-short, hopper and walker learn to fall as far as they can: a later fall must
 * cost more than the way that it gains.
 */
const upright = { discount: 0.998, inner: { trajectories: 20 } } as const;

export const planar: readonly Robot[] = [
  {
    robot: "half-cheetah",
    iterations: 40,
    changed: { environment: "half-cheetah-direction" },
    skipped: 1,
  },
  {
    robot: "swimmer",
    iterations: 60,
    changed: { environment: "swimmer-velocity" },
    skipped: 2,
    withoutLimits: freeSwimmer,
  },
  {
    robot: "hopper",
    iterations: 120,
    changed: { environment: "hopper-parameters", horizon: 300, ...upright },
    skipped: 1,
  },
  {
    robot: "walker2d",
    iterations: 100,
    changed: { environment: "walker2d-direction", horizon: 250, ...upright },
    skipped: 1,
  },
];

const lags = [1, 2, 5, 10, 20, 50, 100] as const;
/** Over fewer starts no quantile is given. */
const fewest = 20;
const compared = ["maml", "reparameterised", "reparameterised-damped"] as const;
const draws = 40;
const blocks = 20;

interface Size {
  readonly tasks: number;
  /** Of each task. */
  readonly trajectories: number;
  readonly lags: readonly number[];
}

interface GrowthRow extends Quantiles {
  readonly controls: Controls;
  /** k, in environment steps. */
  readonly lag: number;
  readonly starts: number;
}

/** Along trajectories of one policy on each task. */
export interface GaitRecord {
  /** Mean return and steps of an episode, and the share of episodes that end before the horizon. */
  readonly return: number;
  readonly length: number;
  readonly ended: number;
  readonly growth: readonly GrowthRow[];
}

interface Walk {
  readonly sampler: TaskSampler;
  readonly theta: Float64Array;
}

/**
 * Before adaptation, and after one step on the data of each task. The tasks lie on a lattice, and every policy sees the
 * same noise.
 */
export function alongGaits(
  experiment: Omit<Experiment, "estimator">,
  theta: Float64Array,
  skipped: number,
  { tasks, trajectories, lags }: Size,
): { readonly before: GaitRecord; readonly after: GaitRecord } {
  const { environment, policy, update, horizon, sampler } = taskSetting(
    partsOf({ ...experiment, precision: "float64", estimator: { name: "reparameterised" } }),
    wasm,
  );
  const walks = latticeTaskKeys(key(500), 0, tasks).map((taskKey, i) => {
    const adapting = sampler(sampleTask(environment.family, taskKey), fold(key(501), i), 1);
    const noise = drawNoise(policy, fold(key(502), i), trajectories, horizon ?? environment.horizon);
    return {
      sampler: taskSampler(adapting, [noise]),
      adapted: adaptOnly(update, theta, 1, adapting.sample).adapted,
    };
  });
  const record = (of: readonly Walk[]) => gaitRecord(of, skipped, lags);
  return {
    before: record(walks.map(({ sampler }) => ({ sampler, theta }))),
    after: record(walks.map(({ sampler, adapted }) => ({ sampler, theta: adapted }))),
  };
}

function gaitRecord(walks: readonly Walk[], skipped: number, lags: readonly number[]): GaitRecord {
  const batches = walks.map(({ sampler, theta }) => sampler.sample(theta, 1));
  const lengths = batches.flatMap((batch) => [...batch.lengths]);
  const { horizon } = batches[0]!;
  return {
    return: mean(batches.flatMap((batch) => [...returns(batch, 1)])),
    length: mean(lengths),
    ended: lengths.filter((length) => length < horizon).length / lengths.length,
    growth: (["of the policy", "held"] as const).flatMap((controls) => {
      const found = walks.map(({ sampler, theta }, i) =>
        growth(sampler, theta, batches[i]!, lags, skipped, controls),
      );
      return lags.flatMap((lag, l) => {
        const values = found.flatMap((own) => own[l]!);
        return values.length < fewest ? [] : [{ controls, lag, starts: values.length, ...quantiles(values) }];
      });
    }),
  };
}

interface DeviationRow {
  readonly estimator: string;
  /** √tr cov of one task's estimate. */
  readonly deviation: Estimate;
}

function deviations(
  experiment: Experiment,
  theta: Float64Array,
  i: number,
  environment?: Environment,
): DeviationRow[] {
  const tasks = Array.from({ length: draws }, (_, n) => trainingTaskKey(key(510 + i), 0, n));
  const estimators = compared.map((name) => findEstimator(name));
  const { estimates } = drawEstimates(
    experiment,
    theta,
    estimators,
    tasks,
    key(520 + i),
    undefined,
    environment,
  );
  return compared.map((estimator) => {
    const all = new Blocks(estimates.get(estimator)!, blocks);
    return {
      estimator,
      deviation: overBlocks(blocks, (without) => Math.sqrt(all.moments(without).variance)),
    };
  });
}

interface RobotStage {
  /** Of MAML, that led to θ. */
  readonly iterations: number;
  /** Mean returns on held-out tasks, before and after one step. */
  readonly returns: readonly Estimate[];
  readonly before: GaitRecord;
  readonly after: GaitRecord;
  readonly deviations: readonly DeviationRow[];
  /** At the same θ, of the robot without limits of its joints. */
  readonly withoutLimits?: readonly DeviationRow[];
}

interface RobotRow {
  readonly robot: string;
  readonly environment: string;
  readonly horizon: number;
  readonly stages: readonly RobotStage[];
}

export const growthStudy: Study<readonly RobotRow[]> = {
  name: "growth",
  summary:
    "how derivatives grow along trajectories of four robots before and after training, and the noise they make",
  async run(progress, folder) {
    const rows: RobotRow[] = [];
    for (const { robot, changed, iterations: last, skipped, withoutLimits } of planar) {
      progress(`${robot}: training`);
      const iterations = [0, last];
      const { thetas, evaluations, experiment } = await trainedBy(folder, robot, changed, iterations);
      const stages = iterations.map((k, i): RobotStage => {
        const returns = evaluations.find(({ iteration }) => iteration === k)!.returns;
        const measured = kept(folder, `${robot}-after-${k}`, () => {
          progress(`${robot}: after ${k} iterations`);
          return {
            ...alongGaits(experiment, thetas[i]!, skipped, { tasks: 10, trajectories: 2, lags }),
            deviations: deviations(experiment, thetas[i]!, i),
          };
        });
        const free =
          withoutLimits &&
          kept(folder, `${robot}-without-limits-after-${k}`, () =>
            deviations(experiment, thetas[i]!, i, withoutLimits()),
          );
        return { iterations: k, returns, ...measured, ...(free ? { withoutLimits: free } : {}) };
      });
      rows.push({ robot, environment: experiment.environment, horizon: experiment.horizon!, stages });
    }
    return rows;
  },
  draw: (rows) => [growthFigure(rows)],
};

function growthFigure(rows: readonly RobotRow[]): Figure {
  const series = ["untrained", "trained", "trained, after one step"] as const;
  const points = rows.flatMap(({ robot, stages: [first, last] }) =>
    [first!.before, last!.before, last!.after].flatMap(({ growth: found }, i) =>
      found.map((one) => ({ ...one, robot, series: series[i] })),
    ),
  );
  const at = { x: "lag", fx: "robot" } as const;
  return {
    name: "growth",
    title: "Derivatives along trajectories, before and after training",
    caption:
      "Largest singular value of ∂s_{t+k}/∂s_t: median and 95% of starts with the policy in the loop, dashed the median with controls held; cut at 10⁻⁴ and 10⁶.",
    legend: [
      ...series.map((label, i) => ({ label, color: seriesColor(i) })),
      { label: "controls held", color: "var(--ink)", dashed: true },
    ],
    width: 720,
    plot: {
      height: 330,
      marginBottom: 42,
      x: { type: "log", label: "environment steps k", ticks: [1, 10, 100], tickFormat: String },
      // Half-cheetah's go on to 10²⁴: on their scale nothing is seen of the others.
      y: {
        label: "log₁₀ of the largest singular value",
        labelAnchor: "center",
        domain: [-4, 6],
        grid: true,
        ticks: 6,
      },
      fx: { label: null, domain: rows.map(({ robot }) => robot), padding: 0.14 },
      clip: true,
      marks: series.flatMap((name, i) => {
        const own = points.filter((one) => one.series === name);
        const looped = own.filter(({ controls }) => controls === "of the policy");
        const held = own.filter(({ controls }) => controls === "held");
        const stroke = seriesColor(i);
        return [
          areaY(looped, { ...at, y1: "median", y2: "high", fill: stroke, fillOpacity: 0.2 }),
          lineY(looped, { ...at, y: "median", stroke, strokeWidth: 2 }),
          lineY(held, { ...at, y: "median", stroke, strokeDasharray: "4 3" }),
        ];
      }),
    },
  };
}
