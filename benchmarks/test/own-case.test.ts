import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../packages/sgmrl/src/errors.ts";
import { timeOwnCase } from "../src/own-case.ts";

/** Turns of many steps of the system's clock of processor time, so that none shows 0, however busy the machine is. */
const brief = { rounds: 2, turn: 50, warmUp: 1, warmUpCalls: 1 };

function fileOf(source: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "own-case-")), "case.mjs");
  writeFileSync(file, source);
  return file;
}

/** A case with a tolerance of 1e-6 and these contenders. */
const caseOf = (contenders: string, more = ""): string =>
  `export default { title: "t", tolerance: 1e-6, ${more} contenders: [${contenders}] };`;
const right = `{ name: "right", prepare: () => () => [[1, 2]] }`;

describe("a case of the user's", () => {
  it("is read from a file: the example is checked and timed", async () => {
    const { title, timings, notes } = await timeOwnCase("benchmarks/examples/log-sum-exp.ts", brief);
    expect(title).toBe("gradient of logSumExp, 2000 x 100");
    expect(timings.map(({ name }) => name)).toEqual(["sgmrl wasm float32", "tfjs-wasm"]);
    for (const { median, calls } of timings) {
      expect(median).toBeGreaterThan(0);
      expect(calls).toBeGreaterThanOrEqual(2);
    }
    expect(notes?.["error of sgmrl wasm float32"]).toBe(0);
    expect(notes?.["error of tfjs-wasm"]).toBeGreaterThan(0);
  });

  it("prepares each contender as its own method", async () => {
    const own = `{ name: "own", two: 2, prepare() { const { two } = this; return () => [[1, two]]; } }`;
    await expect(timeOwnCase(fileOf(caseOf(`${right}, ${own}`)), brief)).resolves.toMatchObject({
      title: "t",
    });
  });

  it.each([
    ["export default { tolerance: 1, contenders: [] };", "there is no title"],
    ['export default { title: "t", tolerance: -1 };', "tolerance is -1"],
    ['export default { title: "t", tolerance: 1 / 0 };', "tolerance is Infinity, not a finite number"],
    ['export default { title: "t", tolerance: 0 };', "there are no contenders"],
    ['export default { title: "t", tolerance: 0, contenders: [{ name: "a" }] };', "contender 0 lacks"],
    [caseOf(`${right}, ${right}`), 'two contenders are called "right"'],
    [caseOf(right, "expected: [1, 2],"), "the expected results hold 1 at 0"],
    ["export const x = 1;", "there is no title"],
    ["throw new Error('on purpose');", "could not be loaded: on purpose"],
  ])("%s is refused by name", async (source, message) => {
    await refused(source, message);
  });

  const wrong = (numbers: string): string => `{ name: "wrong", prepare: () => () => ${numbers} }`;
  it.each([
    [caseOf(`${right}, ${wrong("[[1, 2.00001]]")}`), "wrong is off by 5.0e-6, more than 0.000001: not timed"],
    [caseOf(right, "expected: [[1, 3]],"), "right is off by"],
    [caseOf(`${right}, ${wrong("[[1, 2, 3]]")}`), "wrong: 3 numbers in array 0 where 2 were expected"],
    [caseOf(`${wrong("Float32Array.of(1)")}, ${right}`), "wrong: the results are Float32Array"],
    [caseOf(wrong("undefined")), "wrong: the results are undefined"],
    [caseOf(`{ name: "late", prepare: () => async () => [[1]] }`), "late is asynchronous"],
    [caseOf(`{ name: "eager", prepare: () => [[1]] }`), "prepare of eager gave Array, not the function"],
    [
      caseOf(`${right}, { name: "b", prepare() { throw Error("no backend"); } }`),
      "prepare of b failed: no backend",
    ],
    [caseOf(`${right}, ${wrong("x.y")}`), "wrong failed: x is not defined"],
    [
      caseOf(`${right}, { name: "tired", prepare: (n = 0) => () => n++ < 3 ? [[1, 2]] : x.y }`),
      "tired failed: x is not defined",
    ],
  ])("%s is not timed", async (source, message) => {
    await refused(source, message);
  });
});

async function refused(source: string, message: string): Promise<void> {
  const file = fileOf(source);
  const timed = timeOwnCase(file, brief);
  await expect(timed).rejects.toThrow(InputError);
  await expect(timed).rejects.toThrow(`${file}: ${message}`);
}
