/**
 * The true quantities that the theory bounds, in plain loops that share no code with the package: every trajectory,
 * every data set, derivatives of the policy in closed form, derivatives of J and V by central differences.
 */
import type { Mdp } from "@sgmrl/envs";

export interface Path {
  readonly states: readonly number[];
  readonly actions: readonly number[];
  /** Probability without the policy's part. */
  readonly world: number;
}

/** [S][A] logits as one vector. */
export type Theta = readonly number[];

export function policy(theta: Theta, mdp: Mdp): number[][] {
  const A = mdp.rewards[0]!.length;
  return mdp.rewards.map((_, s) => {
    const logits = theta.slice(s * A, (s + 1) * A);
    const top = Math.max(...logits);
    const weights = logits.map((x) => Math.exp(x - top));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  });
}

export function paths({ initial, transitions, rewards, horizon }: Mdp): Path[] {
  let open: Path[] = initial.map((world, s) => ({ states: [s], actions: [], world }));
  for (let h = 0; h < horizon; h++) {
    const acted = open.flatMap((path) =>
      rewards[0]!.map((_, a) => ({ ...path, actions: [...path.actions, a] })),
    );
    open =
      h === horizon - 1
        ? acted
        : acted.flatMap(({ states, actions, world }) =>
            transitions[states[h]!]![actions[h]!]!.map((p, to) => ({
              states: [...states, to],
              actions,
              world: world * p,
            })),
          );
  }
  return open.filter(({ world }) => world > 0);
}

export function likelihood({ states, actions, world }: Path, pi: number[][]): number {
  return states.reduce((product, s, h) => product * pi[s]![actions[h]!]!, world);
}

/** J by forward propagation of the state distribution. */
export function expectedReturn(theta: Theta, mdp: Mdp): number {
  const pi = policy(theta, mdp);
  let at = [...mdp.initial];
  let total = 0;
  for (let h = 0; h < mdp.horizon; h++) {
    const next = at.map(() => 0);
    at.forEach((p, s) => {
      pi[s]!.forEach((q, a) => {
        total += mdp.discount ** h * p * q * mdp.rewards[s]![a]!;
        mdp.transitions[s]![a]!.forEach((t, to) => {
          next[to]! += p * q * t;
        });
      });
    });
    at = next;
  }
  return total;
}

/** Σ_h R^h ∇ln π(a_h|s_h): the gradient of the surrogate of one trajectory. */
export function trajectoryGradient({ states, actions }: Path, pi: number[][], mdp: Mdp): number[] {
  const A = mdp.rewards[0]!.length;
  const gradient = new Array<number>(mdp.rewards.length * A).fill(0);
  states.forEach((s, h) => {
    let toGo = 0;
    for (let t = h; t < mdp.horizon; t++) toGo += mdp.discount ** t * mdp.rewards[states[t]!]![actions[t]!]!;
    for (let b = 0; b < A; b++) gradient[s * A + b]! += toGo * ((b === actions[h] ? 1 : 0) - pi[s]![b]!);
  });
  return gradient;
}

/**
 * V_ζ(θ), every data set counted once with its number of orders. The first update may start from another θ than the
 * data are drawn at, so that the two ways in which V depends on θ can be told apart.
 */
export function objective(
  theta: Theta,
  mdp: Mdp,
  all: readonly Path[],
  inner: { readonly stepSize: number; readonly steps: number; readonly trajectories: number },
  start: Theta = theta,
): number {
  if (inner.steps === 0) return expectedReturn(theta, mdp);
  const pi = policy(theta, mdp);
  const startPi = policy(start, mdp);
  const [q, g] = [
    all.map((path) => likelihood(path, pi)),
    all.map((path) => trajectoryGradient(path, startPi, mdp)),
  ];
  const N = inner.trajectories;
  let total = 0;
  const choose = (first: number, left: number, probability: number, sum: Theta, run: number): void => {
    if (left === 0) {
      const adapted = start.map((x, i) => x + (inner.stepSize / N) * sum[i]!);
      total += probability * objective(adapted, mdp, all, { ...inner, steps: inner.steps - 1 });
      return;
    }
    for (let j = first; j < all.length; j++) {
      const repeats = j === first ? run + 1 : 1;
      const factor = (q[j]! * (N - left + 1)) / repeats; // grows into N! / Π multiplicities!
      choose(
        j,
        left - 1,
        probability * factor,
        sum.map((x, i) => x + g[j]![i]!),
        repeats,
      );
    }
  };
  choose(
    0,
    N,
    1,
    theta.map(() => 0),
    0,
  );
  return total;
}

/** Central differences, error of order step². */
export function gradient(f: (theta: Theta) => number, theta: Theta, step = 1e-4): number[] {
  return theta.map((_, i) => {
    const at = (shift: number): number => f(theta.map((x, k) => (k === i ? x + shift : x)));
    return (at(step) - at(-step)) / (2 * step);
  });
}

export function hessian(f: (theta: Theta) => number, theta: Theta, step = 1e-3): number[][] {
  const at = (i: number, di: number, j: number, dj: number): number =>
    f(theta.map((x, k) => x + (k === i ? di : 0) + (k === j ? dj : 0)));
  const rows = theta.map((_, i) =>
    theta.map((_, j) =>
      j > i
        ? 0
        : (at(i, step, j, step) - at(i, step, j, -step) - at(i, -step, j, step) + at(i, -step, j, -step)) /
          (4 * step * step),
    ),
  );
  return rows.map((row, i) => row.map((x, j) => (j > i ? rows[j]![i]! : x)));
}

export function norm(x: readonly number[]): number {
  return Math.hypot(...x);
}

/** Largest |eigenvalue| of a symmetric matrix, by power iteration on its square; never above the true one. */
export function spectralNorm(matrix: readonly (readonly number[])[]): number {
  const times = (v: readonly number[]): number[] =>
    matrix.map((row) => row.reduce((sum, x, i) => sum + x * v[i]!, 0));
  let v = matrix.map((_, i) => 1 + Math.sin(1 + 3 * i));
  let size = 0;
  for (let round = 0; round < 60; round++) {
    const w = times(times(v));
    const length = norm(w);
    if (length === 0) return size;
    v = w.map((x) => x / length);
    size = norm(times(v));
  }
  return size;
}
