/**
 * An environment with finitely many states and actions, from its MDP.                         [eq:finite-mdp]
 *
 *   s_0     ~ initial                              from the trajectory's key
 *   r_t     = rewards[s_t][a_t] + noise            from fold(key, t)
 *   s_{t+1} ~ transitions[s_t][a_t]                from fold(key, t); the trajectory ends if terminal[s_{t+1}]
 *
 * The observation of state s is the s-th unit vector, so a linear softmax policy is a table of logits [S, A].
 */
import { categorical, fold, type Key, normalAt, uniformAt } from "@sgmrl/autodiff/random";
import { assertFunctions, assertOneOf, nameOf } from "../framework/check.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { EnvironmentError } from "../framework/errors.ts";
import { assertMdp, type Mdp } from "../framework/mdp.ts";
import { box, discrete } from "../framework/space.ts";
import type { TaskFamily } from "../framework/task-family.ts";

/** The law of r_t with mean m: the constant m, Bernoulli(m), or N(m, 1). */
export type RewardNoise = (typeof rewardNoises)[number];

const rewardNoises = ["none", "bernoulli", "normal"] as const;

/** An environment with finitely many states and actions, as its author writes it. */
export interface FiniteDefinition<Task> {
  readonly name: string;
  readonly summary: string;
  readonly states: number;
  readonly actions: number;
  readonly horizon: number;
  readonly discount: number;
  readonly family: TaskFamily<Task>;
  /** What a task asks for, in words (default: its fields as data). */
  inWords?(task: Task): string;
  /** The task as an MDP, of the sizes, horizon and discount above. Rewards are means. */
  mdp(task: Task): Mdp;
  readonly rewardNoise: RewardNoise;
  /** Whether every step ends the trajectory (a bandit, of horizon 1), rather than a terminal state or the time limit. */
  readonly endsAtOnce: boolean;
}

/**
 * The environment of an MDP that depends on the task; its `mdp` allows exact enumeration.     [eq:finite-mdp]
 *
 * Shapes  state [1], observation [states], action [1]
 * Errors  `EnvironmentError` for a definition without one of its parts, here; from `dynamics`, for an MDP of other sizes,
 *         horizon or discount than the definition's, or whose rows are not probabilities
 */
export function finiteEnvironment<Task>(definition: FiniteDefinition<Task>): Environment<Task> {
  const name = nameOf(definition);
  assertParts(name, definition);
  const { summary, states, actions, horizon, discount, family } = definition;
  return defineEnvironment({
    name,
    summary,
    observation: box(states, 0, 1),
    action: discrete(actions),
    stateSize: 1,
    horizon,
    discount,
    family,
    ...(definition.inWords === undefined ? {} : { inWords: (task: Task) => definition.inWords!(task) }),
    mdp: (task) => definition.mdp(task),
    dynamics(task) {
      const mdp = definition.mdp(task);
      assertMdp(name, mdp, { states, actions, horizon, discount });
      if (definition.rewardNoise === "bernoulli") assertProbabilities(name, mdp.rewards);
      return finiteDynamics(mdp, definition.rewardNoise, definition.endsAtOnce);
    },
  });
}

function assertParts<Task>(name: string, definition: FiniteDefinition<Task>): void {
  const { states, actions, horizon, rewardNoise, endsAtOnce } = definition;
  assertFunctions(name, definition, ["mdp"], ["inWords"]);
  for (const [field, count] of Object.entries({ states, actions }))
    if (!(Number.isSafeInteger(count) && count >= 1))
      throw new EnvironmentError(name, field, count, "a whole number of at least 1");
  assertOneOf(name, "rewardNoise", rewardNoise, rewardNoises);
  if (typeof endsAtOnce !== "boolean")
    throw new EnvironmentError(name, "endsAtOnce", endsAtOnce, "true or false");
  // Its MDP would go on where the sampled trajectory has ended.
  if (endsAtOnce && horizon !== 1)
    throw new EnvironmentError(name, "horizon", horizon, "1, since endsAtOnce is true; or set it to false");
}

function finiteDynamics(
  { initial, transitions, rewards, terminal }: Mdp,
  noise: RewardNoise,
  endsAtOnce: boolean,
): Dynamics {
  return {
    start(key, state, s) {
      state[s] = categorical(key, initial);
    },

    advance(state, s, action, a, key, time) {
      const [from, chosen] = [state[s]!, action[a]!];
      const stepKey = fold(key, time);
      state[s] = categorical(stepKey, transitions[from]![chosen]!); // takes draw 0 of stepKey
      return noisy(rewards[from]![chosen]!, noise, stepKey); // takes draw 1
    },

    terminal: (state, s) => endsAtOnce || (terminal?.[state[s]!] ?? false),

    observe(state, s, observation, o) {
      observation.fill(0, o, o + initial.length);
      observation[o + state[s]!] = 1;
    },
  };
}

function assertProbabilities(name: string, rewards: Mdp["rewards"]): void {
  const worst = rewards.flat().find((mean) => !(mean >= 0 && mean <= 1));
  if (worst !== undefined)
    throw new EnvironmentError(name, "the mean of a Bernoulli reward", worst, "between 0 and 1");
}

function noisy(mean: number, noise: RewardNoise, key: Key): number {
  if (noise === "none") return mean;
  if (noise === "normal") return mean + normalAt(key, 1);
  return uniformAt(key, 1) < mean ? 1 : 0;
}
