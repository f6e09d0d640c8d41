import type { PrimitiveName } from "../../../src/primitives/table.ts";
import type { RuleName } from "./mutated-rule.ts";

/** Mutants that no law can catch, because they are not mistakes: each with the reason. */
export interface EquivalentMutants {
  readonly primitive: PrimitiveName;
  readonly rule: RuleName;
  readonly mistakes: readonly string[];
  readonly because: string;
}

export const equivalentMutants: readonly EquivalentMutants[] = [
  {
    primitive: "pow",
    rule: "jvp",
    mistakes: [
      "dx0: 1 equal with input 2 for operand 1",
      "dx0: 2 equal with input 1 for operand 1",
      "dx0 dx1: 2 equal with input 2 for operand 1",
    ],
    because: "x = 0 and y = 0 is the same condition as x = y and y = 0, and as x = 0 and y = x",
  },
  {
    primitive: "pow",
    rule: "vjp",
    mistakes: [
      "xBar0: 1 equal with input 2 for operand 1",
      "xBar0: 2 equal with input 1 for operand 1",
      "xBar0 xBar1: 2 equal with input 1 for operand 1",
    ],
    because: "x = 0 and y = 0 is the same condition as x = y and y = 0, and as x = 0 and y = x",
  },
  {
    primitive: "pow",
    rule: "jvp",
    mistakes: ["dx0: 5 select with input 3 for operand 1", "dx0 dx1: 5 select with input 4 for operand 1"],
    because:
      "where the 1 stands in for x, the output z = 0^0 is that same 1, and what it carries is multiplied by y = 0",
  },
  {
    primitive: "pow",
    rule: "vjp",
    mistakes: [
      "xBar0: 5 select with input 3 for operand 1",
      "xBar0 xBar1: 5 select with input 3 for operand 1",
    ],
    because:
      "where the 1 stands in for x, the output z = 0^0 is that same 1, and what it carries is multiplied by y = 0",
  },
  {
    primitive: "pow",
    rule: "jvp",
    mistakes: ["dx0: 1 equal replaced by lessEqual"],
    because:
      "for x < 0 and y = 0 the slope in x is 0 · 1 instead of 0 · x^(−1): 0 either way, as are its slopes in x",
  },
  {
    primitive: "pow",
    rule: "vjp",
    mistakes: ["xBar0: 1 equal replaced by lessEqual"],
    because:
      "for x < 0 and y = 0 the slope in x is 0 · 1 instead of 0 · x^(−1): 0 either way, as are its slopes in x",
  },
  {
    primitive: "pow",
    rule: "jvp",
    mistakes: ["dx0 dx1: 2 equal replaced by lessEqual"],
    because: "it differs for x = 0 and y < 0 only, where the slope in y is NaN and hides the one in x",
  },
  {
    primitive: "maximum",
    rule: "jvp",
    mistakes: [
      "dx0 dx1: 0 less with input 4 for operand 1",
      "dx0 dx1: 8 less with input 4 for operand 1",
      "dx0: 0 less with input 3 for operand 1",
      "dx1: 0 less with input 3 for operand 1",
    ],
    because: "with z = max(x, y), y < z exactly where y < x",
  },
  {
    primitive: "maximum",
    rule: "vjp",
    mistakes: [
      "xBar0 xBar1: 0 less with input 3 for operand 1",
      "xBar0 xBar1: 8 less with input 3 for operand 1",
      "xBar0: 0 less with input 3 for operand 1",
      "xBar1: 0 less with input 3 for operand 1",
    ],
    because: "with z = max(x, y), y < z exactly where y < x",
  },
  {
    primitive: "minimum",
    rule: "jvp",
    mistakes: [
      "dx0 dx1: 0 less with input 4 for operand 0",
      "dx0 dx1: 8 less with input 4 for operand 0",
      "dx0: 0 less with input 3 for operand 0",
      "dx1: 0 less with input 3 for operand 0",
    ],
    because: "with z = min(x, y), z < y exactly where x < y",
  },
  {
    primitive: "minimum",
    rule: "vjp",
    mistakes: [
      "xBar0 xBar1: 0 less with input 3 for operand 0",
      "xBar0 xBar1: 8 less with input 3 for operand 0",
      "xBar0: 0 less with input 3 for operand 0",
      "xBar1: 0 less with input 3 for operand 0",
    ],
    because: "with z = min(x, y), z < y exactly where x < y",
  },
  {
    primitive: "max",
    rule: "jvp",
    mistakes: ["dx0: 3 convert sign flipped", "dx0: 3 convert doubled"],
    because: "the weights m / Σ m stay as they are when the mask m is scaled",
  },
  {
    primitive: "max",
    rule: "vjp",
    mistakes: ["xBar0: 5 convert sign flipped", "xBar0: 5 convert doubled"],
    because: "the weights m / Σ m stay as they are when the mask m is scaled",
  },
  {
    primitive: "cholesky",
    rule: "jvp",
    mistakes: ["dx0: 9 select with input 2 for operand 2"],
    because: "above the diagonal, where the lower triangle is filled with 0, L is 0",
  },
  {
    primitive: "cholesky",
    rule: "vjp",
    mistakes: ["xBar0: 4 select with input 2 for operand 2"],
    because: "above the diagonal, where the lower triangle is filled with 0, L is 0",
  },
  {
    primitive: "cholesky",
    rule: "vjp",
    mistakes: ["xBar0: constant 0 plus one"],
    because: "Φ gains 1/2 above and loses 1/2 below its diagonal: an antisymmetric S, and sym(L⁻ᵀ S L⁻¹) = 0",
  },
];
