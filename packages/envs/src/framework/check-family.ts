import { EnvironmentError } from "./errors.ts";

/** Refuses a family without its parts, and a cube or tasks that are none. */
export function assertFamily(
  name: string,
  family: {
    readonly sample: unknown;
    readonly description: unknown;
    readonly cube?: CubeParts;
    readonly tasks?: WeightedParts;
  },
): void {
  if (typeof family?.sample !== "function")
    throw new EnvironmentError(name, "family.sample", family?.sample, "a function of a key");
  const { description, cube, tasks } = family;
  if (typeof description !== "string")
    throw new EnvironmentError(name, "family.description", description, "a text");
  if (cube !== undefined) assertCube(name, "family.cube", cube);
  if (tasks !== undefined) assertWeights(name, "family.tasks", tasks);
}

interface CubeParts {
  readonly dimensions: number;
  readonly at: unknown;
}
type WeightedParts = readonly { readonly weight: number }[];

/** Refuses a cube without dimensions or without a function of its points. */
export function assertCube(name: string, field: string, cube: CubeParts): void {
  const { dimensions, at } = cube ?? ({} as Partial<CubeParts>); // it may be anything
  if (!(Number.isSafeInteger(dimensions) && dimensions! >= 1))
    throw new EnvironmentError(name, `${field}.dimensions`, dimensions, "a whole number of at least 1");
  if (typeof at !== "function") throw new EnvironmentError(name, `${field}.at`, at, "a function of a point");
}

/** Refuses what is no list of tasks, each with its probability. */
export function assertWeights(name: string, field: string, tasks: WeightedParts): void {
  if (!Array.isArray(tasks) || tasks.length === 0)
    throw new EnvironmentError(name, field, tasks, "a list of { weight, task }, at least one");
  const weights = tasks.map((one: WeightedParts[number] | null, i) => {
    const weight = one?.weight;
    if (typeof weight === "number" && weight >= 0) return weight;
    throw new EnvironmentError(name, `the weight of ${field}[${i}]`, weight, "a number from 0 to 1");
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (Math.abs(total - 1) < 1e-9) return;
  throw new EnvironmentError(name, `the sum of ${field}' weights`, total, "1");
}
