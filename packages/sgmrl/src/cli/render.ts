import { join, parse, resolve } from "node:path";
import { fold, type Key, key, normal, uniformAt } from "@sgmrl/autodiff/random";
import {
  animationPage,
  type Drawing,
  drawTrajectory,
  type Environment,
  environments,
  filmStrip,
  taskInWords,
  width,
} from "@sgmrl/envs";
import { hashModule, isModule, loadModules } from "../config/modules.ts";
import { fileProblem, InputError } from "../errors.ts";
import { environmentOf } from "../meta-gradient/parts.ts";
import { heldOutKey } from "../training/keys.ts";
import { adaptationDrawings } from "../training/motions.ts";
import { loadCheckpoint } from "../training/resume.ts";
import { makeDirectory, writeAtomically } from "../training/store/atomic-write.ts";
import { refuseOwned } from "../training/store/ownership.ts";
import { readConfig, runFiles } from "../training/store/run-directory.ts";
import { unitOf } from "../training/train.ts";
import { unknownName } from "../wording.ts";
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
    .argument("[dir]", "directory of a run", filePath)
    .option("--env <name>", "an environment, or a module with one, under random actions, instead of a run")
    .option("--task <n>", "index of the held-out task", wholeNumber(0), 0)
    .option("--from <iteration>", "checkpoint to show (default: the last)", wholeNumber(0))
    .option("--out <folder>", "where to write (default: the run's directory, or the current one)", filePath)
    .option("--json", "print the written files as JSON")
    .addHelpText("after", examples("render runs/cheetah-1", "render --env ant-goal --out pictures"))
    .action(async (directory: string | undefined, { env, task, from, out, json }: RenderFlags) => {
      if ((directory === undefined) === (env === undefined)) {
        throw new InputError("render: give either the directory of a run or --env NAME.");
      }
      if (directory === undefined && from !== undefined)
        throw new InputError(
          "--from: an environment under random actions has no checkpoints. Leave it out, or give the directory of a run in place of --env.",
        );
      const folder = out ?? directory ?? ".";
      const base = join(folder, directory === undefined ? `${parse(env!).name}-motion` : "motion");
      const files = [`${base}.html`, `${base}.svg`];
      for (const file of files) refuseOwned(file, directory);
      const { title, words, drawings } =
        directory === undefined ? await randomScene(env!, task) : await runScene(directory, task, from);
      try {
        makeDirectory(folder);
        writeAtomically(files[0]!, animationPage(title, drawings, words));
        writeAtomically(files[1]!, filmStrip(drawings.at(-1)!));
      } catch (error) {
        throw new InputError(`--out ${folder}: ${fileProblem(error)}.`);
      }
      terminal.out(json ? JSON.stringify({ files }) : files.join("\n"));
    });
};

interface Scene {
  readonly title: string;
  /** The task, in words. */
  readonly words: string;
  readonly drawings: readonly Drawing[];
}

async function runScene(directory: string, task: number, from: number | undefined): Promise<Scene> {
  const { config, configSha256 } = readConfig(directory);
  const unit = await unitOf(config);
  const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
  if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const keys = heldOutKey(config.seed, task);
  const { experiment, evaluation } = config;
  const drawings = adaptationDrawings(experiment, checkpoint.state.theta, keys, evaluation.steps);
  const environment = environmentOf(experiment);
  const learnt = `${experiment.estimator.name} after ${checkpoint.state.iteration} iterations`;
  return {
    title: `${environment.name}; ${learnt}`,
    words: sentence(environment, environment.family.sample(keys.task)),
    drawings,
  };
}

async function randomScene(name: string, index: number): Promise<Scene> {
  const environment = await named(name);
  const { task: taskKey, noise } = heldOutKey(0, index);
  const task = environment.family.sample(taskKey);
  const actionAt = randomActions(environment, noise);
  const actions: Float64Array[] = [];
  let state = environment.reset(key(index), task);
  const states = [state.values];
  for (let t = 0; t < environment.horizon; t++) {
    actions.push(actionAt(t));
    const next = environment.step(state, actions[t]!, task);
    state = next.state;
    states.push(state.values);
    if (next.terminated) break;
  }
  const title = "random actions";
  const drawings = [drawTrajectory(environment, { title, task, states, actions })];
  return { title: environment.name, words: sentence(environment, task), drawings };
}

/** What the environment is, and what the task asks for. */
function sentence(environment: Environment, task: unknown): string {
  const words = taskInWords(environment, task);
  return `${environment.summary}${words === "" ? "" : `: ${words}`}.`;
}

/** Standard normal actions, or uniform ones for a discrete action space. */
function randomActions({ action }: Environment, noise: Key): (time: number) => Float64Array {
  const a = width(action);
  return (t) =>
    action.kind === "discrete"
      ? Float64Array.of(Math.floor(uniformAt(noise, t) * action.count))
      : normal(fold(noise, t), a);
}

async function named(name: string): Promise<Environment> {
  if (isModule(name)) {
    const modules = { [name]: hashModule(resolve(name)) };
    await loadModules({ modules });
    return environmentOf({ environment: name, modules });
  }
  if (Object.hasOwn(environments, name)) return environments[name]!;
  throw new InputError(unknownName("--env", name, Object.keys(environments)));
}
