import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { show, zerosLike } from "../../src/index.ts";
import {
  derivativesAreLinear,
  float32AgreesWithFloat64,
  gradIsPullbackOfOne,
  hessianIsSymmetric,
  hessianProductsAgree,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import { namedCases } from "../support/cases.ts";
import { curved } from "../support/curved.ts";
import { type Point, pointOf } from "../support/setting.ts";

// The same laws for every primitive, at points drawn from its case: broadcast and empty shapes of rank 0 to 4.
// [eq:jvp] [eq:vjp] [eq:grad] [eq:hvp]
describe.each(namedCases)("%s", (name, { settings, derivativeIsNotOfValues }) => {
  const points = settings.chain(pointOf);
  const smoothPoints = settings.filter(({ smooth }) => smooth).chain(pointOf);

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

  if (derivativeIsNotOfValues) return; // its derivative is stated by its edges

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

  it("has one Hessian, whichever modes compute it, and differences of the gradient agree", () => {
    holds(smoothPoints, ({ setting, xs, dxs, others, yBar }) => {
      const g = curved(setting.apply, xs, yBar);
      const origin = xs.map((x) => zerosLike(x));
      gradIsPullbackOfOne(g, origin);
      hessianProductsAgree(g, origin, dxs, others, { differences: setting.differences });
      hessianIsSymmetric(g, origin, dxs, others);
    });
  });

  it("agrees in float32 and float64", () => {
    holds(points, ({ setting, xs, dxs, yBar }) => {
      float32AgreesWithFloat64(setting.apply, xs, dxs, yBar);
    });
  });
});
