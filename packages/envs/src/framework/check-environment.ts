import { fold, type Key, key, normal, split, uniform } from "@sgmrl/autodiff/random";
import { assertDefinition, assertFunctions } from "./check.ts";
import { checkAdjoint } from "./check-adjoint.ts";
import { checkProgram } from "./check-program.ts";
import { drawPicture } from "./draw-picture.ts";
import type { Environment, State } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import { assertMdp, type Mdp } from "./mdp.ts";
import type { Walk } from "./picture.ts";
import { contains, type Space, width } from "./space.ts";
import { taskInWords } from "./task-in-words.ts";

/** Options of `checkEnvironment`. */
export interface CheckOptions {
  /** Seed of the check's tasks, starts and actions (default 0). */
  readonly seed?: number;
  /** Number of tasks to try (default 3). */
  readonly tasks?: number;
  /** Steps per trajectory (default 50, at most the horizon). */
  readonly timesteps?: number;
}

/**
 * Runs an environment and refuses any violation of its contract, as Gymnasium's checker does for its
 * environments:
 *
 *   tasks        a function of the key alone, plain data
 *   start, step  functions of their arguments alone: the same bits twice, whatever the buffers held; they write their
 *                own row, all of it, and nothing else
 *   observation  of its space's length, finite, inside the space, and that of the state reached
 *   reward       finite; `terminated` true or false
 *   batch        each trajectory equal to itself run alone, bit for bit, whatever else is in the batch
 *   program      where there is one: the state, reward and end of the dynamics, to rounding
 *   adjoint      where there is one: the derivative of state, reward and observation, by differences
 *   inWords      words every task
 *   picture      draws the trajectories, leaving their states as they are
 *
 * Random actions cannot reach every state, so passing is no proof of correctness.
 *
 * Errors  `EnvironmentError` names the first thing that is wrong, where, and what was expected; what the environment
 *         itself throws is passed on
 * Source  Towers et al., Gymnasium, arXiv:2407.17032, `check_env`
 */
export function checkEnvironment<Task>(
  environment: Environment<Task>,
  { seed = 0, tasks = 3, timesteps = 50 }: CheckOptions = {},
): void {
  assertDefinition(environment);
  const made = ["reset", "observe", "step", "batch"] as const;
  assertFunctions(environment.name, environment, made, [], "what defineEnvironment makes of a definition, ");
  for (const [option, count] of Object.entries({ tasks, timesteps })) {
    const atLeastOne = Number.isSafeInteger(count) && count >= 1;
    expect(environment, `checkEnvironment's ${option}`, count, atLeastOne, "a whole number of at least 1");
  }
  const root = key(seed);
  for (let i = 0; i < tasks; i++) {
    const task = checkTask(environment, fold(root, 0, i));
    if (environment.mdp !== undefined) checkMdp(environment, environment.mdp(task));
    checkTrajectory(environment, task, fold(root, 1, i), Math.min(timesteps, environment.horizon));
    checkRows(environment, task, fold(root, 3, i));
    checkBatch(environment, task, fold(root, 2, i), Math.min(timesteps, environment.horizon));
  }
}

function checkMdp<Task>({ name, action, horizon, discount }: Environment<Task>, mdp: Mdp): void {
  assertMdp(name, mdp, {
    horizon,
    discount,
    ...(action.kind === "discrete" ? { actions: action.count } : {}),
  });
}

function checkTask<Task>(environment: Environment<Task>, k: Key): Task {
  const { family } = environment;
  const task = family.sample(k);
  expect(environment, "a task", task, isPlain(task), "plain data: what JSON gives back unchanged");
  const text = JSON.stringify(task);
  const again = JSON.stringify(family.sample(k));
  expect(environment, "a task", text, again === text, "a function of its key alone");
  taskInWords(environment, task);
  if (family.cube !== undefined) {
    const { dimensions } = family.cube;
    environment.dynamics(family.cube.at(uniform(k, dimensions)));
  }
  return task;
}

/** Lists within lists of a task, at most: one that contains itself has no end. */
const deepest = 100;

/** Whether a value survives JSON unchanged: no functions, NaN, typed arrays, dates, undefined fields. */
function isPlain(value: unknown, depth: number = 0): boolean {
  if (depth > deepest) return false;
  const within = (part: unknown): boolean => isPlain(part, depth + 1);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null)
    return value === null || typeof value === "string" || typeof value === "boolean";
  if (Array.isArray(value)) return value.every(within);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(within);
}

/**
 * Calls each function on row 1 of 3, in buffers of NaN. Nothing but that row may change, of the state only by `start` and
 * `advance`, and what NaN was there before must not show.
 */
function checkRows<Task>(environment: Environment<Task>, task: Task, k: Key): void {
  const { stateSize } = environment;
  const [o, a] = [width(environment.observation), width(environment.action)];
  const dynamics = environment.dynamics(task);
  const state = new Float64Array(3 * stateSize).fill(Number.NaN);
  const observation = new Float64Array(3 * o).fill(Number.NaN);
  const action = new Float64Array(3 * a);
  action.set(randomAction(environment.action, k), a);
  const buffers = { state, observation, action };

  /** Calls `f`, which may write row 1 of one buffer, all of it; NaN elsewhere, and the actions, must stay. */
  const only = (name: string, written: "state" | "observation" | undefined, size: number, f: () => void) => {
    const before = Object.values(buffers).map((buffer) => buffer.slice());
    f();
    Object.entries(buffers).forEach(([buffer, values], b) => {
      values.forEach((value, i) => {
        const own = buffer === written && i >= size && i < 2 * size;
        const where = `${buffer}[${i - (buffer === "state" ? stateSize : buffer === "action" ? a : o)}] after ${name}`;
        if (own) expect(environment, where, value, !Number.isNaN(value), "written, and not NaN");
        else expect(environment, where, value, Object.is(value, before[b]![i]), `left at ${before[b]![i]}`);
      });
    });
  };
  only("start", "state", stateSize, () => dynamics.start(k, state, stateSize));
  same(
    environment,
    "the state that start writes",
    state.subarray(stateSize, 2 * stateSize),
    environment.reset(k, task).values,
  );
  only("advance", "state", stateSize, () => void dynamics.advance(state, stateSize, action, a, k, 0));
  only("terminal", undefined, 0, () => void dynamics.terminal(state, stateSize));
  only("observe", "observation", o, () => dynamics.observe(state, stateSize, observation, o));
}

function checkTrajectory<Task>(environment: Environment<Task>, task: Task, k: Key, timesteps: number): void {
  let state = environment.reset(k, task);
  same(environment, "the state of reset", environment.reset(k, task).values, state.values);
  expect(
    environment,
    "the length of the state",
    state.values.length,
    state.values.length === environment.stateSize,
    `${environment.stateSize}`,
  );
  checkObservation(environment, environment.observe(state, task), "at the start");
  const states = [state.values];
  const observations: Float64Array[] = [];
  const actions: Float64Array[] = [];
  const rewards: number[] = [];
  let terminated = false;
  for (let t = 0; t < timesteps; t++) {
    const action = randomAction(environment.action, fold(k, t));
    const before = state.values.slice();
    const next = environment.step(state, action, task);
    const again = environment.step(state, action, task);
    const at = `at time ${t}`;
    same(environment, `the state given to step ${at}`, state.values, before);
    same(environment, `the state reached twice ${at}`, again.state.values, next.state.values);
    expect(environment, `the reward ${at}`, next.reward, Number.isFinite(next.reward), "a finite number");
    expect(
      environment,
      `the reward given twice ${at}`,
      again.reward,
      Object.is(again.reward, next.reward),
      `${next.reward}`,
    );
    expect(
      environment,
      `terminated ${at}, asked again,`,
      again.terminated,
      again.terminated === next.terminated,
      `${next.terminated}`,
    );
    expect(
      environment,
      `the time after the step ${at}`,
      next.state.time,
      next.state.time === t + 1,
      `${t + 1}`,
    );
    checkObservation(environment, next.observation, at);
    same(environment, `the observation ${at}`, next.observation, environment.observe(next.state, task));
    states.push(next.state.values);
    observations.push(environment.observe(state, task));
    actions.push(action);
    rewards.push(next.reward);
    if (t % 5 === 0) checkAdjoint(environment, task, state.values, action, fold(k, t), at);
    terminated = next.terminated;
    if (terminated) break;
    state = next.state;
  }
  checkProgram(environment, task, { states, observations, actions, rewards, terminated });
  checkPicture(environment, { title: environment.name, task, states, actions });
}

function checkPicture<Task>(environment: Environment<Task>, walk: Walk<Task>): void {
  const { name, picture } = environment;
  if (picture === undefined) return;
  const before = walk.states.map((state) => state.slice());
  drawPicture(name, picture, walk);
  walk.states.forEach((state, t) => {
    same(environment, `the state at time ${t}, once drawn`, state, before[t]!);
  });
}

/** Compares three trajectories run in one batch with each run alone. */
function checkBatch<Task>(environment: Environment<Task>, task: Task, k: Key, timesteps: number): void {
  const size = 3;
  const observationSize = width(environment.observation);
  const keys = split(k, size);
  const batch = environment.batch(task, size);
  const observations = new Float64Array(size * observationSize);
  const [rewards, terminated] = [new Float64Array(size), new Uint8Array(size)];
  batch.reset(keys, observations);
  const states: (State | undefined)[] = keys.map((one) => environment.reset(one, task));
  const row = (i: number) => observations.subarray(i * observationSize, (i + 1) * observationSize);
  for (let t = 0; t < timesteps; t++) {
    const actions = keys.map((one) => randomAction(environment.action, fold(one, t)));
    batch.step(Float64Array.from(actions.flatMap((action) => [...action])), {
      observations,
      rewards,
      terminated,
    });
    for (let i = 0; i < size; i++) {
      const state = states[i];
      if (state === undefined) continue;
      const alone = environment.step(state, actions[i]!, task);
      const where = `of trajectory ${i} of a batch at time ${t}`;
      same(environment, `the observation ${where}`, row(i), alone.observation);
      expect(
        environment,
        `the reward ${where}`,
        rewards[i],
        Object.is(rewards[i], alone.reward),
        `${alone.reward}, as alone`,
      );
      expect(
        environment,
        `terminated ${where}`,
        terminated[i],
        (terminated[i] === 1) === alone.terminated,
        `${alone.terminated}, as alone`,
      );
      states[i] = alone.terminated ? undefined : alone.state;
    }
  }
}

function checkObservation<Task>(
  { name, observation }: Environment<Task>,
  values: Float64Array,
  at: string,
): void {
  values.forEach((value, i) => {
    if (!Number.isFinite(value))
      throw new EnvironmentError(name, `observation[${i}] ${at}`, value, "a finite number");
  });
  if (contains(observation, values)) return;
  throw new EnvironmentError(name, `the observation ${at}`, values, "a point of its space");
}

/** A random action, sometimes beyond a box's bounds, since boxes clip. */
function randomAction(space: Space, k: Key): Float64Array {
  if (space.kind === "discrete") return uniform(k, 1).map((u) => Math.floor(u * space.count));
  const reach = (i: number) => {
    const extent = Math.max(Math.abs(space.low[i]!), Math.abs(space.high[i]!));
    return Number.isFinite(extent) ? extent : 1;
  };
  return normal(k, space.low.length).map((z, i) => 0.7 * z * reach(i));
}

function expect<Task>(
  { name }: Environment<Task>,
  field: string,
  got: unknown,
  holds: boolean,
  expected: string,
): void {
  if (!holds) throw new EnvironmentError(name, field, got, expected);
}

/** Bitwise equal. */
function same<Task>(
  { name }: Environment<Task>,
  field: string,
  got: Float64Array,
  expected: Float64Array,
): void {
  expected.forEach((value, i) => {
    if (Object.is(got[i], value)) return;
    throw new EnvironmentError(name, `${field}, number ${i},`, got[i], `${value}, the same again`);
  });
}
