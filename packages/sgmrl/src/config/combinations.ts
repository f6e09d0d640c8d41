/**
 * Settings that are valid alone but not together: one that would be ignored or meaningless is refused by
 * name.
 */

import { estimators } from "../meta-gradient/catalogue.ts";
import type { Estimator } from "../meta-gradient/estimator.ts";
import { environmentOf, estimatorOf } from "../meta-gradient/parts.ts";
import type { Damping } from "../meta-gradient/reparameterised/damped-sweep.ts";
import { growing, leftOut, notDifferentiable, notSoftened, notWarped } from "../sampling/simulator.ts";
import type { RunConfig } from "../settings.ts";

/** A setting that is incompatible with the others: its path, and the reason. */
export interface Conflict {
  readonly path: string;
  readonly reason: string;
}

const otherBits =
  "With relaxed arithmetic another processor, or another version of Node, may give other bits for the same seed.";

/** What the user should know about a valid combination before it runs; null if nothing. */
export function cautionOf({ experiment }: RunConfig): string | null {
  const { differentiates = false, warps = false, damping } = estimatorOf(experiment);
  const environment = environmentOf(experiment);
  const cautions = [
    differentiates && !warps ? leftOut(environment) : null,
    differentiates && damping === undefined ? growing(environment) : null,
    experiment.arithmetic === "relaxed" ? otherBits : null,
  ].filter((caution) => caution !== null);
  return cautions.length === 0 ? null : cautions.join(" ");
}

/** The names in the catalogue whose estimators are so, as in a sentence. */
function namesOf(are: (estimator: Estimator) => boolean): string {
  return Object.values(estimators)
    .filter(are)
    .map(({ name }) => name)
    .join(", ");
}

export function conflicts({ experiment, tasks, taskSampling }: RunConfig): readonly Conflict[] {
  const { environment: environmentName, policy, estimator: settings, inner, outer } = experiment;
  const { name, groups, damping, clip, clipBy, contactDepth, scoreCoefficient, scoreEvery } = settings;
  const environment = environmentOf(experiment);
  const estimator = estimatorOf(experiment);
  const found: Conflict[] = [];
  const refuseIf = (wrong: boolean, path: string, reason: string): void => {
    if (wrong) found.push({ path, reason });
  };
  const scored = estimator.score !== null;

  refuseIf(
    experiment.arithmetic === "relaxed" && experiment.backend !== "wasm",
    "experiment.arithmetic",
    `the backend ${experiment.backend} has no relaxed arithmetic; wasm has (--backend)`,
  );
  refuseIf(
    groups !== undefined && groups !== estimator.groups,
    "experiment.estimator.groups",
    `${name} does not leave out groups of trajectories; ${namesOf((one) => one.groups !== undefined)} do`,
  );
  for (const [setting, value] of Object.entries({ damping, clip, clipBy, contactDepth }))
    refuseIf(
      value !== undefined && value !== estimator.damping?.[setting as keyof Damping],
      `experiment.estimator.${setting}`,
      `${name} does not damp, clip or soften derivatives; only ${namesOf((one) => one.damping !== undefined)} does`,
    );
  const firm =
    contactDepth !== undefined && contactDepth === estimator.damping?.contactDepth
      ? notSoftened(environment, contactDepth)
      : null;
  refuseIf(firm !== null, "experiment.estimator.contactDepth", `${firm}`);
  const why = estimator.differentiates ? notDifferentiable(environment) : null;
  refuseIf(why !== null, "experiment.estimator.name", `${name} differentiates data in θ, but ${why}`);
  const unwarped = estimator.warps && why === null ? notWarped(environment) : null;
  refuseIf(
    unwarped !== null,
    "experiment.estimator.name",
    `${name} counts what crosses a jump, but ${unwarped}`,
  );
  refuseIf(
    groups !== undefined && groups === estimator.groups && groups > inner.trajectories,
    "experiment.estimator.groups",
    `${inner.trajectories} trajectories cannot form ${groups} groups (--inner-trajectories)`,
  );
  refuseIf(
    scoreCoefficient !== undefined && !scored,
    "experiment.estimator.scoreCoefficient",
    `${name} has no score term for it to multiply`,
  );
  refuseIf(
    (scoreEvery ?? 1) > 1 && !scored,
    "experiment.estimator.scoreEvery",
    `${name} has no score term to leave out`,
  );
  refuseIf(
    (scoreEvery ?? 1) > 1 && taskSampling !== "lattice",
    "experiment.estimator.scoreEvery",
    `above 1 it needs evenly spread tasks: --task-sampling lattice`,
  );
  refuseIf(
    (scoreEvery ?? 1) > 1 && scored && scoreCoefficient === 0,
    "experiment.estimator.scoreEvery",
    "with a coefficient of 0 no task computes its score term (--score-coefficient)",
  );
  refuseIf(
    (scoreEvery ?? 1) > tasks,
    "experiment.estimator.scoreEvery",
    `there are only ${tasks} tasks in a batch (--tasks)`,
  );
  refuseIf(
    policy.initialStd !== undefined && policy.kind === "categorical-mlp",
    "experiment.policy.initialStd",
    `the actions of ${environmentName} are discrete: they have no standard deviation`,
  );
  refuseIf(
    outer.baseline !== undefined && outer.trajectories === 1,
    "experiment.outer.baseline",
    "with a single trajectory there are no others to form a baseline (--outer-trajectories)",
  );
  refuseIf(
    outer.baseline !== undefined && outer.advantage !== undefined,
    "experiment.outer.baseline",
    `${outer.advantage} fits a baseline of its own (--outer-advantage)`,
  );
  refuseIf(
    outer.gaeLambda !== undefined && outer.advantage === undefined,
    "experiment.outer.gaeLambda",
    "returns minus a baseline have no λ; use it with --outer-advantage standardised-gae",
  );
  refuseIf(
    outer.advantage !== undefined && scored && !estimator.ofGradientScale,
    "experiment.outer.advantage",
    `${name} adds returns times scores to a gradient of standardised advantages, which has another scale. ` +
      `Use an estimator without a score term, or one of ${namesOf((one) => one.ofGradientScale === true)}`,
  );
  refuseIf(
    inner.gaeLambda !== undefined && !inner.advantage.endsWith("gae"),
    "experiment.inner.gaeLambda",
    `the advantage "${inner.advantage}" has no λ; "gae" and "standardised-gae" have (--advantage)`,
  );
  refuseIf(
    inner.trajectories === 1 &&
      (inner.advantage === "leave-one-out" || estimator.comparesTrajectories === true),
    inner.advantage === "leave-one-out" ? "experiment.inner.advantage" : "experiment.estimator.name",
    "with a single trajectory there are no others whose mean could be subtracted (--inner-trajectories)",
  );
  refuseIf(
    tasks === 1 && estimator.taskMultipliers !== undefined,
    "experiment.estimator.name",
    `${name} compares the tasks of a batch; there is only one (--tasks)`,
  );
  refuseIf(
    taskSampling === "lattice" && environment.family.cube === undefined,
    "taskSampling",
    `the tasks of ${environmentName} (${environment.family.description}) cannot be laid out on a lattice; ` +
      'use "independent"',
  );
  return found;
}
