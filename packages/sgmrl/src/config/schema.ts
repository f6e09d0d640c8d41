import { environments } from "@sgmrl/envs";
import { z } from "zod";
import { advantages } from "../inner/advantage.ts";
import { estimatorTable } from "../meta-gradient/catalogue.ts";
import type { AdvantageName, Experiment } from "../meta-gradient/experiment.ts";
import { configVersion, type RunConfig } from "./run-config.ts";

const positive = z.number().positive();
const count = z.int().min(1);
const fraction = z.number().min(0).max(1);
const decay = z.number().min(0).lt(1);

export const experimentSchema: z.ZodType<Experiment> = z.strictObject({
  environment: z.enum(Object.keys(environments)),
  policy: z.strictObject({
    kind: z.enum(["gaussian-mlp", "categorical-mlp"]),
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
  outer: z.strictObject({ trajectories: count }),
  estimator: z.strictObject({
    name: z.enum(Object.keys(estimatorTable())),
    scoreCoefficient: z.exactOptional(
      z.union([fraction, z.literal("auto")], { error: 'expected a number from 0 to 1, or "auto"' }),
    ),
    scoreEvery: z.exactOptional(count),
    groups: z.exactOptional(z.int().min(2)),
  }),
  backend: z.enum(["wasm", "reference"]),
  precision: z.enum(["float64", "float32"]),
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
