/**
 * Settings that are valid alone but not together: one that would be ignored or meaningless is refused by
 * name.
 */

import { estimators } from "../meta-gradient/catalogue.ts";
import type { Estimator } from "../meta-gradient/estimator.ts";
import { environmentOf, estimatorOf } from "../meta-gradient/parts.ts";
import type { Damping } from "../meta-gradient/reparameterised/damped-sweep.ts";
import { growing, leftOut, notDifferentiable, notSoftened, notWarped } from "../sampling/simulator.ts";
import type { InnerSettings, OuterRule, RunConfig } from "../settings.ts";
import { options } from "./options.ts";

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

/** What the data of an update and of an estimate are made into, in a run or in the spec of an audit. */
export interface EstimateSettings {
  readonly inner: Pick<InnerSettings, "trajectories"> & Partial<InnerSettings>;
  readonly outer: OuterRule & { readonly trajectories: number };
  readonly groups: number | undefined;
  /** Those that are computed. */
  readonly estimators: readonly Pick<Estimator, "name" | "groups">[];
}

/** A field of them that a message may name. */
export type EstimateField =
  | `inner.${"advantage" | "gaeLambda" | "trajectories"}`
  | `outer.${"advantage" | "baseline" | "gaeLambda" | "trajectories"}`
  | "groups";

/** Those that need neither a policy nor an environment. `nameOf`: what the user calls a field. */
export function estimateConflicts(
  { inner, outer, groups, estimators: computed }: EstimateSettings,
  nameOf: (field: EstimateField) => string,
): readonly (Conflict & { readonly path: EstimateField })[] {
  const { trajectories: N, advantage = "reward-to-go", gaeLambda } = inner;
  const found: (Conflict & { readonly path: EstimateField })[] = [];
  const refuseIf = (wrong: boolean, path: EstimateField, reason: string): void => {
    if (wrong) found.push({ path, reason });
  };
  const isRead = computed.some((estimator) => estimator.groups === groups);
  refuseIf(
    groups !== undefined && !isRead,
    "groups",
    `${computed.map(({ name }) => name).join(", ")} ${computed.length === 1 ? "does" : "do"} not leave out groups of trajectories; ` +
      `${namesOf((one) => one.groups !== undefined)} do`,
  );
  refuseIf(
    groups !== undefined && isRead && groups > N,
    "groups",
    `${N} trajectories cannot form ${groups} groups (${nameOf("inner.trajectories")})`,
  );
  refuseIf(
    gaeLambda !== undefined && !advantage.endsWith("gae"),
    "inner.gaeLambda",
    `the advantage "${advantage}" has no λ; "gae" and "standardised-gae" have (${nameOf("inner.advantage")})`,
  );
  refuseIf(
    advantage === "leave-one-out" && N === 1,
    "inner.advantage",
    `with a single trajectory there are no others whose mean could be subtracted (${nameOf("inner.trajectories")})`,
  );
  refuseIf(
    outer.baseline !== undefined && outer.trajectories === 1,
    "outer.baseline",
    `with a single trajectory there are no others to form a baseline (${nameOf("outer.trajectories")})`,
  );
  refuseIf(
    outer.baseline !== undefined && outer.advantage !== undefined,
    "outer.baseline",
    `${outer.advantage} fits a baseline of its own (${nameOf("outer.advantage")})`,
  );
  refuseIf(
    outer.gaeLambda !== undefined && outer.advantage === undefined,
    "outer.gaeLambda",
    `returns minus a baseline have no λ; use it with ${nameOf("outer.advantage")} standardised-gae`,
  );
  return found;
}

/** Where a run has a field of `EstimateSettings`. */
function pathInRun(field: EstimateField): string {
  return field === "groups" ? "experiment.estimator.groups" : `experiment.${field}`;
}

/** Every conflict of a run. */
export function conflicts({ experiment, tasks, taskSampling }: RunConfig): readonly Conflict[] {
  const { environment: environmentName, policy, estimator: settings, inner, outer } = experiment;
  const { name, groups, damping, clip, clipBy, contactDepth, scoreCoefficient, scoreEvery } = settings;
  const environment = environmentOf(experiment);
  const estimator = estimatorOf(experiment);
  const found: Conflict[] = estimateConflicts(
    { inner, outer, groups, estimators: [{ ...estimator, name }] },
    (field) => options.find(({ path }) => path === pathInRun(field))!.flag, // of each of these fields
  ).map(({ path, reason }) => ({ path: pathInRun(path), reason }));
  const refuseIf = (wrong: boolean, path: string, reason: string): void => {
    if (wrong) found.push({ path, reason });
  };
  const scored = estimator.score !== null;

  refuseIf(
    experiment.arithmetic === "relaxed" && experiment.backend !== "wasm",
    "experiment.arithmetic",
    `the backend ${experiment.backend} has no relaxed arithmetic; wasm has (--backend)`,
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
    outer.advantage !== undefined && scored && !estimator.ofGradientScale,
    "experiment.outer.advantage",
    `${name} adds returns times scores to a gradient of standardised advantages, which has another scale. ` +
      `Use an estimator without a score term, or one of ${namesOf((one) => one.ofGradientScale === true)}`,
  );
  refuseIf(
    inner.trajectories === 1 && estimator.comparesTrajectories === true,
    "experiment.estimator.name",
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
