// What the coordinator makes of damage, loss and disagreement, with a broker in memory.
import { key, split } from "@sgmrl/autodiff/random";
import { beforeEach, describe, expect, it } from "vitest";
import { RunError } from "../../../src/errors.ts";
import { encodeBlob } from "../../../src/execution/distributed/blob.ts";
import { Coordinator } from "../../../src/execution/distributed/coordinator.ts";
import { runGroup } from "../../../src/execution/distributed/group.ts";
import type { GroupJob } from "../../../src/execution/distributed/protocol.ts";
import { discord } from "../../../src/execution/distributed/store-result.ts";
import { type MemoryBroker, memoryBroker } from "../../support/distributed/memory-broker.ts";
import { unitFor } from "../../support/quadratic-unit.ts";
import { smallConfig } from "../../support/runs.ts";

const { experiment } = smallConfig();
const unit = unitFor(experiment);
const theta = Float64Array.of(0.5, -1, 2);
const tasks = split(key(3), 13).map((task) => ({ task, noise: task }));
const contribute = { kind: "contribute" } as const;

const compute = (job: GroupJob): Uint8Array =>
  encodeBlob(job, runGroup(experiment, unit, theta, job), { attempt: 1, milliseconds: 1, worker: "w" });

let lost = false;
beforeEach(() => {
  lost = false;
});

function coordinator(broker: MemoryBroker, window = 3): Coordinator {
  return new Coordinator({
    broker,
    queue: broker.jobs,
    run: "run",
    lease: {
      requireHeld() {
        if (lost) throw new RunError("the lease is lost");
      },
      end: async () => true,
      release: async () => {},
    },
    timing: {
      markMilliseconds: 1,
      lockMilliseconds: 1,
      maxStalledCount: 1,
      lookMilliseconds: 1,
      sweepMilliseconds: 1,
      overdueMilliseconds: 5,
    },
    groupSize: 2,
    window,
    persist: (work) => work(),
    observer: { published() {}, read() {}, damaged() {}, republished() {}, waiting() {} },
    replay: (first, end, { kind }) => `replay ${kind} ${first}-${end - 1}`,
  });
}

const expected = await coordinator(memoryBroker(compute)).round(contribute, theta, tasks);

describe("the coordinator", () => {
  it("keeps no more groups with the broker than its window, and leaves nothing there", async () => {
    const broker = memoryBroker(compute);
    const results = await coordinator(broker).round(contribute, theta, tasks);
    expect(results.flatMap((result) => (result.kind === "contribute" ? result.blocks : []))).toHaveLength(7);
    expect(broker.mostOutstanding).toBe(3);
    expect(broker.rounds.size).toBe(0);
    expect([...broker.published.values()]).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it("has a group computed again whose result is damaged", async () => {
    const broker = memoryBroker((job, delivery) => {
      const blob = compute(job);
      if (job.first === 4 && delivery === 1) blob[60]! ^= 1;
      return blob;
    });
    expect(await coordinator(broker).round(contribute, theta, tasks)).toEqual(expected);
    expect(broker.published.get("4-6")).toBe(2);
  });

  it("gives up on a result that is damaged each time", async () => {
    const broker = memoryBroker((job) => compute(job).slice(0, -1));
    await expect(coordinator(broker).round(contribute, theta, tasks)).rejects.toThrow("damaged 3 times");
  });

  it("publishes again what the broker lost, θ included", async () => {
    const broker = memoryBroker((job, delivery, { rounds }) => {
      if (job.first !== 2 || delivery > 1) return compute(job);
      rounds.delete(job.round); // and with it, results that were not read yet
      return undefined;
    });
    expect(await coordinator(broker, 1).round(contribute, theta, tasks)).toEqual(expected);
    expect(broker.published.get("2-4")).toBe(2);
  });

  it("stops at a group that failed for good, with the command that replays it", async () => {
    const broker = memoryBroker((job) => {
      if (job.first === 6) throw new Error("task 7: no");
      return compute(job);
    });
    await expect(coordinator(broker).round(contribute, theta, tasks)).rejects.toThrow(
      /tasks 6 to 7 failed 2 times: Error: task 7: no\.\n.*replay contribute 6-7/,
    );
  });

  it("names the command for held-out tasks where one of those failed", async () => {
    const broker = memoryBroker((job) => {
      throw new Error(`no ${job.first}`);
    });
    const round = coordinator(broker).round({ kind: "evaluate", steps: 1 }, theta, tasks.slice(0, 1), 32);
    await expect(round).rejects.toThrow(/^task 32 failed 2 times: Error: no 32\.\n.*replay evaluate 32-32/);
  });

  it("blames the task whose workers were lost, but not one whose error speaks of such", async () => {
    for (const [reason, says] of [
      ["job stalled more than allowable limit", /workers computing tasks 0 to 1 were lost more than 1 times/],
      ["the queue at the gate stalled", /tasks 0 to 1 failed 2 times: Error: the queue at the gate stalled/],
    ] as const) {
      const broker = memoryBroker(() => {
        throw reason.startsWith("job") ? reason : new Error(reason);
      });
      await expect(coordinator(broker).round(contribute, theta, tasks)).rejects.toThrow(says);
    }
  });

  it("stops when two workers disagree", async () => {
    const broker = memoryBroker((job, _, { rounds }) => {
      if (job.first === 2) rounds.get(job.round)!.results.set(discord, Buffer.from("2-4"));
      return compute(job);
    });
    await expect(coordinator(broker).round(contribute, theta, tasks)).rejects.toThrow(
      /tasks 2 to 3 with different results.*replay contribute 2-3/,
    );
  });

  it("stops when its lease is lost", async () => {
    lost = true;
    await expect(coordinator(memoryBroker(compute)).round(contribute, theta, tasks)).rejects.toThrow(
      "lease is lost",
    );
  });
});
