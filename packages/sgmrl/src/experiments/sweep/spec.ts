import { z } from "zod";
import { options } from "../../config/options.ts";
import { defaultPreset, presets } from "../../config/presets.ts";
import { leaves, type Tree } from "../../config/tree.ts";
import { InputError } from "../../errors.ts";
import { expectation, fieldsOf, issuesText } from "../../files/schema-errors.ts";
import { didYouMean } from "../../wording.ts";

/** The content of a sweep file: list × grid × seeds, on top of the shared settings. */
export interface SweepSpec {
  /** The preset that settings start from. */
  readonly preset: string;
  /** Settings shared by all runs: any part of a config. */
  readonly config: Tree;
  readonly list: readonly ListEntry[];
  readonly grid: readonly Axis[];
  readonly seeds: readonly number[];
}

export interface ListEntry {
  readonly name: string;
  readonly config: Tree;
}

/** A field of the config and its values. */
export interface Axis {
  /** Its name in the file: a flag of `train` without dashes, or a path. */
  readonly name: string;
  readonly path: string;
  readonly values: readonly AxisValue[];
}

export type AxisValue = number | string | readonly number[];

const tree = z.record(z.string(), z.unknown());
const value = z.union([z.number(), z.string(), z.array(z.number())], {
  error: 'expected a number, a string or a list of numbers (use "list" for anything else)',
});
const distinct = <T>(items: readonly T[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size === items.length;

const schema = z.strictObject({
  preset: z.enum(Object.keys(presets)).default(defaultPreset),
  config: tree.default({}),
  list: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9][\w.=+-]*$/, "expected a letter or digit, then letters, digits and . _ = + -"),
        config: tree.default({}),
      }),
    )
    .min(1)
    .refine((entries) => distinct(entries.map(({ name }) => name)), "expected each name once")
    .default([]),
  grid: z.record(z.string(), z.array(value).min(1).refine(distinct, "expected each value once")).default({}),
  seeds: z.array(z.int().min(0)).min(1).refine(distinct, "expected each seed once"),
});

/** More runs than anybody would wait for. */
const mostRuns = 20_000;

/** Checks parsed JSON. All errors are reported at once, each with its place in the file. */
export function parseSweepSpec(json: unknown): SweepSpec {
  const result = schema.safeParse(json, { error: expectation });
  if (!result.success)
    throw new InputError(
      issuesText(
        result.error.issues,
        json,
        (path) => path || "the sweep",
        (path) => fieldsOf(schema, path),
      ),
    );
  const { grid, ...rest } = result.data;
  for (const [place, config] of [
    ["config", rest.config],
    ...rest.list.map((entry, i) => [`list.${i}.config`, entry.config] as const),
  ] as const)
    if ("seed" in config)
      throw new InputError(`${place}.seed: list the seeds of a sweep in its field "seeds".`);
  const axes = Object.entries(grid).map(([name, values]) => ({ name, path: pathOf(name), values }));
  const runs = [rest.list.length || 1, ...axes.map(({ values }) => values.length), rest.seeds.length].reduce(
    (product, count) => product * count,
  );
  if (runs > mostRuns)
    throw new InputError(
      `the sweep: ${runs.toPrecision(6)} runs (entries × grid × seeds); expected at most ${mostRuns}. Split it into several sweeps.`,
    );
  for (const { name, path } of axes) {
    if (axes.some((other) => other.path === path && other.name !== name))
      throw new InputError(`grid.${name}: another axis of the grid sets the same field, ${path}.`);
    const i = rest.list.findIndex((entry) => leaves(entry.config).has(path));
    if (i !== -1)
      throw new InputError(
        `grid.${name}: list.${i}.config (${rest.list[i]!.name}) sets the same field, ${path}; leave it out of one of them.`,
      );
  }
  return { ...rest, grid: axes };
}

function pathOf(axis: string): string {
  const option = options.find(({ flag }) => flag === `--${axis}`);
  const path = option?.path ?? axis;
  if (path === "seed") throw new InputError('grid.seed: list the seeds of a sweep in its field "seeds".');
  if (option !== undefined || axis.includes(".")) return path;
  const flags = options.map(({ flag }) => flag.slice(2));
  throw new InputError(
    `grid.${axis}: "train" has no flag --${axis}.${didYouMean(axis, flags)} Use the name of a flag ` +
      `(${flags.join(", ")}) or a path into config.json, such as optimizer.beta1.`,
  );
}
