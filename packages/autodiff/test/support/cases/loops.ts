import fc from "fast-check";
import type { ScanOptions } from "../../../src/index.ts";
import type { PrimitiveName } from "../../../src/primitives/table.ts";
import { asScan, asVector, loops } from "../loops.ts";
import { inputsOf, type PrimitiveCase, setting } from "../setting.ts";
import { eighths } from "../values.ts";

type LoopName = Extract<PrimitiveName, "scan" | "part">;

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

// [eq:scan] [eq:scan-jvp] [eq:scan-vjp] [eq:checkpoints] [eq:part]
export const loopCases: { readonly [Name in LoopName]: PrimitiveCase } = {
  scan: caseOf(differentiated),
  part: caseOf(["recurrence"]),
};
