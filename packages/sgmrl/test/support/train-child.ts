// A process that trains or resumes a run of the quadratic unit, to be killed: train-child.ts <directory> <iterations>
import { existsSync } from "node:fs";
import { resume } from "../../src/training/resume.ts";
import { runFiles } from "../../src/training/store/run-directory.ts";
import { train } from "../../src/training/train.ts";
import { quadraticUnits, smallConfig } from "./runs.ts";

const [directory, iterations] = process.argv.slice(2);
process.stdout.write("ready\n");
const options = { workers: 0, units: quadraticUnits };
try {
  if (existsSync(runFiles(directory!).config)) await resume(directory!, options);
  else await train(smallConfig({ iterations: Number(iterations) }), directory!, options);
} catch (error) {
  process.stderr.write(String(error));
  process.exitCode = 1;
}
