/**
 * The result of a group as bytes. The part that the units determine comes first and has a checksum, which is therefore
 * the same on every machine; the rest (seconds, number of the attempt) follows.
 *
 *   4 bytes   "SGMR"
 *   4 bytes   version of this layout; here and below little-endian
 *   32 bytes  SHA-256 of the results
 *   8 bytes   n, the length of the results
 *   8 bytes   m, the length of the remarks
 *   n bytes   results: safetensors; its metadata name the round, θ and the group
 *   m bytes   remarks: JSON
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { concatenated } from "../../arithmetic.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../files/safetensors.ts";
import { parsed } from "../../files/schema-errors.ts";
import { sha256 } from "../../files/sha256.ts";
import type { UnitResult } from "../../meta-gradient/contribution.ts";
import type { Evaluation } from "../../meta-gradient/evaluation.ts";
import type { Block } from "../engine.ts";
import { blobVersion } from "./fingerprint.ts";
import { type GroupJob, groupName } from "./protocol.ts";

export type GroupResult =
  | { readonly kind: "contribute"; readonly blocks: readonly Block[] }
  | { readonly kind: "evaluate"; readonly evaluations: readonly Evaluation[] };

export interface Remarks {
  /** Of each block, by phase; empty for evaluations. */
  readonly seconds: readonly UnitResult["seconds"][];
  /** 1, or more after a redelivery. */
  readonly attempt: number;
  /** Milliseconds that the group took. */
  readonly milliseconds: number;
  readonly worker: string;
}

/** A blob that is incomplete, or belongs to a different group. */
export class DamagedBlobError extends Error {
  override readonly name = "DamagedBlobError";
}

const magic = "SGMR";
const headerLength = 56;

const remarksSchema: z.ZodType<Remarks> = z.strictObject({
  seconds: z.array(z.strictObject({ rollout: z.number(), adapt: z.number(), metaGradient: z.number() })),
  attempt: z.int().min(1),
  milliseconds: z.number(),
  worker: z.string(),
});

const metadataSchema = z.strictObject({
  round: z.string(),
  theta: z.string(),
  group: z.string(),
  /** JSON: names of the statistics, or the tasks of the evaluations. */
  names: z.string(),
});

export function encodeBlob(
  job: GroupJob,
  result: GroupResult,
  remarks: Omit<Remarks, "seconds">,
): Uint8Array {
  const blocks = result.kind === "contribute" ? result.blocks : [];
  const results = Buffer.from(encodeResult(job, result));
  const tail = Buffer.from(JSON.stringify({ ...remarks, seconds: blocks.map(({ sum }) => sum.seconds) }));
  const header = Buffer.alloc(headerLength);
  header.write(magic, 0, "latin1");
  header.writeUInt32LE(blobVersion, 4);
  createHash("sha256").update(results).digest().copy(header, 8);
  header.writeBigUInt64LE(BigInt(results.length), 40);
  header.writeBigUInt64LE(BigInt(tail.length), 48);
  return Buffer.concat([header, results, tail]);
}

/** The checksum of the results, once length and checksum have been verified. */
export function blobChecksum(bytes: Uint8Array): string {
  return open(bytes).checksum;
}

export function decodeBlob(
  job: GroupJob,
  bytes: Uint8Array,
): { readonly result: GroupResult; readonly remarks: Remarks } {
  const { results, tail } = open(bytes);
  try {
    const remarks = parsed(remarksSchema, JSON.parse(Buffer.from(tail).toString()), "remarks");
    return { result: decodeResult(job, results, remarks), remarks };
  } catch (error) {
    if (error instanceof DamagedBlobError) throw error;
    throw new DamagedBlobError(`group ${groupName(job)}: ${error instanceof Error ? error.message : error}`);
  }
}

function open(bytes: Uint8Array): { results: Uint8Array; tail: Uint8Array; checksum: string } {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.length < headerLength || header.toString("latin1", 0, 4) !== magic)
    throw new DamagedBlobError(`expected a result of at least ${headerLength} bytes, got ${header.length}`);
  const version = header.readUInt32LE(4);
  if (version !== blobVersion)
    throw new DamagedBlobError(`expected a result of version ${blobVersion}, got ${version}`);
  const [n, m] = [Number(header.readBigUInt64LE(40)), Number(header.readBigUInt64LE(48))];
  if (headerLength + n + m !== header.length)
    throw new DamagedBlobError(`expected ${headerLength + n + m} bytes, got ${header.length}`);
  const results = bytes.subarray(headerLength, headerLength + n);
  const checksum = header.toString("hex", 8, 40);
  if (sha256(results) !== checksum) throw new DamagedBlobError("the checksum does not match the content");
  return { results, tail: bytes.subarray(headerLength + n), checksum };
}

function encodeResult(job: GroupJob, result: GroupResult): Uint8Array {
  const metadata = { round: job.round, theta: job.theta, group: groupName(job) };
  if (result.kind === "evaluate") {
    const { evaluations } = result;
    const names = JSON.stringify(evaluations.map(({ task }) => task));
    return encodeSafetensors({
      tensors: { returns: rows(evaluations.map(({ returns }) => returns)) },
      metadata: { ...metadata, names },
    });
  }
  const sums = result.blocks.map(({ sum }) => sum);
  const names = Object.keys(sums[0]?.statistics ?? {});
  const scores = sums.flatMap(({ score }) => (score === null ? [] : [score]));
  return encodeSafetensors({
    tensors: {
      pathwise: rows(sums.map(({ pathwise }) => pathwise)),
      ...(scores.length === 0 ? {} : { score: rows(scores) }),
      tasks: rows(result.blocks.map(({ tasks }) => Float64Array.of(tasks))),
      meanReturn: rows(sums.map(({ meanReturn }) => Float64Array.of(meanReturn))),
      statistics: rows(sums.map(({ statistics }) => Float64Array.from(names, (name) => statistics[name]!))),
    },
    metadata: { ...metadata, names: JSON.stringify(names) },
  });
}

function decodeResult(job: GroupJob, bytes: Uint8Array, { seconds }: Remarks): GroupResult {
  const group = groupName(job);
  const { tensors, metadata } = decodeSafetensors(bytes, `group ${group}`);
  const { round, theta, group: got, names } = parsed(metadataSchema, metadata, "metadata");
  if (round !== job.round || theta !== job.theta || got !== group)
    throw new DamagedBlobError(`expected group ${group} of round ${job.round}, got ${got} of ${round}`);
  if (job.work.kind === "evaluate") {
    const tasks: unknown[] = parsed(z.array(z.unknown()).length(job.keys.length), JSON.parse(names), "names");
    const returns = split(tensors, "returns", tasks.length);
    return { kind: "evaluate", evaluations: tasks.map((task, i) => ({ task, returns: returns[i]! })) };
  }
  const statistics = parsed(z.array(z.string()), JSON.parse(names), "names");
  const pathwise = split(tensors, "pathwise", seconds.length);
  const [tasks, returns, values] = (["tasks", "meanReturn", "statistics"] as const).map((name) =>
    split(tensors, name, seconds.length),
  );
  const scores = tensors.score === undefined ? null : split(tensors, "score", seconds.length);
  const blocks = pathwise.map((term, b) => ({
    tasks: tasks![b]![0]!,
    sum: {
      pathwise: term,
      score: scores?.[b] ?? null,
      meanReturn: returns![b]![0]!,
      statistics: Object.fromEntries(statistics.map((name, i) => [name, values![b]![i]!])),
      seconds: seconds[b]!,
    },
  }));
  const total = blocks.reduce((sum, block) => sum + block.tasks, 0);
  if (total !== job.keys.length)
    throw new DamagedBlobError(`group ${group}: expected ${job.keys.length} tasks, got ${total}`);
  return { kind: "contribute", blocks };
}

function rows(vectors: readonly Float64Array[]): Tensor {
  return { shape: [vectors.length, vectors[0]?.length ?? 0], data: concatenated(vectors) };
}

function split(tensors: Readonly<Record<string, Tensor>>, name: string, count: number): Float64Array[] {
  const tensor = tensors[name];
  const [got, width] = tensor?.shape ?? [];
  if (tensor === undefined || got !== count || width === undefined)
    throw new DamagedBlobError(`expected ${count} rows of "${name}", got ${got ?? "none"}`);
  return Array.from({ length: count }, (_, i) => tensor.data.slice(i * width, (i + 1) * width));
}
