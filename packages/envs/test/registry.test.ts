import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { environments, findEnvironment, heldOutTaskKey, trainingTaskKey } from "../src/index.ts";

describe("environments", () => {
  it("are listed under their own names, none twice", () => {
    for (const [name, environment] of Object.entries(environments)) expect(environment.name).toBe(name);
    expect(environments["navigation-2d"]?.horizon).toBe(100);
  });

  it("answer an unknown name with the known ones", () => {
    expect(findEnvironment("needle-bandit").name).toBe("needle-bandit");
    expect(() => findEnvironment("navigation")).toThrow(
      /name must be one of navigation-2d, .*; got "navigation"/,
    );
    expect(() => findEnvironment("constructor")).toThrow(/must be one of/);
  });
});

describe("task keys", () => {
  it("are apart for training and held-out tasks", () => {
    const root = key(0);
    const training = Array.from({ length: 100 }, (_, i) =>
      Array.from({ length: 100 }, (_, j) => trainingTaskKey(root, i, j)),
    );
    const heldOut = Array.from({ length: 10_000 }, (_, i) => heldOutTaskKey(root, i));
    const names = [...training.flat(), ...heldOut].map(({ k0, k1 }) => `${k0},${k1}`);
    expect(new Set(names).size).toBe(20_000); // a chance collision: 2e8 / 2^64 = 1e-11
  });
});
