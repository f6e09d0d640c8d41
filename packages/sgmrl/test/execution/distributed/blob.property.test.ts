// Results arrive as they were sent, bit for bit, or are refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blobChecksum,
  DamagedBlobError,
  decodeBlob,
  encodeBlob,
  type GroupResult,
} from "../../../src/execution/distributed/blob.ts";
import type { GroupJob } from "../../../src/execution/distributed/protocol.ts";

const remarks = { attempt: 1, milliseconds: 2.5, worker: "w" };
const double = fc.double();

function jobOf(tasks: number, work: GroupJob["work"]): GroupJob {
  const keys = Array.from({ length: tasks }, (_, i) => [i, 0, 0, i] as const);
  return { round: "a".repeat(32), theta: "b".repeat(64), work, first: 4, keys };
}

const contribution = fc
  .record({
    blocks: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 3 }),
    d: fc.integer({ min: 1, max: 5 }),
    score: fc.boolean(),
  })
  .chain(({ blocks, size, d, score }) => {
    const vector = fc
      .array(double, { minLength: d, maxLength: d })
      .map((values) => Float64Array.from(values));
    const seconds = fc.record({
      rollout: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
      adapt: fc.constant(0.5),
      metaGradient: fc.constant(0),
    });
    const sum = fc.record({
      pathwise: vector,
      score: score ? vector : fc.constant(null),
      meanReturn: double,
      statistics: fc.record({ preReturn: double, norm: double }),
      seconds,
    });
    return fc.tuple(
      fc.constant(jobOf(blocks * size, { kind: "contribute" })),
      fc.array(sum, { minLength: blocks, maxLength: blocks }).map(
        (sums): GroupResult => ({
          kind: "contribute",
          blocks: sums.map((one) => ({ tasks: size, sum: one })),
        }),
      ),
    );
  });

const evaluation = fc
  .array(fc.array(double, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 })
  .map((rows): [GroupJob, GroupResult] => [
    jobOf(rows.length, { kind: "evaluate", steps: 2 }),
    {
      kind: "evaluate",
      evaluations: rows.map((row, i) => ({ task: { goal: [i, 1] }, returns: Float64Array.from(row) })),
    },
  ]);

const sent = fc.oneof(contribution, evaluation);

describe("a blob", () => {
  it("decodes to what was encoded, from memory at any offset", () => {
    fc.assert(
      fc.property(sent, fc.nat(9), ([job, result], offset) => {
        const bytes = encodeBlob(job, result, remarks);
        const moved = new Uint8Array(offset + bytes.length + 3).subarray(offset, offset + bytes.length);
        moved.set(bytes);
        const decoded = decodeBlob(job, moved);
        expect(decoded.result).toEqual(result);
        expect(decoded.remarks).toMatchObject(remarks);
      }),
    );
  });

  it("has a checksum that depends on the results and not on the circumstances", () => {
    fc.assert(
      fc.property(sent, ([job, result]) => {
        const [one, other] = [remarks, { attempt: 3, milliseconds: 9, worker: "other" }].map(
          (circumstances) => blobChecksum(encodeBlob(job, result, circumstances)),
        );
        expect(one).toBe(other);
      }),
    );
  });

  it("is refused with any byte of header or results changed, cut short, or longer", () => {
    fc.assert(
      fc.property(
        sent,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        ([job, result], place, change) => {
          const bytes = encodeBlob(job, result, remarks);
          const end = 56 + Number(Buffer.from(bytes).readBigUInt64LE(40));
          const damaged = Uint8Array.from(bytes); // a copy: slices of a Buffer share its memory
          damaged[Math.floor(place * end)]! ^= change;
          const short = bytes.slice(0, Math.floor(place * bytes.length));
          for (const wrong of [damaged, short, Buffer.concat([bytes, Buffer.of(0)])]) {
            expect(() => decodeBlob(job, wrong)).toThrow(DamagedBlobError);
            expect(() => blobChecksum(wrong)).toThrow(DamagedBlobError);
          }
        },
      ),
    );
  });

  it("is refused for another group, another round, or another θ", () => {
    fc.assert(
      fc.property(sent, ([job, result]) => {
        const bytes = encodeBlob(job, result, remarks);
        for (const other of [{ first: 8 }, { round: "c".repeat(32) }, { theta: "c".repeat(64) }])
          expect(() => decodeBlob({ ...job, ...other }, bytes)).toThrow(DamagedBlobError);
      }),
    );
  });
});
