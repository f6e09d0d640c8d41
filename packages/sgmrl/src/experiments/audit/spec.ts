import { EnvironmentError } from "@sgmrl/envs";
import { z } from "zod";
import { type EstimateField, estimateConflicts } from "../../config/combinations.ts";
import { InputError } from "../../errors.ts";
import { type ExactProblem, normalizedTasks } from "../../exact/problem.ts";
import { expectation, fieldsOf, issuesText } from "../../files/schema-errors.ts";
import { estimatorTable } from "../../meta-gradient/catalogue.ts";
import { settings } from "../../settings.ts";

/** The input of an audit: a tabular problem, and the estimators to measure on it. */
export interface AuditSpec {
  readonly problem: ExactProblem;
  /** Names in the table of estimators; all of them if absent. */
  readonly estimators?: readonly string[];
  /** Number of groups of the jackknife. */
  readonly groups?: number;
}

/**
 * Far beyond what can be enumerated or sampled, yet small enough that no loop runs for hours before it is
 * refused.
 */
const most = { horizon: 100_000, steps: 1_000, trajectories: 1_000_000 } as const;

const { inner, outer } = settings.experiment;
const numbers = z.array(z.number());
const mdp = z.strictObject({
  initial: numbers,
  transitions: z.array(z.array(numbers)),
  rewards: z.array(numbers),
  terminal: z.exactOptional(z.array(z.boolean())),
  horizon: z.int().min(1).max(most.horizon),
  discount: z.number().min(0).max(1),
});
const count = z.int().min(1).max(most.trajectories);

const schema = z
  .strictObject({
    mdp: z.exactOptional(mdp),
    tasks: z.exactOptional(z.array(z.strictObject({ weight: z.number().positive(), mdp })).min(1)),
    theta: z.array(numbers.min(1)).min(1),
    features: z.exactOptional(z.array(numbers.min(1)).min(1)),
    inner: z.strictObject({
      stepSize: z.number(),
      steps: z.int().min(0).max(most.steps),
      trajectories: count,
      advantage: z.exactOptional(z.enum(inner.advantage.type)),
      convention: z.exactOptional(z.enum(inner.convention.type)),
      gaeLambda: z.exactOptional(z.number().min(0).max(1)),
    }),
    outerTrajectories: count,
    outer: z.exactOptional(
      z.strictObject({
        baseline: z.exactOptional(z.enum(outer.baseline.type)),
        advantage: z.exactOptional(z.enum(outer.advantage.type)),
        gaeLambda: z.exactOptional(z.number().min(0).max(1)),
      }),
    ),
    estimators: z.exactOptional(
      z
        .array(z.enum(Object.keys(estimatorTable())))
        .min(1)
        .refine((names) => new Set(names).size === names.length, "expected each estimator once"),
    ),
    groups: z.exactOptional(z.int().min(2)),
  })
  .refine((spec) => (spec.mdp === undefined) !== (spec.tasks === undefined), {
    error: 'give either "mdp", for one task, or "tasks", a list of { "weight", "mdp" }',
  });

/** Runs `compute`, and reports its errors about a problem as errors of the spec. */
export function blamingSpec<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof EnvironmentError)
      throw new InputError(error.message.replace(/^exact(: |$)/, "spec: "));
    throw error;
  }
}

/**
 * Checks parsed JSON. All errors are reported at once, each with its place in the file.
 *
 * Errors  InputError, with one line per error
 */
export function parseAuditSpec(json: unknown): AuditSpec {
  const result = schema.safeParse(json, { error: expectation });
  if (!result.success)
    throw new InputError(
      issuesText(
        result.error.issues,
        json,
        (path) => `spec.${path}`.replace(/\.(\d+|$)/g, (_, index) => (index === "" ? "" : `[${index}]`)),
        (path) => fieldsOf(schema, path),
      ),
    );
  const {
    mdp: only,
    tasks,
    theta,
    features,
    inner,
    outerTrajectories,
    outer,
    estimators,
    groups,
  } = result.data;
  const problem: ExactProblem = {
    tasks: tasks ?? [{ weight: 1, mdp: only! }], // one of the two, by the schema
    theta,
    ...(features === undefined ? {} : { features }),
    inner,
    outerTrajectories,
    ...(outer === undefined ? {} : { outer }),
  };
  blamingSpec(() => normalizedTasks(problem));
  const table = estimatorTable(groups);
  const computed = estimators?.map((name) => table[name]!) ?? Object.values(table); // names of the table, by the schema
  const nameOf = (field: EstimateField): string =>
    field === "outer.trajectories" ? "outerTrajectories" : field;
  const conflicts = estimateConflicts(
    { inner, outer: { ...outer, trajectories: outerTrajectories }, groups, estimators: computed },
    nameOf,
  );
  if (conflicts.length > 0)
    throw new InputError(conflicts.map(({ path, reason }) => `spec.${nameOf(path)}: ${reason}.`).join("\n"));
  return {
    problem,
    ...(estimators === undefined ? {} : { estimators }),
    ...(groups === undefined ? {} : { groups }),
  };
}
