import { describe, expect, test } from "vitest";
import { compileBodyByBody } from "../../../src/rigid-body/compile/compile-model.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import { compileModel, initialState, type Robot, RobotError, step } from "../../../src/rigid-body/index.ts";
import type { AxialJoint } from "../../../src/rigid-body/model/robot.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { loadOfficial } from "../support/official.ts";

const names: RobotName[] = ["half-cheetah", "swimmer", "hopper", "walker2d", "ant"];

/** |a − b| / max(1, |b|) at its largest. */
function worst(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length);
  let most = 0;
  for (let i = 0; i < ours.length; i++) {
    most = Math.max(most, Math.abs(ours[i]! - theirs[i]!) / Math.max(1, Math.abs(theirs[i]!)));
  }
  return most;
}

/** R diag(principal) Rᵀ as (xx, yy, zz, xy, xz, yz), R the rotation of the quaternion w x y z. */
function tensor(principal: ArrayLike<number>, quaternion: ArrayLike<number>): number[] {
  const [w, x, y, z] = Array.from(quaternion) as [number, number, number, number]; // length 4 by MuJoCo's layout
  const R = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
  const entry = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, k) => sum + R[i]![k]! * principal[k]! * R[j]![k]!, 0);
  return [entry(0, 0), entry(1, 1), entry(2, 2), entry(0, 1), entry(0, 2), entry(1, 2)];
}

// [eq:mass-properties] [eq:inverse-weight]
describe.each(names)("%s compiles to the official constants", (name) => {
  test("masses, centres, inertias, inverse weights, joints, motors: to 1e-13", async () => {
    const { model: official } = await loadOfficial(name);
    const model = compileBodyByBody(robots[name]);
    expect([model.nq, model.nv, model.nu]).toEqual([official.nq, official.nv, official.nu]);
    expect(model.bodyParent.length).toBe(official.nbody);
    expect(Array.from(model.bodyParent)).toEqual(Array.from(official.body_parentid));
    expect(worst(model.bodyPosition.subarray(3), official.body_pos.subarray(3))).toBeLessThan(1e-13);
    expect(worst(model.bodyMass, official.body_mass)).toBeLessThan(1e-13);
    expect(worst(model.bodyCenter, official.body_ipos)).toBeLessThan(1e-13);
    for (let b = 1; b < official.nbody; b++) {
      const theirs = tensor(
        official.body_inertia.subarray(3 * b, 3 * b + 3),
        official.body_iquat.subarray(4 * b, 4 * b + 4),
      );
      expect(worst(model.bodyInertia.subarray(6 * b, 6 * b + 6), theirs)).toBeLessThan(1e-13);
    }
    expect(worst(model.bodyInverseWeight, official.body_invweight0)).toBeLessThan(1e-13);
    expect(worst(model.dofInverseWeight, official.dof_invweight0)).toBeLessThan(1e-13);
    expect(Array.from(model.dofParent)).toEqual(Array.from(official.dof_parentid));
    expect(Array.from(model.dofDamping)).toEqual(Array.from(official.dof_damping));
    expect(Array.from(model.dofArmature)).toEqual(Array.from(official.dof_armature));
    expect(worst(model.qpos0, official.qpos0)).toBeLessThan(1e-13);
    const limited = Array.from(official.jnt_limited as Uint8Array).flatMap((yes, j) => (yes ? [j] : []));
    expect(model.limits.map(({ dof }) => dof)).toEqual(limited.map((j) => official.jnt_dofadr[j]));
    const ranges = limited.flatMap((j) => [official.jnt_range[2 * j], official.jnt_range[2 * j + 1]]);
    expect(
      worst(
        model.limits.flatMap(({ low, high }) => [low, high]),
        ranges,
      ),
    ).toBeLessThan(1e-13);
    const gears = Array.from({ length: official.nu }, (_, m) => official.actuator_gear[6 * m]);
    expect(Array.from(model.motorGear)).toEqual(gears);
  });
});

test("what is fixed to the world touches the floor without being a contact", () => {
  const cheetah = robots["half-cheetah"];
  const [torso] = cheetah.bodies;
  const post = { ...torso!, name: "post", parent: "world", position: [5, 0, 0] as const, joints: [] };
  const model = compileModel({ ...cheetah, bodies: [...cheetah.bodies, post] });
  expect(model.pairs).toHaveLength(compileModel(cheetah).pairs.length);
});

test("welded bodies become part of what carries them: the ant's four hips of its torso", () => {
  const [whole, merged] = [compileBodyByBody(robots.ant), compileModel(robots.ant)];
  expect([whole.bodyParent.length, merged.bodyParent.length]).toEqual([14, 10]);
  const total = (masses: Float64Array) => masses.reduce((sum, mass) => sum + mass, 0);
  expect(total(merged.bodyMass)).toBeCloseTo(total(whole.bodyMass), 12);
  let state = initialState(whole);
  for (let t = 0; t < 60; t++) state = step(whole, state, new Float64Array(8).fill(0.4));
  const [a, b] = [step(whole, state, new Float64Array(8)), step(merged, state, new Float64Array(8))];
  expect(worst(b.qvel, a.qvel)).toBeLessThan(1e-11);
  expect(workspaceOf(merged).contactCount).toBe(workspaceOf(whole).contactCount);
});

describe("a robot that is large", () => {
  const hinge = robots["half-cheetah"].bodies[2]!.joints[0] as AxialJoint;
  const [shape] = robots["half-cheetah"].bodies[2]!.shapes;
  const chain = (length: number, bodies: number, shapes: number): Robot => ({
    ...robots["half-cheetah"],
    motors: [],
    bodies: Array.from({ length: bodies }, (_, b) => ({
      name: `b${b}`,
      parent: b === 0 || b >= length ? "world" : `b${b - 1}`,
      position: [0, 0, 1] as const,
      joints: b < length ? [{ ...hinge, name: `j${b}` }] : [],
      shapes: Array.from({ length: shapes }, (_, s) => ({ ...shape!, name: `s${b}-${s}` })),
    })),
  });

  test("compiles in seconds, up to 200 degrees of freedom in a chain", () => {
    const started = performance.now();
    const model = compileModel(chain(200, 200, 1));
    expect(model.nv).toBe(200);
    expect(performance.now() - started).toBeLessThan(20_000); // 1 s on an idle machine
    const { qvel } = step(model, initialState(model), []);
    expect(qvel.every(Number.isFinite)).toBe(true);
  });

  test.each<[string, Robot, RegExp]>([
    [
      "201 degrees of freedom",
      chain(201, 201, 1),
      /bodies: has 201 degrees of freedom; expected at most 200/,
    ],
    ["1,001 bodies", chain(1, 1_001, 1), /bodies: has 1001; expected at most 1000/],
    ["1,001 shapes", chain(1, 7, 143), /bodies: has 1001 shapes; expected at most 1000/],
  ])("is refused with %s", (_, robot, message) => {
    expect(() => compileModel(robot)).toThrow(RobotError);
    expect(() => compileModel(robot)).toThrow(message);
  });
});

describe("a robot that cannot be compiled is refused by field", () => {
  const cheetah = robots["half-cheetah"];
  const withBody = (index: number, change: Partial<Robot["bodies"][number]>): Robot => ({
    ...cheetah,
    bodies: cheetah.bodies.map((body, b) => (b === index ? { ...body, ...change } : body)),
  });
  const shin = cheetah.bodies[2]!;
  const cases: [string, Robot, RegExp][] = [
    ["missing parent", withBody(2, { parent: "bthihg" }), /bodies\[2\] "bshin"\.parent: names "bthihg"/],
    ["massless moving body", withBody(3, { shapes: [] }), /bodies\[3\] "bfoot": moves but has no mass/],
    [
      "empty range",
      withBody(2, { joints: shin.joints.map((joint) => ({ ...joint, range: [1, -1] as const })) }),
      /joint "bshin"\.range: is \[1, -1\]; expected low < high/,
    ],
    ["duplicate body", withBody(2, { name: "torso" }), /"torso": has a name that is already taken/],
    [
      "unknown motor joint",
      { ...cheetah, motors: [{ joint: "tail", gear: 1, range: [-1, 1] }] },
      /motors\[0\]\.joint: names "tail", which is not a joint/,
    ],
    [
      "unknown excluded body",
      { ...cheetah, excluded: [["torso", "tail"]] },
      /excluded\[0\]: names "tail", which is not a body/,
    ],
    [
      "inertia of no body",
      withBody(2, { masses: [{ mass: 1, center: [0, 0, 0], inertia: [1, 1, 2.1, 0, 0, 0] }] }),
      /"bshin"\.masses\[0\]\.inertia: is no body's/,
    ],
    ["zero timestep", { ...cheetah, timestep: 0 }, /timestep: is 0; expected a positive number/],
    [
      "flat capsule",
      withBody(2, { shapes: shin.shapes.map((shape) => ({ ...shape, radius: -1 })) }),
      /shape "bshin"\.radius: is -1/,
    ],
  ];
  test.each(cases)("%s", (_, robot, message) => {
    expect(() => compileModel(robot)).toThrow(RobotError);
    expect(() => compileModel(robot)).toThrow(message);
  });
});
