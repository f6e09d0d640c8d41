import type { RuleName } from "./mutated-rule.ts";

/** Mutants that no law can catch, because they are not mistakes: each with the reason. */
export interface EquivalentMutants {
  readonly primitive: string;
  readonly rule: RuleName;
  readonly mistakes: readonly string[];
  readonly because: string;
}

export const equivalentMutants: readonly EquivalentMutants[] = [
  {
    primitive: "acosh",
    rule: "jvp",
    mistakes: ["dx0: constant 0 sign flipped"],
    because: "the 1 of x − 1 and of x + 1 is one constant: the factors trade places",
  },
  {
    primitive: "acosh",
    rule: "vjp",
    mistakes: ["xBar0: constant 0 sign flipped"],
    because: "the 1 of x − 1 and of x + 1 is one constant: the factors trade places",
  },
  {
    primitive: "eigenvalues",
    rule: "vjp",
    mistakes: ["xBar0 xBar1: 0 reshape is its operand 0"],
    because: "for one matrix: a vector broadcasts as a row does",
  },
  {
    primitive: "eigenvectors",
    rule: "vjp",
    mistakes: ["xBar0: 2 transpose sign flipped"],
    because: "Vᵀ is a factor twice: the signs cancel",
  },
  {
    primitive: "eigenvectors",
    rule: "jvp",
    mistakes: ["dx0: 7 eigenvalues without the derivative of operand 1"],
    because: "vectors move the eigenvalues in second order only: there is no such derivative",
  },
  {
    primitive: "eigenvectors",
    rule: "vjp",
    mistakes: ["xBar0: 0 eigenvalues without the derivative of operand 1"],
    because: "vectors move the eigenvalues in second order only: there is no such derivative",
  },
  {
    primitive: "powerSlope",
    rule: "jvp",
    mistakes: ["dx1: 5 select with input 2 for operand 1", "dx0 dx1: 7 select with input 3 for operand 1"],
    because: "at x = 0, z ln 1 = z ln y: y = 1 where z is not 0, or z is infinite and the slope NaN",
  },
  {
    primitive: "powerSlope",
    rule: "vjp",
    mistakes: [
      "xBar1: 5 select with input 2 for operand 1",
      "xBar0 xBar1: 7 select with input 2 for operand 1",
    ],
    because: "at x = 0, z ln 1 = z ln y: y = 1 where z is not 0, or z is infinite and the slope NaN",
  },
  {
    primitive: "logSoftmax",
    rule: "jvp",
    mistakes: [
      "dx0: 2 less with input 1 for operand 1",
      "dx0: 2 less replaced by lessEqual",
      "dx0: 4 select derivative lost",
      "dx0: 4 select without the derivative of operand 1",
      "dx0: 5 sum derivative lost",
      "dx0: 5 sum over the next axes",
      "dx0: 6 reshape derivative lost",
      "dx0: 7 broadcastTo derivative lost",
    ],
    because:
      "dy is the same for dx and dx − c, whatever number c a line has, and its derivative; c decides how dy is rounded",
  },
  {
    primitive: "softmax",
    rule: "jvp",
    mistakes: [
      "dx0: 1 less with input 1 for operand 1",
      "dx0: 1 less replaced by lessEqual",
      "dx0: 3 select derivative lost",
      "dx0: 3 select without the derivative of operand 1",
      "dx0: 3 select with input 2 for operand 2",
      "dx0: 4 sum derivative lost",
      "dx0: 4 sum over the next axes",
      "dx0: 5 reshape derivative lost",
      "dx0: 6 broadcastTo derivative lost",
    ],
    because:
      "dp is the same for dx and dx − c, whatever number c a line has, and its derivative; c decides how dp is rounded",
  },
  ...(["jvp", "vjp"] as const).map((rule) => ({
    primitive: "norm",
    rule,
    mistakes: [`${rule === "jvp" ? "dx0: 1" : "xBar0: 3"} equal replaced by lessEqual`],
    because: "no norm is negative",
  })),
  {
    primitive: "overSquares",
    rule: "jvp",
    mistakes: ["dx0: 0 overSquares sign flipped"],
    because: "(w − z)(w + z) is even in w",
  },
  {
    primitive: "overSquares",
    rule: "vjp",
    mistakes: ["xBar0: 0 overSquares sign flipped"],
    because: "(w − z)(w + z) is even in w",
  },
  {
    primitive: "sigmoid",
    rule: "jvp",
    mistakes: ["dx0: constant 0 sign flipped", "dx0: 1 mul sign flipped"],
    because: "sech² is even",
  },
  {
    primitive: "sigmoid",
    rule: "vjp",
    mistakes: ["xBar0: constant 0 sign flipped", "xBar0: 1 mul sign flipped"],
    because: "sech² is even",
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
