// `sgmrl/exact` is light: it bundles for a browser, needs nothing of Node, and gives the same numbers there.
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { gradient } from "../../src/exact/objective.ts";
import { twoStateProblem } from "../support/exact-problems.ts";

it("runs in a world without Node", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ["packages/sgmrl/src/exact/index.ts"],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    globalName: "exact",
    conditions: ["sgmrl-source"],
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const others = used.map(([path]) => path).filter((path) => !path.startsWith("packages/"));
  // The one that answers a misspelt name.
  expect(others.filter((path) => !path.includes("/fastest-levenshtein/"))).toEqual([]);
  expect(output!.imports).toEqual([]);
  const { text } = outputFiles[0]!;
  expect(text.length).toBeLessThan(400_000);

  const problem = twoStateProblem();
  const browser = createContext({ problem });
  expect(runInContext("typeof process + typeof require", browser)).toBe("undefinedundefined");
  runInContext(text, browser);
  const found: number[] = runInContext("Array.from(exact.gradient(problem))", browser);
  expect([...found]).toEqual([...gradient(problem)]);
});
