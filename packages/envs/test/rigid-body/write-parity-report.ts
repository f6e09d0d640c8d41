/**
 * Measures the simulator against the official engine and writes docs/results/mujoco-parity.md:
 *   node --conditions=sgmrl-source packages/envs/test/rigid-body/write-parity-report.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RobotName } from "../../src/rigid-body/robots/index.ts";
import { measureFreeRun, measureOneStep, measureTrajectory } from "./support/measure-parity.ts";
import type { Release } from "./support/official.ts";

const names: RobotName[] = ["half-cheetah", "swimmer", "hopper", "walker2d", "ant"];
const e = (x: number) => (x === 0 ? "0" : x.toExponential(1));
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The tables of one release. */
async function section(release: Release): Promise<string> {
  const oneStep: (string | number)[][] = [];
  const longer: (string | number)[][] = [];
  let crossing = 0;
  let excluded = 0;
  for (const name of names) {
    const measured = await measureOneStep(name, 10_000, 1, release);
    crossing += measured.crossing;
    excluded += measured.excluded;
    for (const { regime, states, qvel, qpos, fast, fastRelative, countMismatches } of measured.rows) {
      oneStep.push([name, regime, states, e(qvel), e(qpos), fast, e(fastRelative), countMismatches]);
    }
    const along = await measureTrajectory(name, 2000, 2, release);
    const free = await measureFreeRun(name, 100, 3, release);
    longer.push([name, e(along.qvel), e(along.qpos), along.contactSteps, e(free)]);
  }
  const speed = "their max Δqvel/speed";
  return `## MuJoCo ${release}

One step from random states:

${table(
  ["robot", "regime", "states", "max Δqvel", "max Δqpos", "fast states", speed, "count mismatches"],
  oneStep,
)}

In ${crossing} of the hopper's states the axes of two links cross; in ${excluded} of these the pair was excluded (see above).

Trajectories:

${table(
  ["robot", "max Δqvel, one step", "max Δqpos, one step", "steps with contact", "max Δ after 100 free steps"],
  longer,
)}
`;
}

const text = `# The simulator against MuJoCo

The rigid-body simulator compared with the official MuJoCo, in WebAssembly, on Gymnasium's model files: release
3.3.8 (npm \`mujoco-js\` 0.0.7) and release 3.14.0 (npm \`@mujoco/mujoco\`). Written by
\`packages/envs/test/rigid-body/write-parity-report.ts\`; the same measurements are assertions in
\`packages/envs/test/rigid-body/parity.test.ts\`.

**Which release.** The robots follow 3.3.8. By 3.9.0 one rule had changed: the margin of a contact is the sum of
the two surfaces' margins, no longer the larger one. The hopper (margins of 1 mm) and the ant (10 mm) therefore
take other trajectories there; the half-cheetah, the swimmer and the walker have no margins and take the same.
With \`margins: "sum"\` a robot follows the newer rule; the second section is measured with it.

**One step.** Positions within 50 m, any orientation, joints up to 10% beyond their ranges, speeds N(0, σ²) with
σ in [1, 5], controls up to 30% beyond their range, warm starts from none to far off. Differences are the
largest absolute ones over all components; states whose resulting speed passes 30 are measured relative to it.
The last column counts steps whose number of contacts or constraint rows differs.

**Crossing links.** Where the axes of two capsules cross, the contact's normal is perpendicular to both, and in
a robot of the plane it pushes nothing. In about 2% of these states the official engine's rounding leaves the
axes more than 1e-15 m apart, so that it pushes, in a direction that rounding chose; there it was asked with
that pair of links excluded.

**Trajectories.** 2,000 steps under random controls, our state set to the official one before every step; and
100 steps with both engines on their own.

${await section("3.3.8")}
${await section("3.14.0")}`;
const path = fileURLToPath(new URL("../../../../docs/results/mujoco-parity.md", import.meta.url));
mkdirSync(fileURLToPath(new URL(".", `file://${path}`)), { recursive: true });
writeFileSync(path, text);
console.log(text);
