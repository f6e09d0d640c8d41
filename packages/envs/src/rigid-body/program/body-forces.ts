/** Forces on single bodies or pairs of them, and the derivatives of their power along λ. */
import {
  add,
  constant,
  isZero,
  mul,
  neg,
  pullback,
  type Scalar,
  sub,
  sum,
  variable,
  whenAny,
  withRule,
} from "@sgmrl/autodiff/scalar";
import type { FluidBox, Model, Plane } from "../model/model.ts";
import { edgesOf, type FloorBody, floorBodies, floorPoints } from "./floor-contacts.ts";
import { components } from "./inertia.ts";
import type { Segment } from "./kinematics.ts";
import { type LinkPair, linkPairs, linkRow } from "./link-contacts.ts";
import type { Bodies } from "./newton.ts";
import type { ProgramModel } from "./parameters.ts";
import { pushedGap, type Row } from "./row-law.ts";
import { drag, placedBox } from "./smooth-forces.ts";
import {
  along,
  cross,
  crossForce,
  dot,
  minusSpatial,
  plus,
  plusSpatial,
  type Spatial,
  spatialAt,
  still,
  type Vec,
  velocityAt,
} from "./spatial.ts";

/** Motions of a body under v, a and λ. */
export interface Motions {
  readonly V: Spatial;
  readonly A: Spatial;
  readonly L: Spatial;
}

/** Cotangents of a body's motions, and W: the change is its power along a displacement of the body and its motions. */
export interface Shares extends Motions {
  readonly W: Spatial;
}

export const noShares: Shares = { V: still, A: still, L: still, W: still };

export function plusShares(a: Shares, b: Shares): Shares {
  return {
    V: plusSpatial(a.V, b.V),
    A: plusSpatial(a.A, b.A),
    L: plusSpatial(a.L, b.L),
    W: plusSpatial(a.W, b.W),
  };
}

/** Derivatives of the power of contacts and of a fluid along λ, by body. */
export function bodyShares(model: ProgramModel, bodies: Bodies, motions: readonly Motions[]): Shares[] {
  const all = motions.map(() => noShares);
  const addTo = (b: number, shares: Shares): void => {
    all[b] = plusShares(all[b]!, shares);
  };
  for (const own of floorBodies(model, bodies.kin))
    addTo(own.body, floorShares(model, bodies, own, motions[own.body]!));
  for (const link of linkPairs(model, bodies.kin)) {
    const [one, two] = [link.pair.first!.body, link.pair.second.body];
    const [first, second] = linkShares(model, bodies, link, [motions[one]!, motions[two]!]);
    addTo(one, first);
    addTo(two, second);
  }
  for (const box of model.fluidBoxes) addTo(box.body, dragShares(model, box, bodies, motions[box.body]!));
  return all;
}

/** Nothing but the body is displaced, and its drag along with it: W = 0. */
function dragShares(model: Model, box: FluidBox, { kin, inertias }: Bodies, motions: Motions): Shares {
  const body = new HeldBody(model, motions);
  const force = drag(box, placedBox(box, kin, inertias), body.V);
  const bars = pullback([neg(along(body.L, force))], [constant(1)], body.motionLeaves);
  return { ...noShares, V: spatialAt(bars, 0), L: spatialAt(bars, 12) };
}

/** Σ w_k (J_k a − aref_k) J_k λ over rows that push, each weight once. */
function powerOf(
  rows: readonly { readonly row: Row; readonly Ja: Scalar; readonly JLambda: Scalar }[],
): Scalar {
  const sums = new Map<Scalar, Scalar>();
  for (const { row, Ja, JLambda } of rows) {
    const share = mul(pushedGap(row, Ja), JLambda);
    sums.set(row.weight, add(sums.get(row.weight) ?? constant(0), share));
  }
  return sum([...sums].map(([weight, total]) => mul(weight, total)));
}

function floorShares(model: ProgramModel, { kin }: Bodies, own: FloorBody, motions: Motions): Shares {
  const values = whenAny(own.touches, () => {
    const body = new HeldBody(model, motions);
    const shapes = own.shapes.map(({ pair, ...segment }) => ({ pair, ...body.segment(segment) }));
    const rows = floorPoints(model, kin.origin, shapes).flatMap((point) => {
      const { position, normal, tangents } = point;
      const [a, lambda] = [velocityAt(body.A, position), velocityAt(body.L, position)];
      const along = (x: Vec, { slide, tangent }: { slide: Scalar; tangent: number }): Scalar => {
        const slip = isZero(slide) ? constant(0) : mul(slide, dot(tangents[tangent]!, x));
        return add(dot(normal, x), slip);
      };
      return edgesOf(model, body.V, point).map((row) => ({
        row,
        Ja: along(a, row),
        JLambda: along(lambda, row),
      }));
    });
    return body.shares(pullback([powerOf(rows)], [constant(1)], body.leaves)).flatMap(components);
  });
  return {
    V: spatialAt(values, 0),
    A: spatialAt(values, 6),
    L: spatialAt(values, 12),
    W: spatialAt(values, 18),
  };
}

/** Displaced together, two links change nothing: their W are opposite. */
function linkShares(
  model: ProgramModel,
  { kin }: Bodies,
  link: LinkPair,
  motions: readonly [Motions, Motions],
): [Shares, Shares] {
  const values = whenAny(link.near, () => {
    const [first, second] = motions.map((own) => new HeldBody(model, own)) as [HeldBody, HeldBody];
    const two = second.segment(link.two);
    const { w, ...row } = linkRow(model, kin.origin, { ...link, two }, first.V, second.V);
    const [Ja, JLambda] = [
      sub(along(w, second.A), along(w, first.A)),
      sub(along(w, second.L), along(w, first.L)),
    ];
    const leaves = [...first.motionLeaves, ...second.leaves];
    const bars = pullback([powerOf([{ row, Ja, JLambda }])], [constant(1)], leaves);
    return [...bars.slice(0, 18), ...second.shares(bars.slice(18)).flatMap(components)];
  });
  const at = (k: number) => spatialAt(values, 6 * k);
  return [
    { V: at(0), A: at(1), L: at(2), W: minusSpatial(still, at(6)) },
    { V: at(3), A: at(4), L: at(5), W: at(6) },
  ];
}

/** A body whose motions, points and directions are each held independent of all else. */
class HeldBody implements Motions {
  readonly V: Spatial;
  readonly A: Spatial;
  readonly L: Spatial;
  readonly #plane: Plane | undefined;
  readonly #segments: Segment[] = [];

  constructor({ plane }: Model, { V, A, L }: Motions) {
    this.#plane = plane;
    const own = ({ angular, linear }: Spatial): Spatial => ({
      angular: held(angular, plane && [plane.u, plane.v]),
      linear: held(linear, plane && [plane.n]),
    });
    [this.V, this.A, this.L] = [own(V), own(A), own(L)];
  }

  /** A segment fixed in the body. */
  segment({ center, axis }: Segment): Segment {
    const normal = this.#plane && [this.#plane.n];
    const own = { center: held(center, normal), axis: held(axis, normal) };
    this.#segments.push(own);
    return own;
  }

  get leaves(): Scalar[] {
    const places = this.#segments.flatMap(({ center, axis }) => [...center, ...axis]);
    return [...this.motionLeaves, ...places];
  }

  get motionLeaves(): Scalar[] {
    return [this.V, this.A, this.L].flatMap(components);
  }

  /**
   * V̄, Ā, Λ̄ and W from the leaves' cotangents, where a displacement (θ, d) changes a point by θ × p + d, a direction by
   * θ × e, and a motion X by (θ, d) × X:
   *   W = Σ (p × p̄, p̄) + Σ (e × ē, 0) + Σ X ×* X̄
   */
  shares(bars: readonly Scalar[]): Spatial[] {
    const motions = [this.V, this.A, this.L];
    const motionBars = motions.map((_, k) => spatialAt(bars, 6 * k));
    let W = motions.reduce((total, X, k) => plusSpatial(total, crossForce(X, motionBars[k]!)), still);
    this.#segments.forEach(({ center, axis }, k) => {
      const { angular: centerBar, linear: axisBar } = spatialAt(bars, 18 + 6 * k);
      const torque = plus(cross(center, centerBar), cross(axis, axisBar));
      W = plusSpatial(W, { angular: torque, linear: centerBar });
    });
    return [...motionBars, W];
  }
}

/**
 * The same values as scalars of their own, at which differentiation ends: also those that are 0 in every pose, as for a
 * point at O, but for the components `none` that no displacement changes either.
 */
function held(values: Vec, none: readonly number[] = []): Vec {
  const [x, y, z] = withRule(
    [],
    () => values,
    () => [],
  ).map((value, k) => (isZero(value) && !none.includes(k) ? variable("0") : value)) as [
    Scalar,
    Scalar,
    Scalar,
  ];
  return [x, y, z];
}
