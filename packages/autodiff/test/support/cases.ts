import type { Primitive } from "../../src/primitives/primitive.ts";
import { type PrimitiveName, primitives } from "../../src/primitives/table.ts";
import { definedCases } from "./cases/defined.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { linearAlgebraCases } from "./cases/linear-algebra.ts";
import { loopCases } from "./cases/loops.ts";
import { movementCases } from "./cases/movement.ts";
import type { PrimitiveCase } from "./setting.ts";

/**
 * How to try every primitive. Typed by the table's keys: a primitive without a case does not compile. But `whileLoop`: it has
 * no reverse mode, and so laws of its own (loops/while.property.test.ts).
 */
export const primitiveCases: { readonly [Name in Exclude<PrimitiveName, "whileLoop">]: PrimitiveCase } = {
  ...elementwiseCases,
  ...movementCases,
  ...linearAlgebraCases,
  ...loopCases,
};

/** The primitives of the table, and what else has derivative rules. */
export const namedCases: readonly (readonly [name: string, PrimitiveCase])[] = [
  ...Object.entries(primitiveCases),
  ...Object.entries(definedCases),
];

export function primitiveNamed(name: string): Primitive {
  // A table of records whose settings differ; each is used with its own.
  return definedCases[name]?.primitive ?? (primitives[name as PrimitiveName] as Primitive);
}
