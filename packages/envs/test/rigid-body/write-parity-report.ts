/**
 * Measures the simulator against the official engine and writes docs/results/mujoco-parity.md:
 *   node --conditions=sgmrl-source packages/envs/test/rigid-body/write-parity-report.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RobotName } from "../../src/rigid-body/robots/index.ts";
import { measureFreeRun, measureOneStep, measureTrajectory } from "./support/measure-parity.ts";

const names: RobotName[] = ["half-cheetah", "swimmer", "hopper", "walker2d", "ant"];
const e = (x: number) => (x === 0 ? "0" : x.toExponential(1));
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const oneStep: (string | number)[][] = [];
const longer: (string | number)[][] = [];
let crossing = 0;
let excluded = 0;
for (const name of names) {
  const measured = await measureOneStep(name, 10_000, 1);
  crossing += measured.crossing;
  excluded += measured.excluded;
  for (const row of measured.rows) {
    oneStep.push([
      name,
      row.regime,
      row.states,
      e(row.qvel),
      e(row.qpos),
      row.fast,
      e(row.fastRelative),
      row.countMismatches,
    ]);
  }
  const along = await measureTrajectory(name, 2000, 2);
  longer.push([
    name,
    e(along.qvel),
    e(along.qpos),
    along.contactSteps,
    e(await measureFreeRun(name, 100, 3)),
  ]);
}

const text = `# The simulator against MuJoCo

The rigid-body simulator compared with the official MuJoCo 3.3.8 (its own WebAssembly build, npm \`mujoco-js\` 0.0.7)
on Gymnasium's model files. Written by \`packages/envs/test/rigid-body/write-parity-report.ts\`; the same measurements
are assertions in \`packages/envs/test/rigid-body/parity.test.ts\`.

## One step from random states

Positions within 50 m, any orientation, joints up to 10% beyond their ranges, speeds N(0, σ²) with σ in [1, 5],
controls up to 30% beyond their range, warm starts from none to far off. Differences are the largest absolute ones
over all components; states whose resulting speed passes 30 are measured relative to it. The last column counts
steps whose number of contacts or constraint rows differs.

${table(
  [
    "robot",
    "regime",
    "states",
    "max Δqvel",
    "max Δqpos",
    "fast states",
    "their max Δqvel/speed",
    "count mismatches",
  ],
  oneStep,
)}

In ${crossing} of the hopper's states the axes of two links cross. The contact's normal is then perpendicular to both axes, and
in a robot of the plane it pushes nothing. In ${excluded} of these states the official engine's rounding leaves the axes more than
1e-15 m apart, so that it pushes, in a direction that rounding chose; there it was asked with that pair of links excluded.

## Trajectories

2,000 steps under random controls, our state set to the official one before every step; and 100 steps with both
engines on their own.

${table(
  ["robot", "max Δqvel, one step", "max Δqpos, one step", "steps with contact", "max Δ after 100 free steps"],
  longer,
)}
`;
const path = fileURLToPath(new URL("../../../../docs/results/mujoco-parity.md", import.meta.url));
mkdirSync(fileURLToPath(new URL(".", `file://${path}`)), { recursive: true });
writeFileSync(path, text);
console.log(text);
