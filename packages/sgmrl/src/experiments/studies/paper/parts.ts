/**
 * The parts of the study: every rival on every problem, tuned alike, first in equal processor time, then from equally many
 * samples. The final evaluation is that of the last θ: no checkpoint is chosen.
 */
import type { Tree } from "../../../config/tree.ts";
import type { Contest, Entrant } from "../contest/contest.ts";
import { publishedEmaml } from "../contest/contests.ts";

/**
 * Six of the seven entrants. The seventh keeps the whole score term, and is another one for each kind of environment:
 * exactly unbiased on the discrete ones, on the others but for what data that jump leave out, or a bound.
 */
const rivals: readonly (readonly [name: string, experiment: Tree])[] = [
  ["maml", { estimator: { name: "maml" } }],
  ["fomaml", { estimator: { name: "fomaml" } }],
  ["emaml-published", publishedEmaml],
  ["lvc", { estimator: { name: "lvc" } }],
  ["loaded-dice", { estimator: { name: "loaded-dice" } }],
  ["jackknife-linear auto", { estimator: { name: "jackknife-linear", scoreCoefficient: "auto" } }],
];

function entrants(exact: string, samplings: readonly string[]): Entrant[] {
  return samplings.flatMap((taskSampling) =>
    [...rivals, [exact, { estimator: { name: exact } }] as const].map(([name, experiment]) => ({
      name: taskSampling === "independent" ? name : `${name}, ${taskSampling}`,
      config: { taskSampling, experiment },
    })),
  );
}

const both = ["independent", "lattice"];
/** A shorter search prefers rates at which some estimators lose later what they learnt early. */
const tuning = { seeds: [100, 101], share: 1, tasks: 200 };
const rates = [3e-4, 1e-3, 3e-3, 1e-2];
const fiveSeeds = [0, 1, 2, 3, 4];
const evaluation = { tasks: 40, finalTasks: 1000, steps: 3 };

/**
 * Families of two tasks with discrete actions: no derivative through the simulator. On a lattice each task is drawn as often
 * as it is probable.
 */
const discrete = (name: string, summary: string, experiment: Tree): Contest => ({
  name,
  summary,
  preset: "needle",
  config: { experiment, evaluation: { tasks: 40, finalTasks: 1000, steps: 1 } },
  entrants: entrants("jackknife-per-decision", both),
  iterations: 300,
  rates: [2e-2, 5e-2, 1e-1, 2e-1, 5e-1],
  tuning,
  seeds: fiveSeeds,
});

const navigation = (steps: number): Contest => ({
  name: `navigation-${steps}`,
  summary: `navigation at the size of the paper, ζ = ${steps}`,
  preset: "paper-navigation",
  config: { experiment: { inner: { steps } }, evaluation },
  entrants: entrants("reparameterised", both),
  iterations: 500,
  rates,
  tuning,
  seeds: fiveSeeds,
});

const inEqualTime: readonly Contest[] = [
  discrete("needle", "the needle", {}),
  discrete("two-doors", "two doors, a prize behind the first with probability 4/5", {
    environment: "two-doors-bandit",
    inner: { trajectories: 4, advantage: "standardised" },
  }),
  discrete("corridor", "the corridor: the needle over three time steps", { environment: "corridor" }),
  {
    name: "navigation-quick",
    summary: "navigation with a policy of 32 × 32, at the size of the first run",
    preset: "quick",
    config: { evaluation: { tasks: 40, finalTasks: 500, steps: 1 } },
    entrants: entrants("reparameterised", both),
    iterations: 60,
    rates: [1e-3, 3e-3, 1e-2, 3e-2, 1e-1],
    tuning,
    seeds: fiveSeeds,
  },
  {
    name: "corners",
    summary: "the sparse corners",
    preset: "corners",
    config: { evaluation: { tasks: 40, finalTasks: 500, steps: 3 } },
    entrants: entrants("reparameterised-warped", both),
    iterations: 100,
    rates: [3e-4, 1e-3, 5e-3, 2e-2],
    tuning,
    seeds: fiveSeeds,
  },
  navigation(1),
  navigation(2),
  navigation(3),
  {
    name: "half-cheetah",
    summary: "half-cheetah, forward or backward, at the size of the preset",
    preset: "locomotion",
    config: { evaluation: { tasks: 20, finalTasks: 200, steps: 1 } },
    entrants: entrants("reparameterised-damped", both),
    iterations: 400,
    rates,
    tuning,
    seeds: [0, 1, 2],
  },
];

export const paperParts: readonly Contest[] = inEqualTime.flatMap((part) => [
  part,
  {
    ...part,
    name: `${part.name}-samples`,
    summary: `${part.summary}, equal samples`,
    equal: "samples" as const,
  },
]);
