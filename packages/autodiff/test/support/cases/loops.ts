import fc from "fast-check";
import { concat, type NdArray, reshape, type ScanOptions } from "../../../src/index.ts";
import type { PrimitiveName } from "../../../src/primitives/table.ts";
import type { ArrayFunction } from "../../../src/testing/index.ts";
import { byCond, conditionals } from "../conditionals.ts";
import { asScan, asVector, loops } from "../loops.ts";
import { inputsOf, type PrimitiveCase, setting } from "../setting.ts";
import { eighths } from "../values.ts";

type LoopName = Extract<PrimitiveName, "scan" | "cond" | "part">;

const options: fc.Arbitrary<ScanOptions> = fc.record(
  { reverse: fc.boolean(), checkpoint: fc.constantFrom(1, 2, 3, "sqrt" as const) },
  { requiredKeys: [] },
);

function caseOf(names: readonly string[]): PrimitiveCase {
  return {
    settings: fc
      .tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 4 }), options)
      .map(([name, length, chosen]) => {
        const loop = loops[name]!;
        const [c, x, k] = loop.shapes;
        return setting(
          `${name}, ${length} steps, ${JSON.stringify(chosen)}`,
          asVector(asScan(loop, chosen)),
          inputsOf([c, [length, ...x], k], eighths(-1, 1)),
        );
      }),
    edges: [],
  };
}

// Differences see what the rules are told not to.
const differentiated = Object.keys(loops).filter((name) => name !== "a carry that passes no derivative on");

/** The floating-point results in one vector. */
function asOne(of: (x: NdArray, k: NdArray) => readonly NdArray[]): ArrayFunction {
  return (x, k) =>
    concat(
      of(x!, k!)
        .filter(({ dtype }) => dtype !== "int32")
        .map((y) => reshape(y, [-1])),
    );
}

const condCase: PrimitiveCase = {
  settings: fc
    .tuple(fc.constantFrom(...Object.entries(conditionals)), fc.boolean())
    // Differences see what a rule is told not to.
    .filter(([[name], which]) => !(which && name === "a derivative that one of them stops"))
    .map(([[name, { of, shapes }], which]) =>
      setting(`${name}, ${which}`, asOne(of(byCond, which)), inputsOf(shapes, eighths(-1, 1))),
    ),
  edges: [],
};

// [eq:cond] [eq:cond-jvp] [eq:cond-vjp]
// [eq:scan] [eq:scan-jvp] [eq:scan-vjp] [eq:checkpoints] [eq:part]
export const loopCases: { readonly [Name in LoopName]: PrimitiveCase } = {
  scan: caseOf(differentiated),
  cond: condCase,
  part: caseOf(["recurrence"]),
};
