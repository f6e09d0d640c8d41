/**
 * Derivatives of the equations of motion along a direction λ, by the tree of the bodies.          [eq:tree-adjoint]
 *
 * The number of [eq:residual] depends on the pose only through motions S_i of the dofs, inertias, points and
 * directions, each fixed in a body. Written about a point at rest, dof i displaces all those that it carries by S_i, so
 * that no pose is differentiated.
 */
import { add, constant, mul, neg, pullback, type Scalar, sum, whenAny } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { bodyShares } from "./body-forces.ts";
import type { BodyInertia } from "./inertia.ts";
import {
  type Chain,
  chainOf,
  type Joint,
  jointsOf,
  plusAlong,
  quaternionShare,
  shareOf,
} from "./joint-chain.ts";
import type { Bodies } from "./newton.ts";
import type { ProgramModel } from "./parameters.ts";
import { pushedGap } from "./row-law.ts";
import { limitGap, limitRow } from "./rows.ts";
import { plusJointForces, timesBody } from "./smooth-forces.ts";
import {
  along,
  crossForce,
  crossMotion,
  minusSpatial,
  plusSpatial,
  type Spatial,
  still,
  vec,
  zeroVec,
} from "./spatial.ts";

export type Inputs = readonly [q: readonly Scalar[], v: readonly Scalar[], u: readonly Scalar[]];

/** μ and a' − a: the residual gains μᵀ M (a' − a). */
export interface ImplicitDamping {
  readonly mu: readonly Scalar[];
  readonly change: readonly Scalar[];
}

/** A motion of the bodies, and its cotangents summed over what each body carries so far. */
interface Sweep {
  readonly chain: Chain;
  readonly bars: Spatial[];
}

/** ∂/∂(q, v, u) of λᵀ (H a − g) [eq:residual], a and λ held. Armature does not depend on q, v or u. */
export function residualSlopes(
  model: ProgramModel,
  bodies: Bodies,
  inputs: Inputs,
  a: readonly Scalar[],
  lambda: readonly Scalar[],
  damping?: ImplicitDamping,
): Scalar[] {
  const [q, v] = inputs;
  const { kin, inertias } = bodies;
  const S = kin.motions;
  const joints = jointsOf(model);
  const under = (x: readonly Scalar[]): Chain =>
    chainOf(model, joints, still, (motion, joint) => plusAlong(motion, S, x, joint));
  const [V, A, L] = [under(v), under(a), under(lambda)];
  const upward: Spatial = {
    angular: zeroVec,
    linear: vec(...(model.gravity.map((g) => -g) as [number, number, number])),
  };
  // What the velocities add to A, less gravity.
  const C = chainOf(model, joints, upward, (motion, joint) =>
    plusSpatial(motion, crossMotion(V.before.get(joint)!, shareOf(S, v, joint))),
  );
  const total = bothOf(A, C);
  const contacts = bodyShares(
    model,
    bodies,
    V.bodies.map((_, b) => ({ V: V.bodies[b]!, A: A.bodies[b]!, L: L.bodies[b]! })),
  );
  const smooth = inertias.map((inertia, b) =>
    smoothBars(inertia, V.bodies[b]!, total.bodies[b]!, L.bodies[b]!),
  );
  const sweepOf = (chain: Chain, bar: (b: number) => Spatial): Sweep => ({
    chain,
    bars: inertias.map((_, b) => bar(b)),
  });
  const bySpeed = sweepOf(V, (b) => plusSpatial(smooth[b]!.V, contacts[b]!.V));
  const byTotal = sweepOf(total, (b) => smooth[b]!.total);
  const sweeps = [
    bySpeed,
    byTotal,
    sweepOf(A, (b) => contacts[b]!.A),
    sweepOf(L, (b) => plusSpatial(smooth[b]!.L, contacts[b]!.L)),
  ];
  if (damping !== undefined) {
    const [X, Y] = [under(damping.mu), under(damping.change)];
    sweeps.push(sweepOf(X, (b) => timesBody(inertias[b]!, Y.bodies[b]!)));
    sweeps.push(sweepOf(Y, (b) => timesBody(inertias[b]!, X.bodies[b]!)));
  }
  const W = contacts.map((own) => own.W);

  const [qBar, vBar] = [q.map(() => constant(0)), v.map(() => constant(0))];
  for (let b = joints.length - 1; b > 0; b--) {
    for (const joint of joints[b]!.toReversed()) {
      const before = V.before.get(joint)!;
      const speedForce = minusSpatial(bySpeed.bars[b]!, crossForce(before, byTotal.bars[b]!));
      for (const i of joint.dofs) vBar[i] = along(S[i]!, speedForce);
      bySpeed.bars[b] = plusSpatial(bySpeed.bars[b]!, crossForce(shareOf(S, v, joint), byTotal.bars[b]!));
      const force = sweeps.reduce(
        (total, { chain, bars }) => minusSpatial(total, crossForce(chain.before.get(joint)!, bars[b]!)),
        W[b]!,
      );
      const turns = joint.dofs.map((i) => along(S[i]!, force));
      addTurns(model, q, joint, turns, qBar);
    }
    const parent = model.bodyParent[b]!;
    for (const { bars } of sweeps) bars[parent] = plusSpatial(bars[parent]!, bars[b]!);
    W[parent] = plusSpatial(W[parent]!, W[b]!);
  }
  const direct = jointSlopes(model, inputs, a, lambda);
  return [...qBar, ...vBar, ...inputs[2].map(() => constant(0))].map((bar, k) => add(bar, direct[k]!));
}

/** Derivatives of Λᵀ (I A + V ×* I V) by V, A and Λ. */
function smoothBars(
  inertia: BodyInertia,
  V: Spatial,
  A: Spatial,
  L: Spatial,
): { V: Spatial; total: Spatial; L: Spatial } {
  const momentum = timesBody(inertia, V);
  const gyration = plusSpatial(timesBody(inertia, crossMotion(V, L)), crossForce(L, momentum));
  return {
    V: minusSpatial(still, gyration),
    total: timesBody(inertia, L),
    L: plusSpatial(timesBody(inertia, A), crossForce(V, momentum)),
  };
}

/** X_b + Y_b */
function bothOf(X: Chain, Y: Chain): Chain {
  return {
    bodies: X.bodies.map((motion, b) => plusSpatial(motion, Y.bodies[b]!)),
    before: new Map(
      [...X.before].map(([joint, motion]) => [joint, plusSpatial(motion, Y.before.get(joint)!)]),
    ),
  };
}

/** Adds derivatives by a joint's turns to those by its coordinates. */
function addTurns(
  model: Model,
  q: readonly Scalar[],
  { dofs }: Joint,
  turns: readonly Scalar[],
  qBar: Scalar[],
): void {
  const quaternion = model.quaternions.find(({ dof }) => dof === dofs[0]);
  if (quaternion === undefined) {
    dofs.forEach((i, k) => {
      qBar[model.dofQpos[i]!] = add(qBar[model.dofQpos[i]!]!, turns[k]!);
    });
    return;
  }
  const a = quaternion.qposAddress;
  const [x, y, z] = turns as [Scalar, Scalar, Scalar];
  quaternionShare([q[a]!, q[a + 1]!, q[a + 2]!, q[a + 3]!], [x, y, z]).forEach((share, k) => {
    qBar[a + k] = add(qBar[a + k]!, share);
  });
}

/** The same of what depends on coordinates and rates themselves: springs, dampers, motors and limits. */
function jointSlopes(
  model: ProgramModel,
  [q, v, u]: Inputs,
  a: readonly Scalar[],
  lambda: readonly Scalar[],
): Scalar[] {
  const none = v.map(() => constant(0));
  const forces = plusJointForces(model, none, q, v, u).map((force, i) => neg(mul(lambda[i]!, force)));
  const limits = model.limits.flatMap((limit) => {
    const gap = limitGap(model, limit, q);
    return whenAny(gap.isReached, () => {
      const row = limitRow(model, limit, gap, v);
      const Ja = mul(row.side, a[row.dof]!);
      const JLambda = mul(row.side, lambda[row.dof]!);
      return [mul(row.weight, mul(pushedGap(row, Ja), JLambda))];
    });
  });
  const all = [...q, ...v, ...u];
  return pullback([sum([...forces, ...limits])], [constant(1)], [...all, ...lambda]).slice(0, all.length);
}
