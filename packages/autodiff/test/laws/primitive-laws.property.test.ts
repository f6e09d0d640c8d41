import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { show } from "../../src/index.ts";
import { namedCases } from "../support/cases.ts";
import { pointLaws } from "../support/laws.ts";
import { pointOf, pointsOf } from "../support/setting.ts";

// The same laws for every primitive, at points drawn from its case: broadcast and empty shapes of rank 0 to 4.
// [eq:jvp] [eq:vjp]
describe.each(namedCases)("%s", (name, testCase) => {
  const points = testCase.settings.chain(pointOf);
  const numRuns = runs(pointsOf(testCase));

  it("is what its case applies", () => {
    const applied = new RegExp(`= ${name}\\(`);
    const programs = fc
      .sample(points, { numRuns: 20, seed: 1 })
      .map(({ setting, xs }) => show(setting.apply, ...xs));
    expect(programs.some((program) => applied.test(program))).toBe(true);
  });

  it.each(Object.entries(pointLaws))("%s", (_, law) => {
    fc.assert(fc.property(points, law), { numRuns });
  });
});
