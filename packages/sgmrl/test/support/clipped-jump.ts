/** Problems with clipped actions near a jump, and ∇J of them by quadrature in panels that end where it jumps or bends. */
import { add, array, clip, less, mul, type NdArray, select, sub, sum } from "@sgmrl/autodiff";
import type { Jumps } from "@sgmrl/envs";
import { warpedSweep } from "../../src/meta-gradient/reparameterised/warped-sweep.ts";
import { type WarpedSteps, warpedSteps } from "../../src/sampling/warped-steps.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/**
 *   a_i = w s_i + b_i + e^l ε_i,   s̃ = 0.9 s + push clip(a, ±bound),   x = clip(s̃, ±arena),   s' = 0.8 x
 *   F = Σ_h Σ_i [x_i − x_i²/4 − a_i²/8] + 2 [⟨n, x⟩ > threshold]            θ = (w, l, b_1, …)
 *
 * A free first step is s̃ = a, without clip or jump; its noise is ±1, since it is only differentiated.
 */
export interface ClippedProblem {
  readonly steps: number;
  readonly start: readonly number[];
  readonly normal: readonly number[];
  readonly push: number;
  readonly bound: number;
  readonly threshold: number;
  readonly width: number;
  readonly theta: readonly number[];
  readonly freeFirstStep?: boolean;
  /** Default ∞. */
  readonly arena?: number;
}
export const drift = 0.9;
export const shrink = 0.8;
const bonus = 2;
const unbounded = Number.POSITIVE_INFINITY;
const far = -5; // states below have a free step

function jumpsOf({ normal, push, bound, threshold, width, arena = unbounded }: ClippedProblem): Jumps {
  const n = array([...normal]);
  const isFree = (s: NdArray): NdArray => less(sum(s), far);
  const held = (aim: NdArray): NdArray => clip(aim, -arena, arena);
  const along = (aim: NdArray): NdArray => sub(sum(mul(n, held(aim))), threshold);
  return {
    where: "a bonus begins",
    width,
    move: (s, a) => select(isFree(s), a, add(mul(drift, s), mul(push, clip(a, -bound, bound)))),
    arrive: (s, aim) => ({
      state: mul(shrink, held(aim)),
      reward: add(
        sum(sub(held(aim), mul(0.25, mul(held(aim), held(aim))))),
        select(less(0, along(aim)), select(isFree(s), 0, bonus), 0),
      ),
      terminated: array(0, undefined, "int32"),
    }),
    distance: (s, aim) => {
      const past = along(aim);
      return select(isFree(s), 10, select(less(0, past), past, mul(-1, past)));
    },
  };
}

const isFreeStep = (problem: ClippedProblem, h: number): boolean => problem.freeFirstStep === true && h === 0;
const meanAction = ({ theta: [w, , ...b] }: ClippedProblem, s: readonly number[]): number[] =>
  s.map((x, i) => w! * x + b[i]!);
const sigmaOf = ({ theta }: ClippedProblem): number => Math.exp(theta[1]!);
const within = (bound: number, x: number): number => Math.min(bound, Math.max(-bound, x));
const aimOf = (problem: ClippedProblem, h: number, s: number, a: number): number =>
  isFreeStep(problem, h) ? a : drift * s + problem.push * within(problem.bound, a);
const heldIn = ({ arena = unbounded }: ClippedProblem, aim: number): number => within(arena, aim);
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Five Gauss points, on [−1, 1]. */
const gauss = [
  [0, 0.5688888888888889],
  [-0.5384693101056831, 0.47862867049936647],
  [0.5384693101056831, 0.47862867049936647],
  [-0.906179845938664, 0.23692688505618908],
  [0.906179845938664, 0.23692688505618908],
] as const;

/** The longest panel. */
const longest = 0.7;

/** Nodes of N(0, 1) in panels that end at the given points. */
function panels(ends: readonly number[]): [epsilon: number, weight: number][] {
  const all = [-8, ...ends.filter((x) => Math.abs(x) < 8).sort((x, y) => x - y), 8];
  return all.slice(1).flatMap((end, k) => {
    const [from, count] = [all[k]!, Math.ceil((end - all[k]!) / longest)];
    const half = (end - from) / count / 2;
    return Array.from({ length: count }, (_, i) => from + (2 * i + 1) * half).flatMap((middle) =>
      gauss.map(([x, w]): [number, number] => [middle + half * x, w * half * density(middle + half * x)]),
    );
  });
}

const twoPoints = [
  [-1, 0.5],
  [1, 0.5],
] as const;

interface Node {
  readonly epsilon: readonly (readonly number[])[];
  readonly weight: number;
}

/** The product rule over all steps and coordinates. */
function nodesOf(problem: ClippedProblem): Node[] {
  const { steps, start, normal, push, bound, threshold, width, arena = unbounded } = problem;
  const surfaces = [threshold - width, threshold, threshold + width];
  const isLastStep = (h: number): boolean => h === steps - 1;
  const walk = (h: number, s: readonly number[]): Node[] => {
    if (h === steps) return [{ epsilon: [], weight: 1 }];
    const [means, sigma] = [meanAction(problem, s), sigmaOf(problem)];
    const [extremes, free] = [[-push * bound, push * bound], isFreeStep(problem, h)];
    const found: Node[] = [];
    /** Coordinate i, given ⟨n, s̃⟩ of those before it. */
    const coordinate = (i: number, aims: readonly number[], epsilons: readonly number[], weight: number) => {
      if (i === s.length) {
        for (const later of walk(
          h + 1,
          aims.map((x) => shrink * heldIn(problem, x)),
        ))
          found.push({ epsilon: [epsilons, ...later.epsilon], weight: weight * later.weight });
        return;
      }
      const epsilonOf = (a: number): number => (a - means[i]!) / sigma;
      const before = aims.reduce((total, x, k) => total + normal[k]! * x, 0);
      // Where this coordinate takes the surfaces: itself, or with one after it at its clip.
      const rest = normal
        .slice(i + 1)
        .reduce<number[]>(
          (sums, n, k) => sums.flatMap((t) => extremes.map((e) => t + n * (drift * s[i + 1 + k]! + e))),
          [0],
        );
      const onSurface = surfaces.flatMap((c) => rest.map((r) => (c - before - r) / normal[i]!));
      // Or where the next step's aim, clipped, would be on one.
      const next = isLastStep(h)
        ? []
        : surfaces.flatMap((c) => extremes.map((e) => (c / normal[i]! - e) / (drift * shrink)));
      const toAction = (aim: number): number => (aim - drift * s[i]!) / push;
      const ends = free
        ? []
        : [-bound, bound, ...[...onSurface, ...next, -arena, arena].map(toAction)].map(epsilonOf);
      const own = free ? twoPoints : panels(ends.filter(Number.isFinite));
      for (const [epsilon, w] of own) {
        if (weight * w < 1e-15) continue;
        const a = means[i]! + sigma * epsilon;
        const aim = aimOf(problem, h, s[i]!, a);
        coordinate(i + 1, [...aims, aim], [...epsilons, epsilon], weight * w);
      }
    };
    coordinate(0, [], [], 1);
    return found;
  };
  return walk(0, start);
}

/** The trajectories of the nodes, F of each, and their noise. */
function runAt(problem: ClippedProblem, nodes: readonly Node[]) {
  const { steps, start, normal, threshold } = problem;
  const [N, d] = [nodes.length, start.length];
  const observations = new Float64Array(N * steps * d);
  const [actions, noise] = [observations.slice(), observations.slice()];
  const F = nodes.map(({ epsilon }, j) => {
    let s = start;
    let total = 0;
    for (let h = 0; h < steps; h++) {
      const means = meanAction(problem, s);
      const free = isFreeStep(problem, h);
      let along = -threshold;
      s = s.map((x, i) => {
        const at = (j * steps + h) * d + i;
        const a = means[i]! + sigmaOf(problem) * epsilon[h]![i]!;
        [observations[at], actions[at], noise[at]] = [x, a, epsilon[h]![i]!];
        const aim = heldIn(problem, aimOf(problem, h, x, a));
        along += normal[i]! * aim;
        total += aim - aim ** 2 / 4 - a ** 2 / 8;
        return shrink * aim;
      });
      if (!free && along > 0) total += bonus;
    }
    return total;
  });
  const batch: TrajectoryBatch = {
    trajectories: N,
    horizon: steps,
    lengths: new Int32Array(N).fill(steps),
    observations,
    actions,
    rewards: new Float64Array(N * steps),
  };
  return { batch, noise, F };
}

/** A fault planted into the steps. */
export type Change = (steps: WarpedSteps) => WarpedSteps;

/** E of the warped derivative of F in θ with multipliers m, and of c alone with them. */
export function warped(
  problem: ClippedProblem,
  change: Change = (steps) => steps,
): Readonly<Record<"derivative" | "scores", Float64Array>> {
  const { theta, start, steps } = problem;
  const nodes = nodesOf(problem);
  const { batch, noise, F } = runAt(problem, nodes);
  const [rows, d, sigma] = [nodes.length * steps, start.length, sigmaOf(problem)];
  const linearised = change(warpedSteps(jumpsOf(problem))(batch, []));
  const weights = Float64Array.from(nodes, ({ weight }) => weight);
  const feedback = start.map((_, i) =>
    Float64Array.from({ length: rows * d }, (_, at) => (at % d === i ? theta[0]! : 0)),
  );
  const sweep = (onData: number, multipliers: Float64Array): Float64Array => {
    const partial = {
      rewards: Float64Array.from({ length: rows }, (_, row) => onData * weights[Math.floor(row / steps)]!),
      observations: new Float64Array(rows * d),
      actions: batch.actions.map((a, at) => (-onData * weights[Math.floor(at / (steps * d))]! * a) / 4),
    };
    const scale = batch.actions.map(() => sigma);
    const found = warpedSweep(batch, linearised, feedback, partial, { noise, scale, multipliers });
    const gradient = new Float64Array(theta.length);
    found.actions.forEach((bar, at) => {
      gradient[0]! += bar * batch.observations[at]!;
      gradient[1]! += sigma * (bar * noise[at]! + found.scales[at]!);
      gradient[2 + (at % d)]! += bar;
    });
    return gradient;
  };
  return {
    derivative: sweep(
      1,
      weights.map((w, j) => w * F[j]!),
    ),
    scores: sweep(0, weights),
  };
}

/** ∇J by central differences of fourth order. */
export function exactGradient(problem: ClippedProblem): Float64Array {
  const J = (theta: readonly number[]): number => {
    const at = { ...problem, theta };
    const nodes = nodesOf(at);
    return runAt(at, nodes).F.reduce((total, f, j) => total + f * nodes[j]!.weight, 0);
  };
  const h = 0.002;
  return Float64Array.from(problem.theta, (_, i) => {
    const at = (k: number): number => J(problem.theta.map((x, n) => (n === i ? x + k * h : x)));
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  });
}

/** In one coordinate and two steps: the flux through the jump of second steps that are clipped as they cross it. */
export function crossedWhileClipped(problem: ClippedProblem): Float64Array {
  const { start, push, bound, threshold, width, normal, theta } = problem;
  const [s, sigma] = [start[0]!, sigmaOf(problem)];
  const total = new Float64Array(theta.length);
  for (const side of [-1, 1]) {
    const state = (threshold / normal[0]! - side * push * bound) / drift; // from here, clipped, onto the jump
    const aim = state / shrink;
    const a = (aim - drift * s) / push;
    if (Math.abs(a) > bound) continue; // out of reach
    const epsilon = (a - meanAction(problem, [s])[0]!) / sigma;
    const beyond = panels([(side * bound - meanAction(problem, [state])[0]!) / sigma])
      .filter(([x]) => side * (meanAction(problem, [state])[0]! + sigma * x) > bound)
      .reduce((sum, [, w]) => sum + w, 0);
    const chi = Math.min(1, Math.abs(normal[0]! * aim - threshold) / width);
    // [F] · P(clipped) · density of s̃_1 · its velocity, χ push da; the Jacobians of s_1 and s̃_2 cancel.
    const factor = Math.sign(normal[0]!) * bonus * beyond * (density(epsilon) / (push * sigma)) * chi * push;
    [s, sigma * epsilon, 1].forEach((velocity, k) => {
      total[k]! += factor * velocity;
    });
  }
  return total;
}
