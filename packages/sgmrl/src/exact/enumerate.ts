import type { Mdp } from "@sgmrl/envs";
import { power } from "../arithmetic.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import type { Sizes } from "./table.ts";

/** One of the finitely many trajectories of an MDP. */
export interface EnumeratedTrajectory {
  readonly states: readonly number[];
  readonly actions: readonly number[];
  /** μ(s_0) Π_h P(s_{h+1}|s_h, a_h), with P(end|s, a) where it ends early: the factor of its probability that does not depend on the policy. */
  readonly world: number;
}

/**
 * Every trajectory of positive probability; the transition after step H is left out.          [eq:enumeration]
 *
 *   q(τ; θ) = μ(s_0) Π_{h < T−1} P(s_{h+1}|s_h, a_h) [P(end|s_{T−1}, a_{T−1})]_{T < H} · Π_{h < T} π(a_h|s_h; θ)
 *
 * T = H, or fewer steps if the last of them led to a terminal state: P(end|s, a) = Σ_{s' terminal} P(s'|s, a).
 */
export function trajectories({
  initial,
  transitions,
  rewards,
  terminal,
  horizon,
}: Mdp): EnumeratedTrajectory[] {
  const found: EnumeratedTrajectory[] = [];
  const extend = (states: number[], actions: number[], world: number): void => {
    const s = states.at(-1)!;
    rewards[s]!.forEach((_, a) => {
      const taken = [...actions, a];
      if (taken.length === horizon) {
        found.push({ states, actions: taken, world });
        return;
      }
      let end = 0;
      transitions[s]![a]!.forEach((p, next) => {
        if (terminal?.[next]) end += p;
        else if (p > 0) extend([...states, next], taken, world * p);
      });
      if (end > 0) found.push({ states, actions: taken, world: world * end });
    });
  };
  initial.forEach((p, s) => {
    if (p > 0) extend([s], [], p);
  });
  return found;
}

/**
 * More trajectories than anyone enumerates. Counting stops here, because over a long horizon counting takes time, too.
 */
const beyond = 1e30;

/** How many trajectories there are, without making them: at most (S A)^H. */
export function trajectoryCount({ initial, transitions, rewards, terminal, horizon }: Mdp): number {
  const actions = rewards[0]!.length;
  let paths = initial.map((p): number => (p > 0 ? 1 : 0));
  let ended = 0;
  for (let h = 1; h < horizon; h++) {
    const next = paths.map(() => 0);
    paths.forEach((count, s) => {
      for (const row of transitions[s]!) {
        row.forEach((p, to) => {
          if (p > 0 && !terminal?.[to]) next[to]! += count;
        });
        if (row.some((p, to) => p > 0 && terminal?.[to])) ended += count;
      }
    });
    paths = next;
    if (paths.some((count) => count > beyond)) return Number.POSITIVE_INFINITY;
  }
  return ended + actions * paths.reduce((total, count) => total + count, 0);
}

/** A data set of n trajectories, and the factor of its probability that does not depend on θ. */
export interface DataSet {
  readonly batch: TrajectoryBatch;
  /** The trajectories, by their number. */
  readonly members: readonly number[];
  /** Π_j world(τ_j), times the number of orders of the trajectories if orders are not distinguished. */
  readonly constant: number;
}

/**
 * All data sets of n trajectories. With `ordered` false, one data set represents all its n! / Π (multiplicity!)
 * permutations. That is right for any function that does not depend on the order.
 *
 * Errors  RangeError if a data set has more orders than a number holds: from 1,030 trajectories on with two to choose from
 */
export function dataSets(
  all: readonly EnumeratedTrajectory[],
  mdp: Mdp,
  sizes: Sizes,
  n: number,
  ordered = false,
): DataSet[] {
  if (!ordered && !Number.isFinite(mostOrders(all.length, n)))
    throw new RangeError(
      `exact: a data set of ${n.toLocaleString("en")} trajectories can have more than 1.8e308 orders, too many to count. ` +
        "Use fewer trajectories, or a Monte Carlo estimate.",
    );
  const sets: DataSet[] = [];
  for (let members: number[] | null = Array(n).fill(0); members !== null; ) {
    const chosen = members.map((j) => all[j]!);
    sets.push({ batch: batchOf(chosen, mdp, sizes), members, constant: constantOf(members, all, ordered) });
    members = following(members, all.length, ordered);
  }
  return sets;
}

/** The next members in lexicographic order, none below the one before it unless `ordered`; null after the last. */
function following(members: readonly number[], total: number, ordered: boolean): number[] | null {
  const at = members.findLastIndex((j) => j < total - 1);
  if (at === -1) return null;
  const raised = members[at]! + 1;
  return members.map((j, k) => (k < at ? j : k === at || !ordered ? raised : 0));
}

/** Π_j world(τ_j) · n! / Π (multiplicity!), without the second factor if `ordered`. */
function constantOf(
  members: readonly number[],
  all: readonly EnumeratedTrajectory[],
  ordered: boolean,
): number {
  let [constant, repeated] = [1, 0];
  members.forEach((j, k) => {
    repeated = j === members[k - 1] ? repeated + 1 : 1;
    constant = constant * (ordered ? 1 : (k + 1) / repeated) * all[j]!.world;
  });
  return constant;
}

/** The most orders that n trajectories can have: those of equal shares of all. */
function mostOrders(total: number, n: number): number {
  let orders = 1;
  for (let k = 1; k <= n; k++) orders *= k / Math.ceil(k / total);
  return orders;
}

/** How many data sets `dataSets` makes. */
export function dataSetCount(trajectoryTotal: number, n: number, ordered = false): number {
  if (ordered) return power(trajectoryTotal, n);
  let count = 1; // (T + n − 1 choose n)
  for (let k = 1; k <= n; k++) count = (count * (trajectoryTotal + k - 1)) / k;
  return Math.round(count);
}

/** Trajectories as a batch, as in training. */
function batchOf(
  chosen: readonly EnumeratedTrajectory[],
  { rewards, horizon: H }: Mdp,
  { states: S }: Sizes,
): TrajectoryBatch {
  const N = chosen.length;
  const batch: TrajectoryBatch = {
    trajectories: N,
    horizon: H,
    lengths: Int32Array.from(chosen, ({ actions }) => actions.length),
    observations: new Float64Array(N * H * S),
    actions: new Float64Array(N * H),
    rewards: new Float64Array(N * H),
  };
  chosen.forEach(({ states, actions }, j) => {
    for (let h = 0; h < actions.length; h++) {
      const row = j * H + h;
      batch.observations[row * S + states[h]!] = 1;
      batch.actions[row] = actions[h]!;
      batch.rewards[row] = rewards[states[h]!]![actions[h]!]!;
    }
  });
  return batch;
}
