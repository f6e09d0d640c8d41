/** The constrained acceleration [eq:constraint-solver], by Newton's method. */
import { abs, add, constant, isZero, mul, type Scalar, sub, sum, whenAny } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import type { FloorContact } from "./floor-contacts.ts";
import {
  type BodyInertia,
  carried,
  components,
  matrixOverDofs,
  noInertia,
  plusMatrix,
  type SpatialMatrix,
  spatialMatrix,
} from "./inertia.ts";
import type { Kinematics } from "./kinematics.ts";
import type { LinkContact } from "./link-contacts.ts";
import { pushing, unsupported } from "./row-law.ts";
import type { Rows } from "./rows.ts";
import { motionsOfBodies } from "./smooth-forces.ts";
import {
  along,
  cross,
  minus,
  plusSpatial,
  type Spatial,
  scaleSpatial,
  spatialAt,
  still,
  type Vec,
} from "./spatial.ts";
import { factored, solveFactored } from "./tree-solve.ts";

/** The bodies at (q, v). */
export interface Bodies {
  readonly kin: Kinematics;
  readonly inertias: readonly BodyInertia[];
  /** Their velocities. */
  readonly V: readonly Spatial[];
}

/** The solver's input: M, f and the rows. */
export interface ContactProblem extends Bodies {
  /** The robot's centre of mass, from O. */
  readonly center: Vec;
  readonly mass: readonly Scalar[];
  readonly smooth: readonly Scalar[];
  readonly rows: Rows;
}

/** Number of weights of a set of rows, ordered: limits, edges of floor contacts, links. */
export function rowCount({ limits, bodies, links }: Rows): number {
  const edges = bodies.flatMap(({ contacts }) => contacts.flatMap((contact) => contact.edges));
  return limits.length + edges.length + links.length;
}

/** Weights of the rows at a: D where J a < aref, else 0; and Σ |change| from the previous weights. */
export function weightsAt(
  model: Model,
  { kin, rows }: ContactProblem,
  a: readonly Scalar[],
  before: readonly Scalar[],
): { weights: Scalar[]; change: Scalar } {
  const A = motionsOfBodies(model, kin, a);
  let next = 0;
  const changes: Scalar[] = [];
  const changeOf = (weights: readonly Scalar[], old: readonly Scalar[]): Scalar =>
    sum(weights.map((weight, k) => abs(sub(weight, old[k]!))));
  const take = (count: number): readonly Scalar[] => {
    next += count;
    return before.slice(next - count, next);
  };
  const limits = rows.limits.map((row) => pushing(row, mul(row.side, a[row.dof]!)));
  changes.push(changeOf(limits, take(limits.length)));
  const bodies = rows.bodies.flatMap(({ body, touches, contacts }) => {
    const old = take(contacts.reduce((total, { edges }) => total + edges.length, 0));
    const [change, ...weights] = whenAny(touches, () => {
      const found = contacts.flatMap(({ normal, tangents, edges }) => {
        const rise = along(normal, A[body]!);
        const slips = tangents.map((tangent) => along(tangent, A[body]!));
        return edges.map((edge) => {
          const slip = isZero(edge.slide) ? constant(0) : mul(edge.slide, slips[edge.tangent]!);
          return pushing(edge, add(rise, slip));
        });
      });
      return [changeOf(found, old), ...found];
    });
    changes.push(change!);
    return weights;
  });
  const links = rows.links.map((link) => {
    const old = take(1);
    const [change, weight] = whenAny(link.near, () => {
      const Ja = sum(link.directions.map(([dof, J]) => mul(J, a[dof]!)));
      const found = pushing(link, Ja);
      return [changeOf([found], old), found];
    });
    changes.push(change!);
    return weight!;
  });
  return { weights: [...limits, ...bodies, ...links], change: sum(changes) };
}

/**
 * a⁺ for rows with the given weights:  (M + Σ w_i J_iᵀ J_i) a⁺ = f + Σ w_i aref_i J_iᵀ      [eq:newton-point]
 * A contact's row J = wᵀ S, w its direction as a force on the body, adds to the body's inertia:
 *   J_iᵀ J_i  is  Sᵀ (w wᵀ) S
 */
export function newtonPoint(
  model: Model,
  problem: ContactProblem,
  weights: readonly Scalar[],
): { point: Scalar[]; factor: Scalar[] } {
  const { H, g } = newtonSystem(model, problem, weights);
  const factor = factored(model.paths, H);
  return { point: solveFactored(model.paths, factor, g), factor };
}

/** H and g of H a⁺ = g. */
function newtonSystem(
  model: Model,
  { kin, mass, smooth, rows }: ContactProblem,
  weights: readonly Scalar[],
): { H: readonly Scalar[]; g: readonly Scalar[] } {
  let next = 0;
  const take = (count: number): readonly Scalar[] => {
    next += count;
    return weights.slice(next - count, next);
  };
  const H = [...mass];
  const g = [...smooth];
  const { start } = model.paths;
  for (const { dof, side, reference } of rows.limits) {
    const [w] = take(1);
    H[start[dof]!] = add(H[start[dof]!]!, w!);
    g[dof] = add(g[dof]!, mul(w!, mul(side, reference)));
  }
  const stiffness: SpatialMatrix[] = model.bodyParent.reduce<SpatialMatrix[]>(
    (all) => [...all, noInertia],
    [],
  );
  const pull: Spatial[] = stiffness.map(() => still);
  for (const { body, touches, contacts } of rows.bodies) {
    const own = contacts.map((contact) => take(contact.edges.length));
    const values = whenAny(touches, () => {
      const parts = contacts.map((contact, k) => contactStiffness(contact, own[k]!));
      const total = parts.map((part) => part.matrix).reduce(plusMatrix);
      return [...total, ...components(parts.map((part) => part.pull).reduce(plusSpatial))];
    });
    stiffness[body] = values.slice(0, 21);
    pull[body] = spatialAt(values, 21);
  }
  if (rows.bodies.length > 0) {
    matrixOverDofs(model, kin, stiffness).forEach((entry, k) => {
      H[k] = add(H[k]!, entry);
    });
    const total = carried(model, pull, plusSpatial);
    kin.motions.forEach((S, i) => {
      g[i] = add(g[i]!, along(S, total[model.dofBody[i]!]!));
    });
  }
  for (const link of rows.links) addLink(model, link, take(1)[0]!, H, g);
  return { H, g };
}

/**
 * Σ w_e (N + s_e T)(N + s_e T)ᵀ over the edges along each tangent T, and Σ w_e aref_e (N + s_e T):
 *   α NNᵀ + β (NTᵀ + TNᵀ) + γ TTᵀ        α = Σ w_e,  β = Σ w_e s_e,  γ = Σ w_e s_e²
 */
function contactStiffness(
  { normal, tangents, edges }: FloorContact,
  w: readonly Scalar[],
): { matrix: SpatialMatrix; pull: Spatial } {
  const N = components(normal);
  const alpha = sum(w);
  let [left, pull] = [
    scaleSpatial(alpha, normal),
    scaleSpatial(sum(edges.map((e, k) => mul(w[k]!, e.reference))), normal),
  ];
  const rights: { T: readonly Scalar[]; right: readonly Scalar[] }[] = [];
  tangents.forEach((tangent, t) => {
    const own = edges.flatMap((edge, k) =>
      !isZero(edge.slide) && edge.tangent === t ? [{ ...edge, w: w[k]! }] : [],
    );
    const beta = sum(own.map((edge) => mul(edge.slide, edge.w)));
    const gamma = sum(own.map((edge) => mul(mul(edge.slide, edge.slide), edge.w)));
    const slide = sum(own.map((edge) => mul(edge.slide, mul(edge.w, edge.reference))));
    left = plusSpatial(left, scaleSpatial(beta, tangent));
    pull = plusSpatial(pull, scaleSpatial(slide, tangent));
    const right = components(plusSpatial(scaleSpatial(beta, normal), scaleSpatial(gamma, tangent)));
    rights.push({ T: components(tangent), right });
  });
  const byNormal = components(left);
  const matrix = spatialMatrix((i, j) =>
    sum([mul(byNormal[i]!, N[j]!), ...rights.map(({ T, right }) => mul(right[i]!, T[j]!))]),
  );
  return { matrix, pull };
}

/**
 * [eq:contact-force] The floor's force on each part at the solution a, as (torque about the robot's centre of
 * mass, force), the world's part first: Σ_e w_e (aref_e − J_e a) (N + s_e T).
 */
export function contactForces(
  model: Model,
  { kin, center, rows }: ContactProblem,
  weights: readonly Scalar[],
  a: readonly Scalar[],
): Scalar[] {
  if (rows.links.length > 0) throw unsupported(model, "links", "the force between two");
  const A = motionsOfBodies(model, kin, a);
  const forces = model.partNames.map(() => still);
  let next = rows.limits.length;
  for (const { body, touches, contacts } of rows.bodies) {
    const first = next;
    next += contacts.reduce((total, { edges }) => total + edges.length, 0);
    const parts = [...new Set(contacts.map(({ part }) => part))];
    const values = whenAny(touches, () => {
      let edge = first;
      const own = new Map(parts.map((part) => [part, still]));
      for (const { part, normal, tangents, edges } of contacts) {
        for (const { slide, tangent, reference } of edges) {
          const J = isZero(slide) ? normal : plusSpatial(normal, scaleSpatial(slide, tangents[tangent]!));
          const force = mul(weights[edge++]!, sub(reference, along(J, A[body]!)));
          own.set(part, plusSpatial(own.get(part)!, scaleSpatial(force, J)));
        }
      }
      return parts.flatMap((part) => components(own.get(part)!));
    });
    parts.forEach((part, k) => {
      forces[part] = plusSpatial(forces[part]!, spatialAt(values, 6 * k));
    });
  }
  return forces.flatMap(({ angular, linear }) => [...minus(angular, cross(center, linear)), ...linear]);
}

function addLink(model: Model, link: LinkContact, w: Scalar, H: Scalar[], g: Scalar[]): void {
  const { start, dofs } = model.paths;
  const { directions, reference, near } = link;
  const places = directions.flatMap(([i], k) =>
    directions.slice(0, k + 1).map(([j]) => {
      const place = dofs.indexOf(j, start[i]!);
      return place;
    }),
  );
  const values = whenAny(near, () => [
    ...directions.flatMap(([, Ji], k) => directions.slice(0, k + 1).map(([, Jj]) => mul(mul(w, Ji), Jj))),
    ...directions.map(([, J]) => mul(mul(w, reference), J)),
  ]);
  places.forEach((place, k) => {
    H[place] = add(H[place]!, values[k]!);
  });
  directions.forEach(([i], k) => {
    g[i] = add(g[i]!, values[places.length + k]!);
  });
}
