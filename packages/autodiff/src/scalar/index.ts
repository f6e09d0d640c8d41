/** `@sgmrl/autodiff/scalar`: programs over scalars, their adjoints, and vectors of lanes to run them on. */

export { compileProgram, type LaneFunction } from "./compile.ts";
export {
  abs,
  add,
  always,
  and,
  any,
  constant,
  cos,
  differ,
  div,
  isZero,
  less,
  type Mask,
  maskVariable,
  max,
  min,
  mul,
  type Node,
  neg,
  never,
  not,
  type Operand,
  or,
  type Scalar,
  select,
  sin,
  sqrt,
  sub,
  sum,
  variable,
  whenAny,
  withRule,
} from "./expression.ts";
export { evaluate, interpret } from "./interpret.ts";
export { LaneMemory } from "./lane-memory.ts";
export { type ScalarProgram, type Statement, set } from "./program.ts";
export { pullback } from "./pullback.ts";
