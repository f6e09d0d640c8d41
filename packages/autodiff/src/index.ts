export type { InAxes } from "./arguments/mapped-axes.ts";
export type { ArgumentNumbers, DerivativeOptions, Selected } from "./arguments/selected.ts";
export { arange, array, eye, full, ones, scalar, zeros } from "./array/creation.ts";
export {
  type ArrayLike,
  type ArrayType,
  type DType,
  type FloatDType,
  item,
  type NdArray,
  type NestedNumbers,
  type TypedArray,
  toNested,
} from "./array/ndarray.ts";
export type { Shape } from "./array/shape.ts";
export {
  type Argument,
  flatten,
  mapTree,
  type Structure,
  type Tree,
  unflatten,
  zipTree,
} from "./array/tree.ts";
export type {
  AsyncBackend,
  Backend,
  Executable,
  LoopExecutable,
  StagedExecutable,
} from "./backends/backend.ts";
export { reference } from "./backends/reference/backend.ts";
export { type AsyncCompileOptions, type CompileOptions, compile, compileAsync } from "./compile.ts";
export {
  AutodiffError,
  AxisError,
  DomainError,
  DTypeError,
  IndexError,
  NonFiniteError,
  ShapeError,
  TracedValueError,
  TraceLeakError,
  TreeError,
  UnsupportedError,
} from "./errors.ts";
export { clip, dot, square } from "./functions/arithmetic.ts";
export { dynamicSlice, dynamicUpdate, flip, roll, tile } from "./functions/arranging.ts";
export { acos, acosh, asin, asinh, atan, atanh, cosh, sinh } from "./functions/circular.ts";
export { einsum } from "./functions/einsum.ts";
export { erf, erfc, erfinv } from "./functions/error-function.ts";
export { digamma, lgamma } from "./functions/gamma.ts";
export { choleskySolve, leastSquares } from "./functions/least-squares.ts";
export { inverse, logDeterminant, lu, solve } from "./functions/linear-systems.ts";
export { logAddExp, xlogy } from "./functions/logarithms.ts";
export {
  all,
  any,
  greater,
  greaterEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
} from "./functions/logic.ts";
export { norm } from "./functions/norm.ts";
export { oneHot } from "./functions/positions.ts";
export { cumprod, prod } from "./functions/products.ts";
export { qr } from "./functions/qr.ts";
export { randomKey, randomNormal, randomUniform } from "./functions/random-numbers.ts";
export { foldIn, splitKey } from "./functions/random-words.ts";
export { ravel } from "./functions/ravel.ts";
export { argmax, argmin, mean, min, variance } from "./functions/reductions.ts";
export { ceil, floor, mod, round } from "./functions/rounding.ts";
export { logSoftmax, softmax, softmaxEntropy } from "./functions/softmax.ts";
export { argsort, sort, topK } from "./functions/sorting.ts";
export { symmetricEigen } from "./functions/symmetric-eigen.ts";
export { type IterateOptions, type IterationStep, iterate, iterateAsync } from "./iterate.ts";
export { cond } from "./loops/cond.ts";
export type { Predicate } from "./loops/predicate.ts";
export { type ScanOptions, scan } from "./loops/scan.ts";
export { whileLoop } from "./loops/while.ts";
export { add, div, mul, neg, sub } from "./primitives/arithmetic.ts";
export { broadcastTo, type KeepDims, reshape, sum } from "./primitives/broadcasting.ts";
export { convert, equal, less, lessEqual, select, stopGradient, zerosLike } from "./primitives/comparison.ts";
export { gather, scatterAdd } from "./primitives/indexing.ts";
export { concat, stack } from "./primitives/joining.ts";
export {
  cholesky,
  matmul,
  matrixTranspose,
  type TriangularSolveOptions,
  triangularSolve,
} from "./primitives/linear-algebra.ts";
export { cumsum, expandDims, pad, type Range, slice, transpose } from "./primitives/movement.ts";
export { abs, maximum, minimum, sign } from "./primitives/piecewise.ts";
export { pow } from "./primitives/power.ts";
export type { Derivative, Params, Primitive } from "./primitives/primitive.ts";
export { logSumExp, max } from "./primitives/reduction.ts";
export type { ParamsOf, PrimitiveName } from "./primitives/table.ts";
export {
  atan2,
  cos,
  exp,
  expm1,
  log,
  log1p,
  sigmoid,
  sin,
  softplus,
  sqrt,
  tanh,
} from "./primitives/transcendental.ts";
export { show, showGraph } from "./show.ts";
export { compileStages, type Later } from "./stages.ts";
export type { Equation, Graph, Ref } from "./trace/graph.ts";
export { type CustomFunction, customFunction } from "./transforms/custom.ts";
export { grad, valueAndGrad } from "./transforms/grad.ts";
export { hvp, valueGradAndHvp } from "./transforms/hvp.ts";
export { type Derivatives, hessian, type JacobianOptions, jacobian } from "./transforms/jacobian.ts";
export { jvp } from "./transforms/jvp.ts";
export { linearize } from "./transforms/linearize.ts";
export { vjp } from "./transforms/vjp.ts";
export { type VmapOptions, vmap } from "./transforms/vmap.ts";
