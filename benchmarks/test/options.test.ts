import { join } from "node:path";
import { expect, it } from "vitest";
import { InputError } from "../../packages/sgmrl/src/errors.ts";
import { readOptions } from "../src/options.ts";

const suites = ["matmul", "growth", "browser"];

it("all suites are chosen unless some are named, and results go where they are wanted", () => {
  expect(readOptions([], suites)).toMatchObject({ chosen: suites, quick: false, case: undefined });
  expect(readOptions(["--only", "growth,matmul", "--quick"], suites)).toMatchObject({
    chosen: ["growth", "matmul"],
    quick: true,
  });
  const root = join(import.meta.dirname, "..");
  expect(readOptions([], suites).out).toBe(join(root, "runs"));
  expect(readOptions(["--update"], suites)).toMatchObject({
    out: join(root, "results"),
    figures: join(root, "../docs/results"),
  });
  expect(readOptions(["--out", "x"], suites).out).toBe("x");
});

it.each([
  [["--only", "toString"], '--only: "toString" is unknown.'],
  [["--only", "__proto__"], '--only: "__proto__" is unknown.'],
  [["--only", "growht"], 'Did you mean "growth"?'],
  [["--only", ""], '--only: "" is unknown.'],
  [["--case", "x", "--only", "growth"], "--case replaces the suites"],
  [["--case", "x", "--browser", import.meta.filename], "--case replaces the suites"],
  [["--update", "--quick"], "--update takes whole suites"],
  [["--browser", import.meta.filename, "--only", "growth"], "not among those chosen"],
  [["--browser", "/none"], "--browser /none: there is no such file"],
  [["--fast"], "--fast"],
])("%j is refused", (args, message) => {
  expect(() => readOptions(args, suites)).toThrow(InputError);
  expect(() => readOptions(args, suites)).toThrow(message);
});
