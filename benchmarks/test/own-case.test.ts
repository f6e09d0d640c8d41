import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import logSumExp from "../examples/log-sum-exp.ts";
import { type OwnCase, OwnCaseError, readOwnCase, runOwnCase } from "../src/own-case.ts";

/** Turns of many steps of the system's clock of processor time, so that none shows 0, however busy the machine is. */
const brief = { rounds: 2, turn: 50, warmUp: 1, warmUpCalls: 1 };

describe("a case of the user's", () => {
  it("is read from a file: the example is checked and timed", async () => {
    const { title, timings, notes } = await runOwnCase(logSumExp, brief);
    expect(title).toBe("gradient of logSumExp, 2000 x 100");
    expect(timings.map(({ name }) => name)).toEqual(["sgmrl wasm float32", "tfjs-wasm"]);
    for (const { median, calls } of timings) {
      expect(median).toBeGreaterThan(0);
      expect(calls).toBeGreaterThanOrEqual(2);
    }
    expect(notes?.["error of sgmrl wasm float32"]).toBe(0);
    expect(notes?.["error of tfjs-wasm"]).toBeGreaterThan(0);
  });

  it("is not timed when an answer is wrong", async () => {
    const off: OwnCase = {
      title: "off",
      tolerance: 1e-6,
      contenders: [
        { name: "right", prepare: () => () => [[1, 2]] },
        { name: "wrong", prepare: () => () => [[1, 2.00001]] },
      ],
    };
    await expect(runOwnCase(off, brief)).rejects.toThrow("wrong, off is off by 5.0e-6");
    await expect(runOwnCase({ ...off, tolerance: 1e-5 }, brief)).resolves.toMatchObject({ title: "off" });
    await expect(runOwnCase({ ...off, expected: [[1, 3]] }, brief)).rejects.toThrow("right, off is off by");
  });

  it.each([
    ["export default { tolerance: 1, contenders: [] };", "there is no title"],
    ['export default { title: "t", tolerance: -1 };', "tolerance is -1"],
    ['export default { title: "t", tolerance: 0 };', "there are no contenders"],
    ['export default { title: "t", tolerance: 0, contenders: [{ name: "a" }] };', "contender 0 lacks"],
    ["export const x = 1;", "there is no title"],
    ["throw new Error('on purpose');", "could not be loaded: on purpose"],
  ])("%s is refused by name", async (source, message) => {
    const file = join(mkdtempSync(join(tmpdir(), "own-case-")), "case.mjs");
    writeFileSync(file, source);
    await expect(readOwnCase(file)).rejects.toThrow(OwnCaseError);
    await expect(readOwnCase(file)).rejects.toThrow(message);
    await expect(readOwnCase(file)).rejects.toThrow(file);
  });
});
