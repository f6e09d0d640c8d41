import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine, counted, programName } from "../src/wording.ts";

describe("a command in a hint", () => {
  it("says how the program is started from the workspace", () => {
    expect(programName).toMatch(/^(npx -y pnpm@12|pnpm) sgmrl$/);
  });

  it("reaches a shell as the words it was made of", () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom("a", "/", " ", "'", '"', "$", "\\", "*", "é", ";") }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(words, (given) => {
        const script = `printf '%s\\0' ${commandLine(...given).slice(programName.length)}`;
        const read = execFileSync("sh", ["-c", given.length === 0 ? ":" : script], { encoding: "utf8" });
        expect(read.split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });
});

it("counts in the singular and the plural", () => {
  expect([0, 1, 2].map((n) => counted(n, "iteration"))).toEqual([
    "0 iterations",
    "1 iteration",
    "2 iterations",
  ]);
});
