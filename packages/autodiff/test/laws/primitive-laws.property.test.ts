import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { show } from "../../src/index.ts";
import {
  derivativesAreLinear,
  float32AgreesWithFloat64,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import { namedCases } from "../support/cases.ts";
import { type Point, pointOf } from "../support/setting.ts";

// The same laws for every primitive, at points drawn from its case: broadcast and empty shapes of rank 0 to 4.
// [eq:jvp] [eq:vjp]
describe.each(namedCases)("%s", (name, { settings }) => {
  const points = settings.chain(pointOf);

  function holds(at: fc.Arbitrary<Point>, law: (point: Point) => void): void {
    fc.assert(fc.property(at, law));
  }

  it("is what its case applies", () => {
    const applied = new RegExp(`= ${name}\\(`);
    const programs = fc
      .sample(points, { numRuns: 20, seed: 1 })
      .map(({ setting, xs }) => show(setting.apply, ...xs));
    expect(programs.some((program) => applied.test(program))).toBe(true);
  });

  it("keeps its value under every transform", () => {
    holds(points, ({ setting, xs, dxs }) => primalIsKept(setting.apply, xs, dxs));
  });

  it("has the jvp that differences give", () => {
    holds(points, ({ setting, xs, dxs }) => {
      jvpMatchesDifferences(setting.apply, xs, dxs);
    });
  });

  it("has a vjp that is the transpose of its jvp", () => {
    holds(points, ({ setting, xs, dxs, yBar }) => {
      vjpIsTransposeOfJvp(setting.apply, xs, dxs, yBar);
    });
  });

  it("has derivatives that are linear", () => {
    holds(points, ({ setting, xs, dxs, others, yBar, otherBar }) => {
      derivativesAreLinear(setting.apply, xs, [dxs, others], [yBar, otherBar], -1.5);
    });
  });

  it("agrees in float32 and float64", () => {
    holds(points, ({ setting, xs, dxs, yBar }) => {
      float32AgreesWithFloat64(setting.apply, xs, dxs, yBar);
    });
  });
});
