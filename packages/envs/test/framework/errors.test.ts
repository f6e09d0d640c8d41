/** Errors show what was given, whatever it was. */
import { expect, it } from "vitest";
import { EnvironmentError } from "../../src/index.ts";

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

it.each<[string, unknown, string]>([
  ["nothing", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", Number.NaN, "NaN"],
  ["a text", 'a "word"', '"a \\"word\\""'],
  ["a list", [1, Number.NaN, "x", null], '[1,NaN,"x",null]'],
  ["a record", { goal: [1, -Infinity], hint: undefined }, '{"goal":[1,-Infinity],"hint":undefined}'],
  ["a typed array", Float64Array.of(1, 2), "[1,2]"],
  ["a big integer", 5n, "5n"],
  ["big integers", [1n], "[1n]"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a function", () => 1, "a function"],
  ["a record without a prototype", Object.create(null), "{}"],
  ["itself", cyclic, '{"self":{"self":{"self":{"self":{"self":…}}}}}'],
  ["much", Array(1000).fill(7), `[${"7,".repeat(79)}7…`],
])("%s", (_, got, shown) => {
  const error = new EnvironmentError("maze", "task", got, "a place");
  expect(error.message).toBe(`maze: task must be a place; got ${shown}`);
  expect(error.got).toBe(got);
});
