/** Figures of trajectories, which are not recorded: they are sampled again from a run's last checkpoint. */
import { EnvironmentError, rigidBody } from "@sgmrl/envs";
import { placeInModule } from "../config/place-in-module.ts";
import { DivergenceError, InputError } from "../errors.ts";
import type { UnitSource } from "../execution/create-engine.ts";
import { PartError } from "../meta-gradient/parts.ts";
import { loadCheckpoint } from "../training/resume.ts";
import { runFiles } from "../training/store/run-directory.ts";
import { unitOf } from "../training/train.ts";
import { type Figure, seriesCount } from "./figure.ts";
import { filmFigure } from "./films.ts";
import type { Group, RecordedRun } from "./runs.ts";
import { trajectoryFigure } from "./trajectories.ts";

/** A figure for each of the first groups that can be drawn, and notes about those that could not be. */
export async function sampledFigures(
  groups: readonly Group[],
  units: UnitSource,
): Promise<{ readonly drawn: readonly Figure[]; readonly missing: readonly string[] }> {
  const missing: string[] = [];
  const drawn: Figure[] = [];
  for (const [i, group] of groups.slice(0, seriesCount).entries()) {
    try {
      const figure = await trajectories(group.runs[0], units, groups.length);
      if (figure === undefined) continue;
      const of = { name: `${figure.name}-${i + 1}`, title: `${group.label}: held-out tasks` };
      drawn.push(groups.length === 1 ? figure : { ...figure, ...of });
    } catch (error) {
      // What is recorded can be shown, though its policy gives no finite action, its robot diverges, or its own module is
      // missing, has changed, throws or cannot draw.
      const hasDiverged = error instanceof DivergenceError || error instanceof rigidBody.DivergenceError;
      if (!hasDiverged && !isOfModules(error, group.runs[0])) throw error;
      missing.push(`No trajectories of ${group.label}: ${error.message}`);
    }
  }
  return { drawn, missing };
}

/** Whether the run's own modules caused an error: it was refused as theirs, or thrown or passed on in one. */
function isOfModules(error: unknown, { config }: RecordedRun): error is Error {
  if (config.experiment.modules === undefined || !(error instanceof Error)) return false;
  const refused = [InputError, PartError, EnvironmentError].some((kind) => error instanceof kind);
  return refused || placeInModule(error.stack ?? "") !== "";
}

/**
 * Trajectories from the last checkpoint, sampled again: they are determined by the checkpoint and the config.
 */
async function trajectories(
  { directory, config, configSha256, damage }: RecordedRun,
  units: UnitSource,
  groups: number,
): Promise<Figure | undefined> {
  const unit = await unitOf(config, { units });
  const checkpoint = wholeCheckpoint(() => loadCheckpoint(runFiles(directory), unit, configSha256), damage);
  if (checkpoint === undefined) return undefined;
  const { experiment, seed, evaluation } = config;
  const settings = { experiment, seed, steps: evaluation.steps };
  const { theta } = checkpoint.state;
  // What is left out keeps large pages small.
  const paths = groups > 2 ? { tasks: groups > seriesCount ? 1 : 2, trajectories: groups > 4 ? 1 : 2 } : {};
  return (
    trajectoryFigure(unit, theta, { ...settings, ...paths }) ??
    filmFigure(unit, theta, { ...settings, tasks: groups > 2 ? 1 : 2, isShort: groups > seriesCount })
  );
}

/** Loads a checkpoint; undefined for a damaged run, whose fault is reported elsewhere. */
function wholeCheckpoint<T>(load: () => T, damage: readonly string[]): T | undefined {
  try {
    return load();
  } catch (error) {
    if (damage.length === 0 || !(error instanceof InputError)) throw error;
    return undefined;
  }
}
