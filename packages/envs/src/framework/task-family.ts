import { categoryAt, fold, type Key, uniformAt } from "@sgmrl/autodiff/random";
import { assertCube, assertWeights } from "./check-family.ts";
import { EnvironmentError } from "./errors.ts";
import { latticePoint } from "./task-lattice.ts";

/**
 * A distribution p(task) over tasks. Tasks are plain data (JSON), so that they can be sent to threads and
 * files. Methods, not function fields, so that a TaskFamily<GoalTask> is also a TaskFamily<unknown>.
 */
export interface TaskFamily<Task = unknown> {
  /** The distribution in words, for `--help` and reports. */
  readonly description: string;
  /** One task from p(task): a function of the key alone. */
  sample(key: Key): Task;
  /** p(task) as a function of a uniform point in a cube, if written so: needed for lattices of tasks. */
  readonly cube?: Cube<Task>;
  /** Every task with its probability, if there are finitely many: for exact expectations. */
  readonly tasks?: readonly WeightedTask<Task>[];
}

/** For u uniform on [0, 1)^dimensions, `at(u)` is distributed as p(task). */
export interface Cube<Task> {
  readonly dimensions: number;
  at(u: ArrayLike<number>): Task;
}

/** A task and its probability. */
export interface WeightedTask<Task> {
  readonly weight: number;
  readonly task: Task;
}

const purpose = { training: 0, heldOut: 1 } as const;

/**
 * The key of a training task. Training and held-out tasks have disjoint sets of keys under one root: no
 * number of training iterations reaches a held-out task's key.
 */
export function trainingTaskKey(root: Key, iteration: number, index: number): Key {
  return fold(root, purpose.training, iteration, index);
}

/** The key of held-out task `index`, which does not depend on the training. */
export function heldOutTaskKey(root: Key, index: number): Key {
  return fold(root, purpose.heldOut, index);
}

/** Names a task: the key's own or, with a place, that of point i of B of the lattice that the key shifts. */
export interface TaskKey extends Key {
  readonly place?: readonly [i: number, B: number];
}

/** The keys of the B tasks of an iteration, placed on one lattice. */
export function latticeTaskKeys(root: Key, iteration: number, B: number): TaskKey[] {
  const key = fold(root, purpose.training, iteration);
  return Array.from({ length: B }, (_, i) => ({ ...key, place: [i, B] as const }));
}

/** The task of a key; refuses a place on a lattice if the family has no cube. */
export function sampleTask<Task>(family: TaskFamily<Task>, { place, ...key }: TaskKey): Task {
  if (place === undefined) return family.sample(key);
  const { cube } = family;
  if (cube === undefined)
    throw new EnvironmentError(
      "lattice of tasks",
      "family",
      family.description,
      "a family defined on a cube; draw these tasks independently",
    );
  return cube.at(latticePoint(key, ...place, cube.dimensions));
}

/** The family of tasks at(u), u uniform on a cube. Errors  `EnvironmentError` unless it has dimensions and a function */
export function cubeFamily<Task>(
  description: string,
  dimensions: number,
  at: (u: ArrayLike<number>) => Task,
): TaskFamily<Task> {
  assertCube(`cubeFamily "${description}"`, "the cube", { dimensions, at });
  return {
    description,
    sample: (key) => at(Float64Array.from({ length: dimensions }, (_, i) => uniformAt(key, i))),
    cube: { dimensions, at },
  };
}

/**
 * A family of finitely many tasks. Weights are probabilities: they sum to 1.
 *
 * Errors  `EnvironmentError` for weights that are not
 */
export function finiteFamily<Task>(
  description: string,
  tasks: readonly WeightedTask<Task>[],
): TaskFamily<Task> {
  assertWeights(`finiteFamily "${description}"`, "tasks", tasks);
  const weights = tasks.map(({ weight }) => weight);
  const at = (u: ArrayLike<number>): Task =>
    tasks[categoryAt("finiteFamily", u[0]!, weights, 0, weights.length)]!.task;
  return { ...cubeFamily(description, 1, at), tasks };
}
