/**
 * A checkpoint is two files: the arrays (safetensors), then the record (JSON), which names the arrays by their hash.
 * The record is renamed into place last, so a checkpoint exists as a whole or not at all.
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../../errors.ts";
import { limits, readFile } from "../../files/read-file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../files/safetensors.ts";
import { sha256 } from "../../files/sha256.ts";
import type { ScoreMemory } from "../../meta-gradient/score-coefficient.ts";
import type { ParameterBlock } from "../../policy/layout.ts";
import type { OptimizerState } from "../optimizer.ts";
import { type Disk, writeAtomically } from "./atomic-write.ts";
import {
  type Belonging,
  type Best,
  type CheckpointRecord,
  checkpointNames,
  checkpointVersion,
  parseRecord,
} from "./checkpoint-record.ts";
import { fromTensors, toTensors } from "./parameter-tensors.ts";

/** The names of the memory's vectors among the arrays. */
const remembers = { pathwise: "mean-pathwise", score: "mean-score" } as const;

/** A run between two iterations: everything on which the rest of it depends. */
export interface RunState {
  /** Iterations done. */
  readonly iteration: number;
  readonly theta: Float64Array;
  readonly optimizer: OptimizerState;
  /** The iteration of the last evaluation on held-out tasks; −1 before the first. */
  readonly evaluated: number;
  readonly best: Best | null;
  /** Present if the coefficient on the score term is estimated during training. */
  readonly scoreMemory?: ScoreMemory;
}

export interface Checkpoint extends Belonging {
  readonly state: RunState;
}

export function writeCheckpoint(
  folder: string,
  blocks: readonly ParameterBlock[],
  { state, ...belonging }: Checkpoint,
  disk?: Disk,
): void {
  const { iteration, theta, optimizer, evaluated, best, scoreMemory } = state;
  const { vectors, numbers } = parts(scoreMemory);
  const arrays = encodeSafetensors({
    tensors: toTensors({ theta, ...optimizer.moments, ...vectors }, blocks),
    metadata: { iteration: String(iteration) },
  });
  const record: CheckpointRecord = {
    version: checkpointVersion,
    iteration,
    arraysSha256: sha256(arrays),
    optimizerStep: optimizer.step,
    evaluated,
    best,
    ...numbers,
    ...belonging,
  };
  const files = checkpointNames(iteration);
  writeAtomically(join(folder, files.arrays), arrays, disk);
  writeRecord(folder, record, disk);
}

function writeRecord(folder: string, record: CheckpointRecord, disk?: Disk): void {
  const sealed = { ...record, sha256: sha256(JSON.stringify(record)) };
  writeAtomically(
    join(folder, checkpointNames(record.iteration).record),
    `${JSON.stringify(sealed, null, 2)}\n`,
    disk,
  );
}

function parts(memory: ScoreMemory | undefined) {
  if (memory === undefined) return { vectors: {}, numbers: {} };
  const { pathwise, score, ...scoreMemory } = memory;
  return { vectors: { [remembers.pathwise]: pathwise, [remembers.score]: score }, numbers: { scoreMemory } };
}

/** Writes θ alone, for use elsewhere. */
export function writeParameters(
  path: string,
  blocks: readonly ParameterBlock[],
  { iteration, theta }: Pick<RunState, "iteration" | "theta">,
  disk?: Disk,
): void {
  const metadata = { iteration: String(iteration) };
  writeAtomically(path, encodeSafetensors({ tensors: toTensors({ theta }, blocks), metadata }), disk);
}

/** θ from a file of `writeParameters`. */
export function readParameters(
  path: string,
  blocks: readonly ParameterBlock[],
): Pick<RunState, "iteration" | "theta"> {
  const { tensors, metadata } = decodeSafetensors(readFile(path, limits.arrays), path);
  const { theta } = fromTensors(tensors, blocks, path);
  const iteration = Number(metadata.iteration);
  if (theta === undefined || !Number.isSafeInteger(iteration))
    throw new InputError(`${path}: expected the parameters of a run and their iteration.`);
  return { iteration, theta };
}

/** The iteration of θ in a file of `writeParameters`; nothing if there is no such file, or it cannot be read. */
export function parametersIteration(path: string): number | undefined {
  try {
    const { metadata } = decodeSafetensors(readFile(path, limits.arrays), path);
    return metadata.iteration === undefined ? undefined : Number(metadata.iteration);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Assigns a checkpoint to another config. */
export function resealCheckpoint(folder: string, iteration: number, configSha256: string): void {
  writeRecord(folder, { ...readRecord(folder, iteration), configSha256 });
}

/** Iterations that have a checkpoint, in order. */
export function listCheckpoints(folder: string): number[] {
  if (!existsSync(folder)) return [];
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    throw new InputError(`${folder}: ${fileProblem(error)}.`);
  }
  return files
    .flatMap((file) => /^(\d+)\.json$/.exec(file)?.[1] ?? [])
    .map(Number)
    .filter((iteration) => files.includes(checkpointNames(iteration).record)) // excludes names such as "2.json" and "1e23.json"
    .sort((a, b) => a - b)
    .filter((iteration, i, all) => iteration !== all[i - 1]);
}

/** Removes the record first, because arrays alone are not a checkpoint. */
export function removeCheckpoint(folder: string, iteration: number): void {
  const { arrays, record } = checkpointNames(iteration);
  for (const file of [record, arrays]) {
    try {
      rmSync(join(folder, file), { force: true });
    } catch (error) {
      throw new InputError(`${join(folder, file)}: cannot be removed: ${fileProblem(error)}.`);
    }
  }
}

/** Removes arrays without a record, left by a process that was killed while it wrote or removed a checkpoint. */
export function removeLoneArrays(folder: string): void {
  const complete = new Set(listCheckpoints(folder).map((iteration) => checkpointNames(iteration).arrays));
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (/^\d{6,}\.safetensors$/.test(file) && !complete.has(file))
      rmSync(join(folder, file), { force: true });
}

/** Reads and verifies a checkpoint of the run whose config has the given hash. */
export function readCheckpoint(
  folder: string,
  iteration: number,
  blocks: readonly ParameterBlock[],
  configSha256: string,
): Checkpoint {
  const files = checkpointNames(iteration);
  const record = readRecord(folder, iteration);
  const { iteration: done, optimizerStep, evaluated, best, seed, journals } = record;
  if (record.configSha256 !== configSha256)
    throw new InputError(
      `${files.record}: config.json was changed since this checkpoint was written. ` +
        "Restore it, or start a new run with the new settings.",
    );
  const arrays = read(folder, files.arrays, limits.arrays);
  if (sha256(arrays) !== record.arraysSha256)
    throw new InputError(
      `${files.arrays}: its checksum differs from that in ${files.record}; the file is truncated or was changed.`,
    );
  const { tensors } = decodeSafetensors(arrays, files.arrays);
  const {
    theta,
    [remembers.pathwise]: pathwise,
    [remembers.score]: score,
    ...moments
  } = fromTensors(tensors, blocks, files.arrays);
  if (theta === undefined) throw new InputError(`${files.arrays}: no tensor "theta/…".`);
  const optimizer = { step: optimizerStep, moments };
  const { scoreMemory: numbers } = record;
  for (const [name, vector] of Object.entries({
    theta,
    ...moments,
    ...(pathwise && { pathwise }),
    ...(score && { score }),
  })) {
    const bad = vector.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1)
      throw new InputError(
        `${files.arrays}: expected finite numbers; element ${bad} of ${name} is ${vector[bad]}.`,
      );
  }
  const memory = numbers && pathwise && score && { ...numbers, pathwise, score };
  const state = {
    iteration: done,
    theta,
    optimizer,
    evaluated,
    best,
    ...(memory && { scoreMemory: memory }),
  };
  return { state, configSha256, seed, journals };
}

/** The verified record of a checkpoint; its arrays are not read. */
export function readRecord(folder: string, iteration: number): CheckpointRecord {
  const { record } = checkpointNames(iteration);
  return parseRecord(read(folder, record, limits.settings).toString(), record);
}

function read(folder: string, file: string, limit: number): Buffer {
  return readFile(join(folder, file), limit);
}
