import { z } from "zod";
import type { AdvantageName } from "../inner/advantage.ts";
import { advantages } from "../inner/advantage.ts";
import type { Experiment } from "../meta-gradient/experiment.ts";
import { asObject, builtIn } from "../meta-gradient/parts.ts";
import { configVersion, type RunConfig } from "./run-config.ts";

const positive = z.number().positive();
const count = z.int().min(1);
const fraction = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
const decay = z.number().min(0).lt(1);

const experimentFields = z.strictObject({
  environment: z.string(),
  policy: z.strictObject({
    kind: z.string(),
    hidden: z.array(count),
    initialStd: z.exactOptional(positive),
  }),
  horizon: z.exactOptional(count),
  discount: z.exactOptional(fraction),
  inner: z.strictObject({
    steps: count,
    stepSize: positive,
    trajectories: count,
    advantage: z.enum(Object.keys(advantages) as AdvantageName[]), // the table's keys are the type
    gaeLambda: z.exactOptional(fraction),
    convention: z.enum(["paper", "timestep-mean"]),
  }),
  outer: z.strictObject({ trajectories: count, baseline: z.exactOptional(z.enum(["mean", "fitted"])) }),
  estimator: z.strictObject({
    name: z.string(),
    scoreCoefficient: z.exactOptional(
      z.union([fraction, z.literal("auto")], { error: 'expected a number from 0 to 1, or "auto"' }),
    ),
    scoreEvery: z.exactOptional(count),
    groups: z.exactOptional(z.int().min(2)),
  }),
  backend: z.enum(["wasm", "reference"]),
  precision: z.enum(["float64", "float32"]),
  modules: z.exactOptional(z.record(z.string(), z.union([sha256, z.literal(asObject)]))),
});

/** Names are those of the registries, or have a module. */
export const experimentSchema: z.ZodType<Experiment> = experimentFields.check(({ value, issues }) => {
  const { environment, policy, estimator, modules = {} } = value;
  const names: readonly (readonly [keyof typeof builtIn, string, string[]])[] = [
    ["environment", environment, ["environment"]],
    ["policy", policy.kind, ["policy", "kind"]],
    ["estimator", estimator.name, ["estimator", "name"]],
  ];
  for (const [place, name, path] of names) {
    const known: readonly string[] = builtIn[place];
    if (known.includes(name) || Object.hasOwn(modules, name)) continue;
    issues.push({ code: "invalid_value", values: [...known], input: name, path });
  }
  for (const name of Object.keys(modules))
    if (!names.some(([, used]) => used === name))
      issues.push({
        code: "custom",
        message: "names no part of this experiment",
        input: name,
        path: ["modules", name],
      });
});

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    learningRate: positive,
    beta1: decay,
    beta2: decay,
    epsilon: positive,
  }),
  z.strictObject({ name: z.literal("sgd"), learningRate: positive, momentum: decay }),
]);

/** What a valid config is. Unknown fields are refused: a misspelt one must not pass for a default. */
export const runConfigSchema: z.ZodType<RunConfig> = z.strictObject({
  version: z.literal(configVersion),
  experiment: experimentSchema,
  seed: z.int().min(0),
  start: z.exactOptional(z.strictObject({ run: z.string().min(1), iteration: z.int().min(0), sha256 })),
  iterations: count,
  tasks: count,
  taskSampling: z.exactOptional(z.enum(["independent", "lattice"])),
  optimizer,
  evaluation: z.strictObject({
    every: count,
    tasks: z.int().min(2),
    finalTasks: z.int().min(2),
    steps: count,
  }),
  checkpointEvery: count,
});
