/**
 * Question: how much sooner is a meta-iteration done with two worker threads? By the wall clock: the processor time of one
 * thread says nothing here.
 */

import { fold, key } from "@sgmrl/autodiff/random";
import { presets } from "sgmrl";
import { localEngine, localUnits } from "../../../packages/sgmrl/src/execution/create-engine.ts";
import type { Engine, TaskKeys } from "../../../packages/sgmrl/src/execution/engine.ts";
import { treeSum } from "../../../packages/sgmrl/src/tree-sum.ts";
import { assertAgrees } from "../support/agree.ts";

export interface WorkerTiming {
  readonly workers: number;
  /** Milliseconds of a meta-iteration of 20 tasks, by the wall clock: the shortest and the median. */
  readonly fastest: number;
  readonly median: number;
}

/** The shape of the paper's navigation experiment, under SG-MRL as published. */
const { experiment: paper, tasks } = presets["paper-navigation"]!;
const experiment = { ...paper, estimator: { name: "sgmrl" } };

export async function workerTimings(quick: boolean): Promise<WorkerTiming[]> {
  const unit = localUnits.unitFor(experiment);
  const theta = unit.initialize(fold(key(0), 1));
  const keys = Array.from(
    { length: tasks },
    (_, i): TaskKeys => ({
      task: fold(key(1), i),
      noise: fold(key(2), i),
    }),
  );
  const gradientOn = async (engine: Engine): Promise<Float64Array> => {
    const blocks = await engine.contribute(theta, keys);
    return treeSum(blocks.map(({ sum }) => sum.pathwise));
  };

  const engines = await Promise.all(
    [1, 2].map(async (workers) => ({
      workers,
      engine: await localEngine(experiment, unit, localUnits, workers),
      times: [] as number[],
    })),
  );
  try {
    const expected = await gradientOn(engines[0]!.engine); // warms up, as the next line does
    for (const { workers, engine } of engines)
      assertAgrees(`${workers} workers`, [await gradientOn(engine)], [expected], 0); // the same bits
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      for (const { engine, times } of engines) {
        const start = performance.now();
        await gradientOn(engine);
        times.push(performance.now() - start);
      }
    }
  } finally {
    await Promise.all(engines.map(({ engine }) => engine.close()));
  }
  return engines.map(({ workers, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    return { workers, fastest: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]! };
  });
}
