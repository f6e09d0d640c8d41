/** Inertias about O, and the matrices over the dofs built from them. */
import { add, constant, div, mul, neg, type Scalar } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import type { Kinematics } from "./kinematics.ts";
import type { ProgramModel } from "./parameters.ts";
import {
  along,
  apply,
  compose,
  type Mat,
  plus,
  type Spatial,
  scale,
  transpose,
  type Vec,
  vec,
  vecAt,
} from "./spatial.ts";

/** A symmetric matrix from motions to forces, such as a spatial inertia: its rows i, columns j >= i. */
export type SpatialMatrix = readonly Scalar[];

const indexOf = (i: number, j: number): number => (i <= j ? (i * (11 - i)) / 2 + j : indexOf(j, i));

export const noInertia: SpatialMatrix = Array.from({ length: 21 }, () => constant(0));

export function plusMatrix(A: SpatialMatrix, B: SpatialMatrix): SpatialMatrix {
  return A.map((a, k) => add(a, B[k]!));
}

/** A_ij = entry(i, j) for i <= j, the angular components first. */
export function spatialMatrix(entry: (i: number, j: number) => Scalar): SpatialMatrix {
  return Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 - i }, (_, k) => entry(i, i + k))).flat();
}

export function components({ angular, linear }: Spatial): readonly Scalar[] {
  return [...angular, ...linear];
}

export function times(A: SpatialMatrix, S: Spatial): Spatial {
  const x = components(S);
  const row = (i: number): Scalar =>
    x.reduce((total, xj, j) => add(total, mul(A[indexOf(i, j)]!, xj)), constant(0));
  return { angular: [row(0), row(1), row(2)], linear: [row(3), row(4), row(5)] };
}

/** A body: mass m [kg], h = m c [kg m] and moments about O [kg m²], c the centre of mass from O. */
export interface BodyInertia {
  readonly mass: Scalar;
  readonly center: Vec;
  readonly first: Vec;
  readonly moment: Mat;
}

/** I_O = R I Rᵀ + m (|c|² 1 − c cᵀ)                                                                [eq:mass-matrix] */
export function bodyInertias(model: ProgramModel, { poses }: Kinematics): BodyInertia[] {
  return poses.map(({ rotation: R, position }, b) => {
    const mass = model.parameters.mass[b]!;
    const center = plus(position, apply(R, vecAt(model.bodyCenter, 3 * b)));
    const [xx, yy, zz, xy, xz, yz] = model.parameters.inertia.slice(6 * b, 6 * b + 6);
    const own = compose(
      compose(R, [vec(xx!, xy!, xz!), vec(xy!, yy!, yz!), vec(xz!, yz!, zz!)]),
      transpose(R),
    );
    const first = scale(mass, center);
    const entry = (i: 0 | 1 | 2, j: 0 | 1 | 2): Scalar => {
      if (i !== j) return add(own[i][j], neg(mul(first[i], center[j])));
      const [k, l] = ([1, 2, 0] as const).map((next, at) => [next, ([2, 0, 1] as const)[at]!] as const)[i]!;
      return add(own[i][i], add(mul(first[k], center[k]), mul(first[l], center[l])));
    };
    const row = (i: 0 | 1 | 2): Vec => [entry(i, 0), entry(i, 1), entry(i, 2)];
    return { mass, center, first, moment: [row(0), row(1), row(2)] };
  });
}

/** Σ m c / Σ m, from O */
export function centerOfMass(inertias: readonly BodyInertia[]): Vec {
  const total = inertias.map(({ mass }) => mass).reduce((a, b) => add(a, b));
  return scale(div(1, total), inertias.map(({ first }) => first).reduce(plus));
}

/** (ω, v) → (I_O ω + h × v,  m v − h × ω) */
export function inertiaMatrix({ mass, first: [x, y, z], moment }: BodyInertia): SpatialMatrix {
  const zero = constant(0);
  const skew: Mat = [
    [zero, neg(z), y],
    [z, zero, neg(x)],
    [neg(y), x, zero],
  ];
  return spatialMatrix((i, j) => {
    if (j < 3) return moment[i as 0 | 1 | 2][j as 0 | 1 | 2];
    if (i < 3) return skew[i as 0 | 1 | 2][(j - 3) as 0 | 1 | 2];
    return i === j ? mass : zero;
  });
}

/** For each body, the sum of its own value and those of all bodies it carries. */
export function carried<T>(model: Model, own: readonly T[], plusOf: (a: T, b: T) => T): T[] {
  const total = [...own];
  for (let b = total.length - 1; b > 1; b--) {
    const parent = model.bodyParent[b]!;
    if (parent > 0) total[parent] = plusOf(total[parent]!, total[b]!);
  }
  return total;
}

/**
 * H_ij = S_jᵀ A_b(i) S_i for j on the path of i, A_b(i) summed over all bodies that dof i moves; stored by
 * paths, see tree-factor.ts. The bodies' inertias give the mass matrix; D w wᵀ, for an active row J = wᵀ S,
 * gives its D JᵀJ.
 */
export function matrixOverDofs(
  model: Model,
  { motions }: Kinematics,
  own: readonly SpatialMatrix[],
): Scalar[] {
  const total = carried(model, own, plusMatrix);
  const { start, dofs } = model.paths;
  const strangers = new Set(model.strangers);
  return Array.from({ length: model.nv }, (_, i) => {
    const force = times(total[model.dofBody[i]!]!, motions[i]!);
    return Array.from(dofs.subarray(start[i]!, start[i + 1]!), (j, k) =>
      strangers.has(start[i]! + k) ? constant(0) : along(motions[j]!, force),
    );
  }).flat();
}
