/** Capsules in degenerate positions, against the official engine: crossing, parallel, on one line, end to end. */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import { compileModel, type Robot, step } from "../../../src/rigid-body/index.ts";
import type { Vec3 } from "../../../src/rigid-body/model/robot.ts";
import { defaultSoftness } from "../../../src/rigid-body/robots/parts.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficialXml } from "../support/official.ts";

const rods = [
  { name: "long", radius: 0.05, halfLength: 0.3 },
  { name: "short", radius: 0.04, halfLength: 0.2 },
] as const;

const xml = `<mujoco><option timestep="0.002" integrator="Euler" gravity="0 0 0"/><default><geom condim="1"/></default>
<worldbody>${rods
  .map(
    ({ name, radius, halfLength }) =>
      `<body name="${name}"><freejoint/><geom type="capsule" size="${radius} ${halfLength}"/></body>`,
  )
  .join("")}</worldbody></mujoco>`;

const robot: Robot = {
  name: "two rods",
  timestep: 0.002,
  integrator: "euler",
  gravity: [0, 0, 0],
  selfCollision: true,
  bodies: rods.map(({ name, radius, halfLength }) => ({
    name,
    parent: "world",
    position: [0, 0, 0],
    joints: [{ kind: "free", name: `${name}-joint`, armature: 0, damping: 0 }],
    shapes: [
      {
        kind: "capsule",
        name: `${name}-shape`,
        center: [0, 0, 0],
        axis: [0, 0, 1],
        halfLength,
        radius,
        density: 1000,
        surface: { friction: 1, contactDimension: 1, margin: 0, softness: defaultSoftness },
      },
    ],
  })),
  motors: [],
};

/** The quaternion that takes +z to the direction of u. */
function pointing(u: Vec3): number[] {
  const [x, y, z] = u.map((component) => component / Math.hypot(...u)) as unknown as Vec3;
  if (z < -1 + 1e-12) return [0, 1, 0, 0];
  const w = Math.sqrt((1 + z) / 2);
  return [w, -y / (2 * w), x / (2 * w), 0];
}

/** The long rod at the origin along u; the short one's centre and direction v. */
type Position = readonly [name: string, u: Vec3, center: Vec3, v: Vec3];

const positions: Position[] = [
  ["crossing at right angles", [1, 0, 0], [0, 0, 0], [0, 1, 0]],
  ["crossing in the plane of a side view", [1, 0, 0], [0.1, 0, 0.05], [0, 0, 1]],
  ["the same, the other way", [0, 0, 1], [0.1, 0, 0.05], [1, 0, 0]],
  ["crossing obliquely", [1, 0.3, 1], [0, 0, 0], [0.2, 0.7, -1]],
  ["crossing at a millionth of a radian", [0, 0, 1], [0, 0, 0.1], [1e-6, 0, 1]],
  ["a picometre from crossing", [1, 0, 0], [0, 0, 1e-12], [0, 1, 0]],
  ["too little to tell from crossing", [1, 0, 0], [0, 0, 1e-16], [0, 1, 0]],
  ["parallel", [0, 0, 1], [0.07, 0, 0.1], [0, 0, 1]],
  ["parallel, oblique", [1, 2, 3], [0.05, 0.01, 0.1], [1, 2, 3]],
  ["opposite", [0, 0, 1], [0.07, 0, 0.1], [0, 0, -1]],
  ["parallel but for 1e-8", [0, 0, 1], [0.07, 0, 0.1], [1e-8, 0, 1]],
  ["parallel but for 1e-5", [0, 0, 1], [0.07, 0, 0.1], [1e-5, 0, 1]],
  ["on one line, overlapping", [0, 0, 1], [0, 0, 0.1], [0, 0, 1]],
  ["on one line, overlapping, opposite", [0, 0, 1], [0, 0, 0.1], [0, 0, -1]],
  ["on one line, along x", [1, 0, 0], [0.1, 0, 0], [1, 0, 0]],
  ["on one line, end caps overlapping", [0, 0, 1], [0, 0, 0.55], [0, 0, 1]],
  ["on one line, segments end to end", [0, 0, 1], [0, 0, 0.5], [0, 0, 1]],
  ["on one line, end caps touching", [0, 0, 1], [0, 0, 0.59], [0, 0, 1]],
  ["one centre, one direction", [0, 0, 1], [0, 0, 0], [0, 0, 1]],
  ["one centre, opposite directions", [0, 0, 1], [0, 0, 0], [0, 0, -1]],
  ["an end on the other's axis", [0, 0, 1], [0.2, 0, 0.1], [1, 0, 0]],
  ["end on end, at an angle", [0, 0, 1], [0.2, 0, 0.3], [1, 0, 0]],
];

describe("two rods", async () => {
  const official = await loadOfficialXml("two-rods", xml);
  const model = compileModel(robot);
  const ws = workspaceOf(model);
  const agree = (qpos: Float64Array, seed: number) => {
    const qvel = normal(key(seed), 12).map((x) => 0.3 * x);
    const state = { qpos, qvel, warmstart: new Float64Array(12) };
    const theirs = official.step(state, []);
    const ours = step(model, state, []);
    const scale = Math.max(1, ...theirs.qvel.map(Math.abs));
    expect(ws.contactCount).toBe(official.data.ncon);
    expect(largestDifference(ours.qvel, theirs.qvel) / scale).toBeLessThan(1e-9);
  };
  const placed = (u: Vec3, center: Vec3, v: Vec3) =>
    Float64Array.of(0, 0, 0, ...pointing(u), ...center, ...pointing(v));

  test.each(positions)("%s", (_name, u, center, v) => agree(placed(u, center, v), 4));

  test("500 random positions; and where axes cross, a normal perpendicular to both", () => {
    let crossed = 0;
    for (let i = 0; i < 500; i++) {
      const n = normal(fold(key(1), i), 9);
      const u: Vec3 = [n[0]!, n[1]!, n[2]!];
      const v: Vec3 = [n[3]!, n[4]!, n[5]!];
      agree(placed(u, [0.2 * n[6]!, 0.2 * n[7]!, 0.2 * n[8]!], v), i);
      const [s, t] = uniform(fold(key(2), i), 2).map((x) => 1.6 * x - 0.8) as unknown as [number, number];
      const meet = (k: 0 | 1 | 2) =>
        (0.3 * s * u[k]) / Math.hypot(...u) - (0.2 * t * v[k]) / Math.hypot(...v);
      const qpos = placed(u, [meet(0), meet(1), meet(2)], v);
      step(model, { qpos, qvel: new Float64Array(12), warmstart: new Float64Array(12) }, []);
      const { normal: direction } = ws.contacts[0]!;
      const along = (axis: Vec3) =>
        Math.abs(axis.reduce((sum, x, k) => sum + x * direction[k]!, 0)) / Math.hypot(...axis);
      // Nearly parallel axes have no well-defined perpendicular.
      const sine = Math.hypot(
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
      );
      if (sine / Math.hypot(...u) / Math.hypot(...v) < 0.01) continue;
      crossed++;
      expect(along(u) + along(v)).toBeLessThan(1e-12);
    }
    expect(crossed).toBeGreaterThan(400);
  });
});
