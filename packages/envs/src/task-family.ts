import { categorical, fold, type Key } from "@sgmrl/autodiff/random";

/**
 * A distribution p(task) over tasks. Tasks are plain data (JSON), so that they travel between threads and files.
 * Methods, not function fields: a TaskFamily<GoalTask> is then also a TaskFamily<unknown>.
 */
export interface TaskFamily<Task = unknown> {
  /** The distribution in words, for `--help` and reports. */
  readonly description: string;
  /** One task from p(task): a function of the key alone. */
  sample(key: Key): Task;
  /** Every task with its probability, where there are finitely many: for exact expectations. */
  readonly tasks?: readonly WeightedTask<Task>[];
}

export interface WeightedTask<Task> {
  readonly weight: number;
  readonly task: Task;
}

const purpose = { training: 0, heldOut: 1 } as const;

/**
 * Keys of training and of held-out tasks come from two spaces under one root, which never meet: no number of
 * training iterations reaches a held-out task's key.
 */
export function trainingTaskKey(root: Key, iteration: number, index: number): Key {
  return fold(root, purpose.training, iteration, index);
}

/** The key of held-out task `index`: the same task whatever was trained, for whatever time. */
export function heldOutTaskKey(root: Key, index: number): Key {
  return fold(root, purpose.heldOut, index);
}

/** A family of finitely many tasks. Weights are probabilities: they sum to 1. */
export function finiteFamily<Task>(
  description: string,
  tasks: readonly WeightedTask<Task>[],
): TaskFamily<Task> {
  const weights = tasks.map(({ weight }) => weight);
  return { description, tasks, sample: (key) => tasks[categorical(key, weights)]!.task };
}
