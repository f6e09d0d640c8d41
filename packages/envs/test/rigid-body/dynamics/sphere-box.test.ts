/** A ball that touches a box at a face, an edge, a corner or from inside, against the official engine. [eq:sphere-box] */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { expect, test } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { differentiateStep } from "../../../src/rigid-body/differentiable/differentiate-step.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import { batchedSteps, compileModel, robotFromMjcf, step } from "../../../src/rigid-body/index.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficialXml } from "../support/official.ts";

const half = [0.3, 0.2, 0.1] as const;
const radius = 0.15;
const xml = `<mujoco><option timestep="0.002" gravity="0 0 0"/><worldbody>
  <body name="box"><freejoint/><geom name="crate" type="box" size="${half.join(" ")}"/></body>
  <body name="ball"><freejoint/><geom name="marble" size="${radius}" margin="0.01"/></body></worldbody></mujoco>`;
const model = compileModel(robotFromMjcf(xml));

/** v turned by the quaternion (w, u): v + 2 w u × v + 2 u × (u × v) */
function turned([w, x, y, z]: readonly number[], v: readonly number[]): number[] {
  const cross = (a: readonly number[]) => [
    y! * a[2]! - z! * a[1]!,
    z! * a[0]! - x! * a[2]!,
    x! * a[1]! - y! * a[0]!,
  ];
  const once = cross(v);
  const twice = cross(once);
  return v.map((part, k) => part + 2 * w! * once[k]! + 2 * twice[k]!);
}

/** How many coordinates of the ball's center are beyond the box's faces. */
const kinds = { inside: 0, face: 1, edge: 2, corner: 3 } as const;

/** The ball near the box, with its center beyond `beyond` faces. */
function placed(beyond: number, i: number) {
  const u = uniform(fold(key(beyond), i), 10);
  const n = normal(fold(key(10 + beyond), i), 20);
  const first = Math.floor(3 * u[9]!);
  const center = half.map((h, k) => {
    const side = u[k]! < 0.5 ? -1 : 1;
    // Every tenth rests on what it touches, at a distance of 0.
    const reach = (i % 10 === 0 ? radius : 1.1 * radius * u[3 + k]!) / Math.sqrt(Math.max(1, beyond));
    return (k - first + 3) % 3 < beyond ? side * (h + reach) : side * 0.99 * h * u[3 + k]!;
  });
  const q = Array.from(n.slice(0, 4), (x) => x / Math.hypot(...n.slice(0, 4)));
  const qpos = Float64Array.of(
    1,
    2,
    3,
    ...q,
    ...turned(q, center).map((x, k) => x + k + 1),
    ...n.slice(4, 8),
  );
  return { qpos, qvel: n.slice(8, 20), warmstart: new Float64Array(12) };
}

test.each(Object.entries(kinds))("%s", async (_, beyond) => {
  const official = await loadOfficialXml("sphere-box", xml);
  const ws = workspaceOf(model);
  let touching = 0;
  const count = runs(200);
  for (let i = 0; i < count; i++) {
    const state = placed(beyond, i);
    const expected = official.step(state, []);
    const found = step(model, state, []);
    expect(ws.contactCount).toBe(official.data.ncon);
    const speed = Math.max(1, ...expected.qvel.map(Math.abs));
    expect(largestDifference(found.qvel, expected.qvel) / speed, `state ${i}`).toBeLessThan(1e-11);
    touching += ws.contactCount;
  }
  expect(touching).toBeGreaterThan(0.6 * count);
});

test("the ball's center at the box's: out through a nearest face", () => {
  const state = {
    qpos: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0),
    qvel: new Float64Array(12),
    warmstart: new Float64Array(12),
  };
  step(model, state, []);
  const [contact] = workspaceOf(model).contacts;
  expect(contact!.distance).toBe(-0.1 - radius);
  expect(Array.from(contact!.normal, Math.abs)).toEqual([0, 0, 1]);
});

test("programs and derivatives refuse it by name", () => {
  expect(() => batchedSteps(model, 1).compile()).toThrow(
    /crate: a box that spheres may touch is not part of the program/,
  );
  expect(() => differentiateStep(model, placed(kinds.face, 10), new Float64Array(0))).toThrow(
    /has "marble" touch the box "crate"; derivatives of that are not supported/,
  );
});
