// Whatever a unit or a worker gives that it should not is refused before anything is written of it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DivergenceError, RunError } from "../../src/errors.ts";
import { checkedEngine } from "../../src/execution/checked-engine.ts";
import type { Engine } from "../../src/execution/engine.ts";
import { inlineEngine } from "../../src/execution/inline-engine.ts";
import type { UnitResult } from "../../src/meta-gradient/contribution.ts";
import type { Evaluation } from "../../src/meta-gradient/evaluation.ts";
import { combinationOf } from "../../src/meta-gradient/parts.ts";
import { train } from "../../src/training/train.ts";
import { unitFor } from "../support/quadratic-unit.ts";
import { emptyFolder, quadraticUnits, smallConfig } from "../support/runs.ts";

const config = smallConfig();
const unit = unitFor(config.experiment);

/** The engine of this thread, one of whose results is changed. */
function tampering(change: {
  readonly result?: (result: UnitResult) => object;
  readonly evaluation?: (evaluation: Evaluation) => object;
  readonly blocks?: (count: number) => readonly number[];
}): Engine {
  const engine = inlineEngine(unit, combinationOf(config.experiment));
  return {
    async contribute(theta, tasks) {
      const blocks = await engine.contribute(theta, tasks);
      const counts = change.blocks?.(blocks.length);
      if (counts !== undefined) return counts.map((tasks, i) => ({ ...blocks[i]!, tasks }));
      return blocks.map((block, i) =>
        i === 3 && change.result ? { ...block, sum: { ...block.sum, ...change.result(block.sum) } } : block,
      );
    },
    async evaluate(theta, tasks, steps, first) {
      const evaluations = await engine.evaluate(theta, tasks, steps, first);
      return evaluations.map((one, i) =>
        i === 2 && change.evaluation ? { ...one, ...change.evaluation(one) } : one,
      );
    },
    close: () => engine.close(),
  };
}

const run = (engine: Engine, root = join(emptyFolder(), "run")) =>
  train(config, root, { workers: 0, units: quadraticUnits, engine: () => engine });

describe("a result", () => {
  it.each<[string, (result: UnitResult) => object, RegExp]>([
    [
      "longer than θ",
      ({ pathwise }) => ({ pathwise: Float64Array.of(...pathwise, 0) }),
      /task 3: the pathwise term has 4 elements; θ has 3/,
    ],
    [
      "shorter than θ",
      ({ pathwise }) => ({ pathwise: pathwise.slice(1) }),
      /task 3: the pathwise term has 2 elements/,
    ],
    ["that is no vector", () => ({ pathwise: [1, 2, 3] }), /the pathwise term is not a Float64Array/],
    [
      "with a score term of another length",
      () => ({ score: new Float64Array(2) }),
      /the score term has 2 elements/,
    ],
    [
      "with a statistic called iteration",
      ({ statistics }) => ({ statistics: { ...statistics, iteration: 3 } }),
      /cannot be called "iteration"/,
    ],
    [
      "with statistics of its own",
      ({ statistics }) => ({ statistics: { ...statistics, more: 3 } }),
      /its statistics are/,
    ],
    [
      "with a text for a number",
      ({ statistics }) => ({ statistics: { ...statistics, preReturn: "1" } }),
      /preReturn is not a number/,
    ],
    [
      "with negative seconds",
      () => ({ seconds: { rollout: -1, adapt: 0, metaGradient: 0 } }),
      /-1 seconds of rollout/,
    ],
  ])("%s is refused", async (_, result, message) => {
    const failure = run(tampering({ result }));
    await expect(failure).rejects.toThrow(RunError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/Smaller steps/);
  });

  it.each<[string, (result: UnitResult) => object, RegExp]>([
    [
      "gradient",
      () => ({ pathwise: Float64Array.of(0, Number.NaN, 0) }),
      /task 3: the pathwise term is not finite: element 1 is NaN/,
    ],
    ["mean return", () => ({ meanReturn: Number.NEGATIVE_INFINITY }), /task 3: meanReturn is not finite/],
    [
      "statistic",
      ({ statistics }) => ({ statistics: { ...statistics, postReturn: Number.NaN } }),
      /postReturn is not finite/,
    ],
  ])("with a %s that is not finite is a divergence", async (_, result, message) => {
    const root = join(emptyFolder(), "run");
    const failure = run(tampering({ result }), root);
    await expect(failure).rejects.toThrow(DivergenceError);
    await expect(failure).rejects.toThrow(message);
    expect(existsSync(join(root, "checkpoints/000000.json"))).toBe(true); // and the run can be taken up again
  });

  it.each<[string, (count: number) => readonly number[]]>([
    ["of fewer tasks", (n) => Array(n - 1).fill(1)],
    ["of more tasks than there are", (n) => [...Array(n - 1).fill(1), 2]],
    ["in blocks that are no subtrees", () => [3, 3, 1]],
    ["in blocks of different sizes", () => [4, 1, 2]],
    ["of no tasks", () => []],
  ])("%s is refused", async (_, blocks) => {
    await expect(run(tampering({ blocks }))).rejects.toThrow(RunError);
  });
});

describe("an evaluation", () => {
  it.each<[string, (evaluation: Evaluation) => object, RegExp]>([
    [
      "with too few returns",
      ({ returns }) => ({ returns: returns.slice(1) }),
      /held-out task 2: expected the returns after 0 to 2 steps, got 2/,
    ],
    [
      "with returns that are not finite",
      ({ returns }) => ({ returns: returns.map(() => Number.NaN) }),
      /held-out task 2: the return after 0 steps is not finite/,
    ],
  ])("%s is refused", async (_, evaluation, message) => {
    await expect(run(tampering({ evaluation }))).rejects.toThrow(message);
  });
});

it("what is as it should be passes through unchanged", async () => {
  const engine = inlineEngine(unit, combinationOf(config.experiment));
  const keys = [{ task: { k0: 1, k1: 2 }, noise: { k0: 3, k1: 4 } }];
  const theta = Float64Array.of(1, 2, 3);
  const checked = checkedEngine(engine, 3);
  expect(await checked.contribute(theta, keys)).toEqual(await engine.contribute(theta, keys));
  expect(await checked.evaluate(theta, keys, 2)).toEqual(await engine.evaluate(theta, keys, 2));
});
