/**
 * Slopes along the tree of the bodies [eq:tree-adjoint] against autodiff [eq:vjp] of the number itself [eq:residual], through
 * all poses.
 */

import { fold, key, normal } from "@sgmrl/autodiff/random";
import {
  add,
  constant,
  evaluate,
  mul,
  type Node,
  neg,
  pullback,
  type Scalar,
  sub,
  sum,
} from "@sgmrl/autodiff/scalar";
import { expect, test } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { compileModel, robotFromMjcf } from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { bodiesAt } from "../../../src/rigid-body/program/acceleration.ts";
import { edgesOf, floorBodies } from "../../../src/rigid-body/program/floor-contacts.ts";
import { linkPairs, linkRow } from "../../../src/rigid-body/program/link-contacts.ts";
import type { Bodies } from "../../../src/rigid-body/program/newton.ts";
import { type ProgramModel, programModel } from "../../../src/rigid-body/program/parameters.ts";
import { type Inputs, residualSlopes } from "../../../src/rigid-body/program/residual.ts";
import { pushing, type Row } from "../../../src/rigid-body/program/row-law.ts";
import { limitGap, limitRow } from "../../../src/rigid-body/program/rows.ts";
import {
  fluidForces,
  inertialForces,
  motionsOfBodies,
  plusJointForces,
  timesBody,
} from "../../../src/rigid-body/program/smooth-forces.ts";
import { along, plusSpatial, scaleSpatial, wrench } from "../../../src/rigid-body/program/spatial.ts";
import { variables } from "../../../src/rigid-body/program/tape.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import { modelXml, nearStart } from "../support/mjcf-models.ts";
import { randomRobot } from "../support/random-robot.ts";

/** [eq:residual] as it is written, plus μᵀ M (a' − a); rows are counted in `touching`. */
function number(
  model: ProgramModel,
  { kin, inertias, V }: Bodies,
  [q, v, u]: Inputs,
  a: readonly Scalar[],
  lambda: readonly Scalar[],
  mu: readonly Scalar[],
  change: readonly Scalar[],
): { value: Scalar; rows: Scalar[] } {
  const [A, L, X, Y] = [a, lambda, mu, change].map((x) => motionsOfBodies(model, kin, x));
  const inertial = inertialForces(model, kin, inertias, V, v, A);
  const drags = fluidForces(model, kin, inertias, V);
  const rows: { row: Row; Ja: Scalar; JL: Scalar }[] = model.limits.map((limit) => {
    const row = limitRow(model, limit, limitGap(model, limit, q), v);
    return { row, Ja: mul(row.side, a[row.dof]!), JL: mul(row.side, lambda[row.dof]!) };
  });
  for (const { body, points } of floorBodies(model, kin)) {
    for (const point of points) {
      for (const row of edgesOf(model, V[body]!, point)) {
        const N = wrench(point.position, point.normal);
        const T = point.tangents[row.tangent];
        const J = T === undefined ? N : plusSpatial(N, scaleSpatial(row.slide, wrench(point.position, T)));
        rows.push({ row, Ja: along(J, A![body]!), JL: along(J, L![body]!) });
      }
    }
  }
  for (const link of linkPairs(model, kin)) {
    const [one, two] = [link.pair.first!.body, link.pair.second.body];
    const { w, ...row } = linkRow(model, kin.origin, link, V[one]!, V[two]!);
    const J = (M: typeof V) => sub(along(w, M[two]!), along(w, M[one]!));
    rows.push({ row, Ja: J(A!), JL: J(L!) });
  }
  const pushed = rows.map(({ row, Ja, JL }) => mul(mul(pushing(row, Ja), sub(Ja, row.reference)), JL));
  const forces = plusJointForces(
    model,
    v.map(() => constant(0)),
    q,
    v,
    u,
  );
  const value = sum([
    ...L!.map((motion, b) => sub(along(motion, inertial[b]!), along(motion, drags[b]!))),
    ...forces.map((force, i) => neg(mul(lambda[i]!, force))),
    ...pushed,
    ...X!.map((motion, b) => along(motion, timesBody(inertias[b]!, Y![b]!))),
  ]);
  return { value: add(value, 0), rows: rows.map(({ row, Ja }) => pushing(row, Ja)) };
}

const roots = ["fixed", "floating", "free"] as const;
const tree = (root: (typeof roots)[number], k: number) => randomRobot(fold(key(24), k), { bodies: 5, root });
const trees = Object.fromEntries(
  roots.flatMap((root, k) => {
    const robot = tree(root, k);
    const smooth = robot.bodies.map((body) => ({
      ...body,
      shapes: body.shapes.map((shape) => ({
        ...shape,
        surface: { ...shape.surface, contactDimension: 1 as const },
      })),
    }));
    return [
      [`a random tree with a ${root} root`, compileModel(robot)],
      [
        `a random tree with a ${root} root whose links collide`,
        compileModel({ ...robot, bodies: smooth, selfCollision: true }),
      ],
    ];
  }),
);
const read = Object.fromEntries(
  ["crates", "slope", "downhill", "drifting-crates", "ball-leg", "ball-chain", "solids"].map((name) => [
    name,
    compileModel(robotFromMjcf(modelXml(name))),
  ]),
);
const own = Object.fromEntries(Object.entries(robots).map(([name, robot]) => [name, compileModel(robot)]));
const models: Record<string, Model> = { ...own, ...read, ...trees };

test.each(Object.keys(models))("slopes of %s are the number's", (name) => {
  const model = models[name]!;
  const { nq, nv, nu } = model;
  const { robot } = programModel(model, false);
  const inputs = [variables("q", nq), variables("v", nv), variables("u", nu)] as const;
  const [a, lambda, mu, change] = ["a", "λ", "μ", "a'-a"].map((symbol) => variables(symbol, nv));
  const all = inputs.flat();
  const bodies = bodiesAt(robot, inputs[0], inputs[1]);
  const { value, rows } = number(robot, bodies, inputs, a!, lambda!, mu!, change!);
  const plain = pullback([value], [constant(1)], all);
  const byTree = residualSlopes(robot, bodies, inputs, a!, lambda!, { mu: mu!, change: change! });
  let pushing = 0;
  for (let seed = 0; seed < runs(name.includes("collide") ? 80 : 10); seed++) {
    const { state, control } = nearStart(model, fold(key(22), seed));
    const others = normal(fold(key(23), seed), 4 * nv).map((x) => 5 * x);
    const numbers = [...state.qpos, ...state.qvel, ...control, ...others];
    const known = new Map<Node, number>(
      [...all, ...a!, ...lambda!, ...mu!, ...change!].map((symbol, k) => [symbol, numbers[k]!]),
    );
    const [expected, found] = [evaluate(plain, known), evaluate(byTree, known)];
    const size = Math.max(...expected.map(Math.abs));
    const largest = Math.max(...expected.map((x, k) => Math.abs(x - found[k]!)));
    expect(largest / size).toBeLessThan(1e-11);
    if (evaluate(rows, known).some((w) => w > 0)) pushing++;
  }
  if (model.pairs.length > 0) expect(pushing).toBeGreaterThan(1);
});
