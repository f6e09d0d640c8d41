import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type NdArray, zerosLike } from "../../src/index.ts";
import {
  hessianProductsAgree,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import { curved } from "../support/curved.ts";
import { asScan, asVector, loops } from "../support/loops.ts";
import { loopRules, MutableLoopRule } from "../support/mutation/mutated-loop.ts";
import { direction, eighths, values, valuesLike } from "../support/values.ts";

// The rules of `scan` make loops of derivative programs. Every mistake that can be made in those programs, or in how they are
// wired together, must break a law.

const tally = { caught: 0, made: 0 };
const survivors: string[] = [];

afterAll(() => {
  console.log(
    `caught ${tally.caught} of ${tally.made} mistakes in the rules of loops; ` +
      `${survivors.length} got through${survivors.map((survivor) => `\n  ${survivor}`).join("")}`,
  );
});

const tried = ["recurrence"];

describe.each(tried)("%s", (name) => {
  const loop = loops[name]!;
  const [c, x, k] = loop.shapes;
  const apply = asVector(asScan(loop));
  const points = fc.sample(
    fc
      .tuple(values(c, eighths(-1, 1)), values([3, ...x], eighths(-1, 1)), values(k, eighths(-1, 1)))
      .chain((xs) => {
        const y = apply(...xs);
        const like = fc.tuple(
          valuesLike(xs, direction),
          valuesLike(xs, direction),
          values(y.shape, direction),
        );
        return like.map(([dxs, others, yBar]) => ({ xs, dxs, others, yBar }));
      }),
    { numRuns: 1, seed: 3 },
  );
  const first = points.flatMap(({ xs, dxs, yBar }) => [
    () => void jvpMatchesDifferences(apply, xs, dxs),
    () => void vjpIsTransposeOfJvp(apply, xs, dxs, yBar),
  ]);
  const second = points.flatMap(({ xs, dxs, others, yBar }) => [
    () => primalIsKept(apply, xs, dxs),
    () => {
      const origin = xs.map((y: NdArray) => zerosLike(y));
      hessianProductsAgree(curved(apply, xs, yBar), origin, dxs, others);
    },
  ]);

  it.each(loopRules)("a mistake in %s is caught", (rule) => {
    const mutable = new MutableLoopRule(rule);
    const mistakes = mutable.mistakes(() => {
      for (const law of first) law();
    });
    const through = mistakes.filter(
      (mistake) => !mutable.withMistake(mistake, () => [...first, ...second].some(breaks)),
    );
    tally.made += mistakes.length;
    tally.caught += mistakes.length - through.length;
    survivors.push(...through.map((mistake) => `${name}, ${rule}: ${mistake}`));
    expect(mistakes.length).toBeGreaterThan(0);
    expect(through).toEqual([]);
  });
});

function breaks(law: () => void): boolean {
  try {
    law();
    return false;
  } catch {
    return true;
  }
}
