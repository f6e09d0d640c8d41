import { key, split } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { box, contains, discrete, samplePoint, width } from "../../src/index.ts";

describe("spaces", () => {
  it("know their width and their points", () => {
    expect([width(box(3, -1, 1)), width(discrete(7))]).toEqual([3, 1]);
    expect(contains(box(2, -1, 1), [1, -1])).toBe(true);
    expect(contains(box(2, -1, 1), [1, -1.1])).toBe(false);
    expect(contains(box(2, -1, 1), [0])).toBe(false);
    expect(contains(box(1, -1, 1), [Number.NaN])).toBe(false);
    expect([0, 2, 3, -1, 0.5].map((i) => contains(discrete(3), [i]))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([box(2, -3, 5), discrete(4)])("draw points of their own: %o", (space) => {
    const points = split(key(0), 500).map((k) => samplePoint(space, k));
    for (const point of points) expect(contains(space, point)).toBe(true);
    const first = points.map(([x]) => x!);
    const [low, high] = space.kind === "box" ? [-2.5, 4.5] : [0, 3];
    expect(Math.min(...first)).toBeLessThanOrEqual(low); // each of the four below misses with probability 1e-14 or less
    expect(Math.max(...first)).toBeGreaterThanOrEqual(high);
  });

  it("refuse to draw from an unbounded box", () => {
    expect(() => samplePoint(box(1, 0, Number.POSITIVE_INFINITY), key(0))).toThrow(
      /component 0 of the box, .*, is unbounded/,
    );
  });
});
