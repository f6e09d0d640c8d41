import { describe, expect, it } from "vitest";
import { namedCases } from "../support/cases.ts";
import { edgeHolds } from "../support/edges.ts";

// What is stated of kinks, jumps, infinities and NaN, for every primitive that has any.
describe.each(namedCases.filter(([, { edges }]) => edges.length > 0))("%s", (_name, { edges }) => {
  it.each(edges.map((edge) => [edge.what, edge] as const))("%s", (_what, edge) => {
    expect(() => edgeHolds(edge)).not.toThrow();
  });
});
