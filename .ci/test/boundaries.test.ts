// The import rules of biome.json, and its rule on functions whose bits differ, each seen to fail on a planted violation and to pass on its lawful neighbour.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const restricted = "lint/style/noRestrictedImports";
const cycle = "lint/suspicious/noImportCycles";
const bits = "plugin"; // same-bits.grit, the one that there is

/** [file, what it imports, the rule that must fire there]. Paths are relative to packages/. */
const planted: readonly (readonly [string, string, string | undefined])[] = [
  ["autodiff/src/up.ts", `import { x } from "@sgmrl/envs";`, restricted],
  ["autodiff/src/top.ts", `import { x } from "sgmrl";`, restricted],
  ["autodiff/src/npm.ts", `import { x } from "left-pad";`, restricted],
  ["autodiff/src/deep/node.ts", `import { x } from "node:fs";`, restricted],
  ["autodiff/src/path.ts", `import { x } from "../../envs/src/index.ts";`, restricted],
  ["autodiff/src/gpu.ts", `const { x } = await import("gpu.js");`, undefined],
  ["autodiff/src/deep/own.ts", `import { x } from "../leaf.ts";`, undefined],
  ["autodiff/src/leaf.ts", `const x = 1;`, undefined],

  ["autodiff/src/backends/wasm/a.ts", `import { x } from "../../transforms/vjp.ts";`, restricted],
  ["autodiff/src/backends/wasm/b.ts", `import { x } from "../../functions/softmax.ts";`, restricted],
  ["autodiff/src/backends/wasm/c.ts", `import { x } from "../../array/ndarray.ts";`, undefined],
  ["autodiff/src/backends/wasm/d.ts", `import { x } from "../reference/e.ts";`, undefined],

  ["autodiff/src/backends/wasm/f.ts", `import { x } from "../../trace/graph.ts";`, undefined],
  ["autodiff/src/backends/wasm/g.ts", `import { x } from "../../trace/trace.ts";`, restricted],
  ["autodiff/src/backends/wasm/h.ts", `import { x } from "../../primitives/table.ts";`, undefined],
  ["autodiff/src/backends/wasm/i.ts", `import { x } from "../../primitives/arithmetic.ts";`, restricted],
  ["autodiff/src/backends/wasm/npm.ts", `import { x } from "left-pad";`, restricted],
  ["autodiff/src/array/trace.ts", `import { x } from "../trace/trace.ts";`, restricted],
  ["autodiff/src/random/primitives.ts", `import { x } from "../primitives/table.ts";`, restricted],

  ["envs/src/keys.ts", `import { x } from "@sgmrl/autodiff/random";`, undefined],
  ["envs/src/derivative.ts", `import { x } from "@sgmrl/autodiff";`, restricted],
  ["envs/src/subpath.ts", `import { x } from "@sgmrl/autodiff/testing";`, restricted],
  ["envs/src/top.ts", `import { x } from "sgmrl";`, restricted],
  ["envs/src/path.ts", `import { x } from "../../autodiff/src/random/index.ts";`, restricted],
  ["envs/src/point/a-program.ts", `import { x } from "@sgmrl/autodiff";`, undefined],
  ["envs/src/point/b-program.ts", `import { x } from "sgmrl";`, restricted],
  ["envs/src/point/program.ts", `import { x } from "@sgmrl/autodiff";`, restricted],
  ["envs/src/rigid-body/differentiable/b.ts", `import { x } from "@sgmrl/autodiff";`, undefined],
  ["envs/src/rigid-body/differentiable/c.ts", `import { x } from "sgmrl";`, restricted],
  ["envs/src/test-only.ts", `import { x } from "../test/support/x.ts";`, restricted],

  ["sgmrl/src/down.ts", `import { x } from "@sgmrl/envs";`, undefined],
  ["sgmrl/src/autodiff.ts", `import { x } from "@sgmrl/autodiff";`, undefined],
  ["sgmrl/src/path.ts", `import { x } from "../../envs/src/index.ts";`, restricted],
  ["sgmrl/src/benchmarks.ts", `import { x } from "@sgmrl/benchmarks";`, restricted],

  ["sgmrl/src/power.ts", `const x = Math.random() ** 3;`, bits],
  ["sgmrl/src/pow.ts", `const x = Math.pow(Math.random(), 3);`, bits],
  ["envs/src/power.ts", `const x = 0.99 ** Math.random();`, bits],
  ["sgmrl/src/square.ts", `const x = Math.random() ** 2;`, undefined],
  ["envs/src/power-of-two.ts", `const x = 2 ** Math.random();`, undefined],
  ["autodiff/src/power.ts", `const x = Math.random() ** 3;`, bits],
  ...["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh"].map(
    plantedCall,
  ),
  ...["asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2", "cbrt", "hypot"].map(plantedCall),
  ["sgmrl/src/map.ts", `const x = [1].map(Math.exp);`, bits],
  ["envs/src/taken.ts", `const { exp: x } = Math;`, bits],
  ["envs/src/renamed.ts", `const x = Math;`, bits],
  ["sgmrl/src/exactly-rounded.ts", `const x = Math.sqrt(Math.abs(Math.floor(Math.LN2)));`, undefined],
  ["envs/src/elementary.ts", `import { exp as x } from "@sgmrl/autodiff/elementary";`, undefined],

  ["sgmrl/src/ring/a.ts", `import { x } from "./b.ts";`, cycle],
  ["sgmrl/src/ring/b.ts", `import { x } from "./a.ts";`, cycle],
  ["sgmrl/src/types/a.ts", `import { x } from "./b.ts";`, cycle],
  ["sgmrl/src/types/b.ts", `import type { x } from "./a.ts"; const y: typeof x = 1;`, cycle],
  ["autodiff/src/types/a.ts", `import { x } from "./b.ts";`, undefined],
  ["autodiff/src/types/b.ts", `import type { x } from "./a.ts"; const y: typeof x = 1;`, undefined],
];

function plantedCall(name: string): readonly [string, string, string] {
  return [`sgmrl/src/${name}.ts`, `const x = Math.${name}(Math.random(), 1);`, bits];
}

it("rejects every planted violation of the rules, and nothing else", () => {
  const project = mkdtempSync(join(tmpdir(), "sgmrl-boundaries-"));
  try {
    const { vcs: _, ...rules } = JSON.parse(readFileSync("biome.json", "utf8"));
    writeFileSync(join(project, "biome.json"), JSON.stringify(rules));
    cpSync(".ci/lint", join(project, ".ci/lint"), { recursive: true });
    for (const [file, code] of planted) {
      const path = join(project, "packages", file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${code}\nexport { x };\n`);
    }
    const { stdout, stderr } = spawnSync(
      "biome",
      ["lint", "--reporter=json", "--max-diagnostics=none", "."],
      {
        cwd: project,
        encoding: "utf8",
      },
    );
    expect(stdout, stderr).toContain("diagnostics");
    const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(stdout);
    const fired = report.diagnostics
      .filter(({ category }) => [restricted, cycle, bits].includes(category))
      .map(({ category, location }) => `${location.path}: ${category}`);
    const expected = planted.flatMap(([file, , rule]) =>
      rule === undefined ? [] : [`packages/${file}: ${rule}`],
    );
    expect(fired.toSorted()).toEqual(expected.toSorted());
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
