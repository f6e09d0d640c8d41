import { expect, it } from "vitest";
import { assertAgrees } from "../../src/support/agree.ts";

it("gives the largest error of any number, relative to the largest of its array", () => {
  const expected = [Float64Array.of(1, -100), [0, 2]];
  expect(assertAgrees("a", [[1, -100], Float32Array.of(0, 2)], expected, 0)).toBe(0);
  expect(assertAgrees("a", [[2, -100], Float32Array.of(0.1, 2)], expected, 1)).toBeCloseTo(0.05, 7);
  expect(() =>
    assertAgrees(
      "a",
      [
        [2, -100],
        [0.1, 2],
      ],
      expected,
      0.04,
    ),
  ).toThrow("a is off by 5.0e-2, more than 0.04: not timed");
  expect(() =>
    assertAgrees(
      "a",
      [
        [1, Number.NaN],
        [0, 2],
      ],
      expected,
      1,
    ),
  ).toThrow("a is off by Infinity");
});

// Each of these was compared with nothing, and so had no error.
it.each<[message: string, found: unknown, expected: unknown]>([
  ["the results are Float32Array; expected a list of arrays", Float32Array.of(9, -7), Float32Array.of(1, 2)],
  ["the results are undefined; expected", undefined, undefined],
  ["the results are an empty list; expected", [], []],
  ["the expected results hold 1 at 0; expected", [[1, 2]], [1]],
  ["the results hold Object at 0; expected", [{ data: [5] }], [{ data: [1] }]],
  ['the results hold "12" at 0; expected', ["12"], ["12"]],
  ["the results hold an empty array at 0; expected", [[]], [[]]],
  ["the results hold Array at 1, 0; expected", [[1], [[2, 3]]], [[1], [[2, 5]]]],
  ["the results hold bigint at 0, 0; expected", [BigInt64Array.of(1n)], [BigInt64Array.of(2n)]],
  ["3 numbers in array 0 where 2 were expected", [[1, 2, 99]], [[1, 2]]],
  ["1 number in array 0 where 2 were expected", [[1]], [[1, 2]]],
  ["2 arrays where 1 was expected", [[1], [2]], [[1]]],
])("%s", (message, found, expected) => {
  expect(() => assertAgrees("a", found as never, expected as never, 1e-6)).toThrow(`a: ${message}`);
});
