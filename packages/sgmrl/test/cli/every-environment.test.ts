// Every environment trains, and its report is written: one iteration, a few short trajectories, in this thread.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { environments, isPlane } from "@sgmrl/envs";
import { expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { emptyFolder } from "../support/runs.ts";

const tiny =
  "--iterations 1 --tasks 2 --horizon 4 --hidden 3 --inner-trajectories 2 --outer-trajectories 2 --evaluate-tasks 2 --final-tasks 2 --evaluate-steps 1 --workers 0".split(
    " ",
  );

/** By the default estimator of some environments. */
const whereRecorded = ["effective-sample-size.svg", "score-coefficient.svg"];

it.each(Object.keys(environments))("%s trains and reports", async (name) => {
  const err: string[] = [];
  const terminal = { out: () => {}, err: (text: string) => void err.push(text) };
  const directory = join(emptyFolder(), "run");
  const code = await runCommandLine(["train", "--env", name, ...tiny, "--out", directory], terminal);
  expect(code, err.join("\n")).toBe(0);
  expect(existsSync(join(directory, "report.html"))).toBe(true);
  const { picture } = environments[name]!;
  const films = picture !== undefined && !isPlane(picture) ? ["films.svg"] : [];
  const paths = isPlane(picture) ? ["trajectories.svg"] : [];
  const always = readdirSync(join(directory, "figures")).filter((file) => !whereRecorded.includes(file));
  expect(always).toEqual([
    ...films,
    "gradient-norm.svg",
    "gradient-norms.svg",
    "learning-curve.svg",
    "return-after-steps.svg",
    "return-over-training.svg",
    ...paths,
  ]);
});
