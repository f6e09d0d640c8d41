import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { key, normal } from "@sgmrl/autodiff/random";
import { findEnvironment, isLocomotion, rigidBody, width } from "@sgmrl/envs";
import { fileProblem, InputError } from "../errors.ts";
import { environmentOf } from "../meta-gradient/parts.ts";
import { heldOutKey } from "../training/keys.ts";
import { adaptationMotions } from "../training/motions.ts";
import { loadCheckpoint } from "../training/resume.ts";
import { readConfig, runFiles } from "../training/store/run-directory.ts";
import { unitOf } from "../training/train.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";

interface RenderFlags {
  readonly env?: string;
  readonly task: number;
  readonly from?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export const addRender: AddCommand = (command, terminal) => {
  command
    .argument("[dir]", "directory of a run on a locomotion environment", filePath)
    .option("--env <name>", "instead of a run: an environment under standard normal actions")
    .option("--task <n>", "which held-out task", wholeNumber(0), 0)
    .option("--from <iteration>", "checkpoint to show (default: the last)", wholeNumber(0))
    .option("--out <folder>", "where to write (default: the run's directory, or the current one)", filePath)
    .option("--json", "print the written files as JSON")
    .addHelpText("after", examples("render runs/cheetah-1", "render --env ant-goal --out pictures"))
    .action(async (directory: string | undefined, { env, task, from, out, json }: RenderFlags) => {
      if ((directory === undefined) === (env === undefined)) {
        throw new InputError("render: give either the directory of a run or --env NAME.");
      }
      const { title, motions } =
        directory === undefined ? randomMotion(env!, task) : await runMotions(directory, task, from);
      const folder = out ?? directory ?? ".";
      const base = join(folder, directory === undefined ? `${env}-motion` : "motion");
      const files = [`${base}.html`, `${base}.svg`];
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(files[0]!, rigidBody.animationPage(title, motions));
        writeFileSync(files[1]!, rigidBody.filmStrip(motions.at(-1)!));
      } catch (error) {
        throw new InputError(`--out ${folder}: ${fileProblem(error)}.`);
      }
      terminal.out(json ? JSON.stringify({ files }) : files.join("\n"));
    });
};

interface Scene {
  readonly title: string;
  readonly motions: readonly rigidBody.Motion[];
}

async function runMotions(directory: string, task: number, from: number | undefined): Promise<Scene> {
  const { config, configSha256 } = readConfig(directory);
  const unit = await unitOf(config);
  const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
  if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const keys = heldOutKey(config.seed, task);
  const { experiment, evaluation } = config;
  const motions = adaptationMotions(experiment, checkpoint.state.theta, keys, evaluation.steps);
  const { family, name } = environmentOf(experiment);
  const learnt = `${experiment.estimator.name} after ${checkpoint.state.iteration} iterations`;
  return { title: `${titleOf(name, family.sample(keys.task))}; ${learnt}`, motions };
}

/** The environment and the task: what is asked of the robot. */
function titleOf(environment: string, task: unknown): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(3)) : value;
  return `${environment} ${JSON.stringify(task, rounded)}`;
}

function randomMotion(name: string, index: number): Scene {
  const environment = findEnvironment(name);
  if (!isLocomotion(environment)) throw new InputError(`render: "${name}" has no body to draw.`);
  const { task: taskKey, noise } = heldOutKey(0, index);
  const task = environment.family.sample(taskKey);
  const a = width(environment.action);
  const draws = normal(noise, a * environment.horizon);
  const actions: Float64Array[] = [];
  let state = environment.reset(key(index), task);
  const states = [state.values];
  for (let t = 0; t < environment.horizon; t++) {
    actions.push(draws.slice(t * a, (t + 1) * a));
    const next = environment.step(state, actions[t]!, task);
    state = next.state;
    states.push(state.values);
    if (next.terminated) break;
  }
  const motion = environment.motion("standard normal actions", task, states, actions);
  return { title: titleOf(name, task), motions: [motion] };
}
