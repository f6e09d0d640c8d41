import type { PrimitiveName } from "../../src/primitives/table.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { linearAlgebraCases } from "./cases/linear-algebra.ts";
import { loopCases } from "./cases/loops.ts";
import { movementCases } from "./cases/movement.ts";
import type { PrimitiveCase } from "./setting.ts";

/** How to try every primitive. Typed by the table's keys: a primitive without a case does not compile. */
export const primitiveCases: { readonly [Name in PrimitiveName]: PrimitiveCase } = {
  ...elementwiseCases,
  ...movementCases,
  ...linearAlgebraCases,
  ...loopCases,
};

// Object.entries forgets that the keys are names of primitives.
export const namedCases = Object.entries(primitiveCases) as [PrimitiveName, PrimitiveCase][];
