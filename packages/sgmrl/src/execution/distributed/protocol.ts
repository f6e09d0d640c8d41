/**
 * The messages between coordinator and workers.
 *
 *   run     one config and one fingerprint; its id names the queue, so that a worker of other code gets no units
 *   round   units of one kind at one θ, named by the hash of θ and of what is asked
 *   group   2^k consecutive tasks of a round: one job, one result blob
 */

import { z } from "zod";
import { experimentSchema } from "../../config/schema.ts";
import { sha256 } from "../../files/sha256.ts";
import type { Experiment } from "../../settings.ts";
import type { TaskKeys } from "../engine.ts";
import type { Fingerprint } from "./fingerprint.ts";

/** The request to a unit. */
export type Work = { readonly kind: "contribute" } | { readonly kind: "evaluate"; readonly steps: number };

export interface GroupJob {
  readonly round: string;
  /** SHA-256 of θ's bytes. */
  readonly theta: string;
  readonly work: Work;
  /** Index of the first task. */
  readonly first: number;
  /** Task and noise key of each task: k0, k1, k0, k1; then its place on a lattice of tasks, if any. */
  readonly keys: readonly (readonly [number, number, number, number, ...place: [] | [number, number]])[];
}

/** A run as its coordinator announces it. */
export interface RunRecord {
  readonly fingerprint: Fingerprint;
  readonly experiment: Experiment;
  readonly host: string;
  readonly pid: number;
  /** Its last result has been read: workers leave. */
  readonly ending?: true | undefined;
}

export interface WorkerRecord {
  readonly fingerprint: Fingerprint;
  readonly slots: number;
  readonly host: string;
  readonly pid: number;
}

/**
 * Bounds on what a job may request: far beyond any run, but small enough that a worker survives a forged job. The size of
 * a unit follows from its experiment, whose sizes `experimentSchema` bounds.
 */
const mostTasks = 65_536;
const mostSteps = 1_000;

const hex = z.string().regex(/^[0-9a-f]{32,64}$/);
const word = z.int32();
/** Text that goes into logs: without control characters, which could control a terminal, and of bounded length. */
const line = z
  .string()
  .max(256)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
const fingerprintSchema = z.strictObject({
  code: line,
  node: line,
  architecture: line,
  formats: line,
});
const place = { fingerprint: fingerprintSchema, host: line, pid: z.int().min(0) };

/** Whether the id of a mark has a form that this program uses: a run's id, or a worker's UUID. */
export function isMarkId(kind: "run" | "worker", id: string): boolean {
  return kind === "run" ? /^[0-9a-f]{16}$/.test(id) : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** Makes text from another machine safe to show: without characters that control a terminal, and of bounded length. */
export function remoteText(text: string): string {
  const safe = text.replace(/[^\P{C}\n]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return safe.length > 4000 ? `${safe.slice(0, 4000)}…` : safe;
}

export const groupJobSchema: z.ZodType<GroupJob> = z.strictObject({
  round: hex,
  theta: hex,
  work: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("contribute") }),
    z.strictObject({ kind: z.literal("evaluate"), steps: z.int().min(0).max(mostSteps) }),
  ]),
  first: z.int().min(0),
  keys: z
    .array(
      z.union([
        z.tuple([word, word, word, word]),
        z.tuple([word, word, word, word, z.int().min(0), z.int().min(1)]),
      ]),
    )
    .min(1)
    .max(mostTasks),
});

export const runRecordSchema: z.ZodType<RunRecord> = z.strictObject({
  ...place,
  experiment: experimentSchema,
  ending: z.literal(true).optional(),
});

export const workerRecordSchema: z.ZodType<WorkerRecord> = z.strictObject({
  ...place,
  slots: z.int().min(1).max(mostTasks),
});

/** Only the fingerprint of a run: all that a worker of other code can read of it. */
export const foreignRunSchema: z.ZodType<Pick<RunRecord, "fingerprint" | "host">> = z.object({
  fingerprint: fingerprintSchema,
  host: line,
});

/** A run is its settings and its code; the directory it is kept in is not part of it. */
export function runId(configText: string, fingerprint: Fingerprint): string {
  return sha256(configText + JSON.stringify(fingerprint)).slice(0, 16);
}

export function queueName(run: string): string {
  return `run-${run}`;
}

/** The name of a group, and of its blob. */
export function groupName({ first, keys }: Pick<GroupJob, "first" | "keys">): string {
  return `${first}-${first + keys.length}`;
}

export function jobId(job: GroupJob): string {
  return `${job.round}-${groupName(job)}`;
}

/**
 * The jobs of a round, in order; its tasks count from `offset`. `groupSize` is a power of two, so that groups are
 * subtrees of [eq:tree-sum].
 */
export function groupsOf(
  work: Work,
  thetaHash: string,
  tasks: readonly TaskKeys[],
  groupSize: number,
  offset = 0,
): GroupJob[] {
  const keys = tasks.map(
    ({ task, noise }) => [task.k0, task.k1, noise.k0, noise.k1, ...(task.place ?? [])] as const,
  );
  const round = sha256(JSON.stringify([thetaHash, work, keys])).slice(0, 32);
  return Array.from({ length: Math.ceil(keys.length / groupSize) }, (_, g) => ({
    round,
    theta: thetaHash,
    work,
    first: offset + g * groupSize,
    keys: keys.slice(g * groupSize, (g + 1) * groupSize),
  }));
}

/** Reads θ back, into memory that threads share. */
export function sharedTheta(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const theta = new Float64Array(new SharedArrayBuffer(bytes.byteLength));
  for (let i = 0; i < theta.length; i++) theta[i] = view.getFloat64(8 * i, true);
  return theta;
}
