import { fold, key } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { rowForce } from "../../../src/rigid-body/dynamics/solver.ts";
import {
  compileModel,
  contactForce,
  createWorkspace,
  DivergenceError,
  initialState,
  StateError,
  step,
  stepInPlace,
  workspaceOf,
} from "../../../src/rigid-body/index.ts";
import { multiply } from "../../../src/rigid-body/model/tree-factor.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficial } from "../support/official.ts";
import { randomCase } from "../support/random-state.ts";

const model = compileModel(robots["half-cheetah"]);
const control = new Float64Array(6).fill(0.5);

describe("step", () => {
  test("leaves its state alone and gives the same bits twice", () => {
    const state = initialState(model);
    const first = step(model, state, control);
    const second = step(model, state, control);
    expect(state).toEqual(initialState(model));
    expect(first).toEqual(second);
    expect(first.qvel).not.toEqual(state.qvel);
  });

  test("does not depend on what the workspace held before", () => {
    const fresh = compileModel(robots["half-cheetah"]);
    let used = initialState(model);
    for (let t = 0; t < 50; t++) used = step(model, used, control);
    expect(step(model, used, control)).toEqual(step(fresh, used, control));
  });

  test("in place, with a workspace of its own, is the same step", () => {
    const state = initialState(model);
    const workspace = createWorkspace(model);
    const expected = step(model, state, control);
    stepInPlace(model, state, control, workspace);
    expect(state).toEqual(expected);
  });

  test("refuses a NaN coordinate, a control of the wrong length and a control that is not finite", () => {
    const state = initialState(model);
    state.qpos[4] = Number.NaN;
    expect(() => step(model, state, control)).toThrow(StateError);
    expect(() => step(model, state, control)).toThrow("half-cheetah: qpos[4] is NaN");
    expect(() => step(model, initialState(model), [0, 0])).toThrow("control has length 2; expected 6");
    expect(() => step(model, initialState(model), [0, 0, 0, 0, 0, Infinity])).toThrow(
      "control[5] is Infinity",
    );
  });

  test("reports a diverging state instead of resetting it", () => {
    const state = initialState(model);
    state.qvel.fill(1e9);
    expect(() => step(model, state, control)).toThrow(DivergenceError);
  });
});

describe("a quaternion", () => {
  const ant = compileModel(robots.ant);
  const push = new Float64Array(8).fill(0.3);
  const at = (scale: number) => {
    const state = initialState(ant);
    state.qpos.set([0.6 * scale, 0.2 * scale, -0.3 * scale, 0.7 * scale], 3);
    state.qvel.fill(0.2);
    return state;
  };

  test.each([1e-12, 0.5, -1, 1e10, 1e160, 1e300])("times %d is the same orientation", (scale) => {
    const [ours, unit] = [step(ant, at(scale), push), step(ant, at(1), push)];
    expect(largestDifference(ours.qvel, unit.qvel)).toBeLessThan(1e-12);
    const turned = unit.qpos.map((x, i) => (i >= 3 && i < 7 ? Math.sign(scale) * x : x));
    expect(largestDifference(ours.qpos, turned)).toBeLessThan(1e-13);
  });

  test("too short to have a direction is no rotation, as in the official engine", async () => {
    const official = await loadOfficial("ant");
    const identity = at(0);
    identity.qpos[3] = 1;
    const expected = step(ant, identity, push);
    for (const scale of [0, 1e-300, 1e-16]) {
      expect(step(ant, at(scale), push)).toEqual(expected);
      const theirs = official.step(at(scale), push);
      expect(largestDifference(expected.qvel, theirs.qvel)).toBeLessThan(1e-12);
      expect(largestDifference(expected.qpos, theirs.qpos)).toBeLessThan(1e-13);
    }
  });
});

test.each(["half-cheetah", "hopper", "ant"] as const)(
  "%s: the contact forces read after a step are those applied: M a = f + Jᵀ force",
  (name) => {
    // [eq:contact-force]; under Runge-Kutta those of its last stage
    const robot = compileModel(robots[name]);
    const ws = workspaceOf(robot);
    const { nv, paths, dofMovesBody } = robot;
    let touched = 0;
    for (let i = 0; i < 200; i++) {
      const random = randomCase(robot, name, "contacts", fold(key(1), i));
      step(robot, random.state, random.control);
      if (ws.contactCount === 0) continue;
      touched++;
      const applied = new Float64Array(nv);
      multiply(ws.mass, paths, ws.acc, applied);
      for (let d = 0; d < nv; d++) applied[d]! -= ws.smooth[d]!;
      // Limits come first, a group of one row each.
      for (let g = 0; ws.groups[g]!.first < ws.contacts[0]!.row; g++) {
        const { path, first } = ws.groups[g]!;
        applied[paths.dofs[path]!]! -= ws.directions[2 * nv * g]! * rowForce(ws, first);
      }
      const size = Math.max(1, ...applied.map(Math.abs));
      for (const contact of ws.contacts.slice(0, ws.contactCount)) {
        const [fx, fy, fz] = contactForce(robot, ws, contact) as unknown as [number, number, number];
        const arm = contact.position.map((p, k) => p - ws.origin[k]!);
        const [x, y, z] = arm as unknown as [number, number, number]; // a point of space
        const wrench = [y * fz - z * fy, z * fx - x * fz, x * fy - y * fx, fx, fy, fz];
        const moves = (body: number | undefined, d: number) =>
          body === undefined ? 0 : dofMovesBody[body * nv + d]!;
        for (let d = 0; d < nv; d++) {
          const sign = moves(contact.second.body, d) - moves(contact.first?.body, d);
          applied[d]! -= sign * wrench.reduce((sum, w, k) => sum + w * ws.motion[6 * d + k]!, 0);
        }
      }
      expect(Math.max(...applied.map(Math.abs)) / size).toBeLessThan(1e-9);
    }
    expect(touched).toBeGreaterThan(50);
  },
);
