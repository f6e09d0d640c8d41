import { modulesNamed, overlay, parseConfig } from "../../config/parse-config.ts";
import { merge, nested } from "../../config/tree.ts";
import { InputError } from "../../errors.ts";
import type { RunConfig } from "../../settings.ts";
import type { Axis, AxisValue, ListEntry, SweepSpec } from "./spec.ts";

/** One setting of a sweep, with a run for each seed. */
export interface SweepPoint {
  /** "maml,step-size=5"; also the name of its folder, so it must not depend on the rest of the sweep. */
  readonly name: string;
  readonly runs: readonly [PlannedRun, ...PlannedRun[]];
}

export interface PlannedRun {
  /** "maml,step-size=5/seed-0", below the directory of the sweep. */
  readonly name: string;
  readonly config: RunConfig;
}

/** All settings of a sweep, in the order of its file: the last axis of the grid varies fastest. */
export function expandSweep({ preset, config, list, grid, seeds }: SweepSpec): readonly SweepPoint[] {
  const points = cartesian(list.length === 0 ? [undefined] : list, grid);
  const settings = points.map(({ entry, values }): SweepPoint => {
    const name = [...(entry === undefined ? [] : [entry.name]), ...values.map(textOf)].join(",") || preset;
    // Laid over the shared config as one, since a new name would discard what an earlier axis set below it.
    const own = values.reduce(
      (tree, { axis, value }) => merge(tree, nested(axis.path, value)),
      entry?.config ?? {},
    );
    const parsed = named(name, () => parseConfig({ preset, file: overlay(config, own) }));
    const [first, ...others] = seeds.map((seed) => ({
      name: `${name}/seed-${seed}`,
      config: { ...parsed, seed },
    }));
    return { name, runs: [first!, ...others] }; // a sweep has seeds, by its schema
  });
  refuseTwins(settings);
  return settings;
}

/** The modules that a sweep names, which must be loaded before it is expanded. */
export function modulesOf({ config, list, grid }: SweepSpec): string[] {
  const trees = [
    config,
    ...list.map((entry) => entry.config),
    ...grid.flatMap(({ path, values }) => values.map((value) => nested(path, value))),
  ];
  return [...new Set(trees.flatMap(modulesNamed))];
}

interface Point {
  readonly entry: ListEntry | undefined;
  readonly values: readonly { readonly axis: Axis; readonly value: AxisValue }[];
}

function cartesian(entries: readonly (ListEntry | undefined)[], grid: readonly Axis[]): Point[] {
  return grid.reduce<Point[]>(
    (points, axis) =>
      points.flatMap(({ entry, values }) =>
        axis.values.map((value) => ({ entry, values: [...values, { axis, value }] })),
      ),
    entries.map((entry) => ({ entry, values: [] })),
  );
}

function textOf({ axis, value }: Point["values"][number]): string {
  // A module is named by its file name, since a path would create folders.
  const text = typeof value === "object" ? value.join("-") || "none" : String(value).replace(/^.*\//, "");
  return `${axis.name}=${text}`;
}

function named(setting: string, parse: () => RunConfig): RunConfig {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${setting}: ${error.message}`);
    throw error;
  }
}

function refuseTwins(settings: readonly SweepPoint[]): void {
  const seen = new Map<string, string>();
  for (const { name, runs } of settings) {
    const content = JSON.stringify(runs[0].config);
    const twin = seen.get(content);
    if (twin !== undefined)
      throw new InputError(
        `${name}: the same settings as ${twin}. A sweep runs each combination of settings once.`,
      );
    seen.set(content, name);
  }
  refuseSharedFolders(settings);
}

/** Names that Windows treats as devices or changes. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/;

/** Every setting needs a separate folder, even on a case-insensitive file system. */
function refuseSharedFolders(settings: readonly SweepPoint[]): void {
  const taken = new Map<string, string>();
  for (const { name } of settings) {
    const folder = name.toLowerCase();
    const other = taken.get(folder);
    if (other !== undefined)
      throw new InputError(
        `${name}: its folder would also be that of ${other}. Give one of them another name.`,
      );
    if (/\.html$|-figures$|^figures$/.test(folder) || device.test(folder) || name.length > 200)
      throw new InputError(
        `${name}: not usable as a folder's name: reserved for reports or by Windows, or longer than 200 characters. ` +
          'Give these settings a name in "list".',
      );
    taken.set(folder, name);
  }
}
