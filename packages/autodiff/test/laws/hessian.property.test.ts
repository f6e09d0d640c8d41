import fc from "fast-check";
import { describe, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { zerosLike } from "../../src/index.ts";
import { gradIsPullbackOfOne, hessianIsSymmetric, hessianProductsAgree } from "../../src/testing/index.ts";
import { namedCases } from "../support/cases.ts";
import { curved } from "../support/curved.ts";
import { pointOf, pointsOf } from "../support/setting.ts";

// Second derivatives of every primitive, in every nesting of the two modes, at points where they exist.
// [eq:grad] [eq:hvp]
describe.each(namedCases)("%s", (_name, testCase) => {
  it("has one Hessian, whichever modes compute it, and differences of the gradient agree", () => {
    const points = testCase.settings.filter(({ smooth }) => smooth).chain(pointOf);
    fc.assert(
      fc.property(points, ({ setting, xs, dxs, others, yBar }) => {
        const g = curved(setting.apply, xs, yBar);
        const origin = xs.map((x) => zerosLike(x));
        gradIsPullbackOfOne(g, origin);
        hessianProductsAgree(g, origin, dxs, others, { differences: setting.differences });
        hessianIsSymmetric(g, origin, dxs, others);
      }),
      { numRuns: runs(pointsOf(testCase)) },
    );
  });
});
