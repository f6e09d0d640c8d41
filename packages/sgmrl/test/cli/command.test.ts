// What options of the command line accept.
import { expect, it } from "vitest";
import { wholeNumber } from "../../src/cli/command.ts";

it.each([
  ["12", 12],
  ["1e3", 1000],
  ["2.0", 2],
])("a whole number may be written %s", (text, value) => {
  expect(wholeNumber(1, 1000)(text)).toBe(value);
});

it.each(["", " ", "0", "-1", "1.5", "1e-1", "1001", "1e4", "Infinity", "NaN", "two"])(
  "%j is no whole number from 1 to 1000",
  (text) => {
    expect(() => wholeNumber(1, 1000)(text)).toThrow("Expected a whole number from 1 to 1000.");
  },
);
