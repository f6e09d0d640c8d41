import type { PrimitiveName } from "../../../src/primitives/table.ts";
import type { RuleName } from "./mutated-rule.ts";

/** Mutants that no law can catch, because they are not mistakes: each with the reason. */
export interface EquivalentMutants {
  readonly primitive: PrimitiveName;
  readonly rule: RuleName;
  readonly mistakes: readonly string[];
  readonly because: string;
}

export const equivalentMutants: readonly EquivalentMutants[] = [];
