/**
 * Robots read from MJCF against the official engine (3.3.8): what compiles, and one step from random states. Each model
 * of models/ varies some of what is supported; random trees vary all of it at once.
 */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { compileModel, robotFromMjcf } from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import { measureMjcf } from "../support/measure-mjcf.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { modelNames, modelXml } from "../support/mjcf-models.ts";
import { loadOfficialXml, modelText } from "../support/official.ts";
import { randomMjcf } from "../support/random-mjcf.ts";

/**
 * Agreement of one step, 1e-11 unless it is named here: principal axes that the official compiler finds by iteration, to
 * about 1e-9; and boxes with up to four contacts each. docs/results/mujoco-parity.md has what 10,000 states give.
 */
const looser = new Map([
  ["inertials", 1e-8],
  ["solids", 1e-8],
  ["crates", 1e-10],
  ["downhill", 1e-10],
]);

async function agrees(name: string, xml: string, states: number, seed: number, tolerance = 1e-11) {
  const official = await loadOfficialXml(name, xml);
  const robot = robotFromMjcf(xml);
  const model = compileModel(robot);
  const { model: theirs } = official;
  expect([model.nq, model.nv, model.nu]).toEqual([theirs.nq, theirs.nv, theirs.nu]);
  // A quaternion and its negative are one orientation.
  expect(largestDifference(model.qpos0.map(Math.abs), theirs.qpos0.map(Math.abs))).toBeLessThan(1e-12);
  const relative = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    largestDifference(a, b) / Math.max(1e-12, ...Array.from(b, Math.abs));
  // The official compiler finds principal axes by iteration.
  expect(relative(model.dofInverseWeight, theirs.dof_invweight0)).toBeLessThan(1e-8);
  const total = (mass: ArrayLike<number>) => Array.from(mass).reduce((sum, m) => sum + m, 0);
  expect(total(model.bodyMass) / total(theirs.body_mass)).toBeCloseTo(1, 12);
  const measured = await measureMjcf(name, xml, states, seed);
  const at = `${name}, state ${measured.worst}: Δ/speed`;
  expect(measured.difference, at).toBeLessThan(tolerance);
  expect(measured.countMismatches).toBe(0);
  return measured;
}

describe("models of MJCF", () => {
  test("there are at least twelve", () => expect(modelNames.length).toBeGreaterThanOrEqual(12));

  test.each(modelNames)("%s", async (name) => {
    const xml = modelXml(name);
    const tolerance = looser.get(name) ?? 1e-11;
    const { difference, touching } = await agrees(name, xml, runs(200), 1, tolerance);
    console.log(`${name}: Δ/speed ${difference.toExponential(1)}, ${touching} states with contact`);
  });

  test.each(modelNames)("%s in release 3.14.0, whose solver goes on to the minimum", async (name) => {
    const options = { release: "3.14.0", tolerance: 0 } as const;
    const { difference, countMismatches } = await measureMjcf(name, modelXml(name), runs(200), 1, options);
    expect(difference).toBeLessThan(looser.has(name) ? 1e-10 : 1e-11);
    expect(countMismatches).toBe(0);
  });

  test.each([-1, 0, 5, 6])("geoms of group %i, which only from 0 to 5 have mass", async (group) => {
    const geoms = [
      'type="box" size="0.1 0.2 0.3"',
      'type="ellipsoid" size="0.1 0.15 0.05" contype="0" conaffinity="0"',
    ];
    const grouped = geoms.map((geom) => `<geom ${geom} pos="0.1 0.2 0" group="${group}"/>`).join("");
    const xml = `<mujoco><worldbody><body><joint axis="1 2 0"/><geom size="0.2"/>${grouped}</body></worldbody></mujoco>`;
    await agrees(`group ${group}`, xml, 20, 1, 1e-8);
  });

  test("30 random trees", async () => {
    for (let seed = 0; seed < 30; seed++) {
      await agrees(`tree ${seed}`, randomMjcf(key(seed)), 20, seed, 1e-8);
    }
  });

  test.each(["half-cheetah", "swimmer", "hopper", "walker2d", "ant"] as const)(
    "%s: its own file gives the same model bit for bit",
    (name) => {
      const numbers = (model: Model) =>
        JSON.parse(
          JSON.stringify(model, (field, value) => {
            if (["name", "partNames", "joint", "dofJoint"].includes(field)) return undefined;
            return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
          }),
        );
      expect(numbers(compileModel(robotFromMjcf(modelText(name))))).toEqual(
        numbers(compileModel(robots[name])),
      );
    },
  );
});
