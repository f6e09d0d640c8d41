import type { ArrayType, NdArray } from "../array/ndarray.ts";
import type { Tracer } from "../trace/tracer.ts";

/** The settings of a primitive besides its array arguments: plain data, such as the axes of a sum. */
export type Params = Readonly<Record<string, unknown>>;

/** No settings. */
export type NoParams = Readonly<Record<string, never>>;

/** A tangent or a cotangent; null means zero, and costs nothing. */
export type Derivative = NdArray | null;

/**
 * One differentiable operation, y = f(x_0, …, x_{n−1}), with all its properties except its kernels. Nothing
 * else is assumed about it, whatever its name.
 *
 *   jvp   (dx_0, …) ↦ dy = Σ_i ∂f/∂x_i dx_i              how a change of the inputs changes the output
 *   vjp   yBar ↦ xBar_i = (∂f/∂x_i)ᵀ yBar                its transpose: the sensitivity to each input
 *
 * Both rules are written with other functions of this folder, so a derivative is itself a program that can be
 * differentiated again. `inputs` and `output` are the values at which the derivative is taken.
 */
export interface Primitive<P extends Params = Params> {
  readonly name: string;
  /** True if y[i] depends only on x_0[i], x_1[i], …, all of one shape. */
  readonly elementwise: boolean;
  /** True if f(x_0, x_1) = f(x_1, x_0). */
  readonly commutative?: boolean;
  /** True if every element of y is an element of x_0, moved or repeated. */
  readonly rearranges?: boolean;
  /** Shape and element type of the output, or an error that says what is wrong with the inputs. */
  outputType(inputs: readonly ArrayType[], params: P): ArrayType;
  jvp(tangents: readonly Derivative[], inputs: readonly NdArray[], output: NdArray, params: P): Derivative;
  /** One cotangent per input; those not `wanted` may always be null. */
  vjp(
    cotangent: NdArray,
    inputs: readonly NdArray[],
    output: NdArray,
    params: P,
    wanted: readonly boolean[],
  ): readonly Derivative[];
  /**
   * For loops, which have several outputs. `withTangents` computes the value and its tangent in one run;
   * `keeping` bundles the value with the intermediate results that `vjp` reads from its `output`.
   */
  withTangents?(
    tangents: readonly Derivative[],
    inputs: readonly NdArray[],
    params: P,
  ): readonly [value: NdArray, tangent: NdArray];
  keeping?(inputs: readonly NdArray[], params: P): NdArray;
  /** How to apply f to many arguments at once, stacked along a new first axis; see vmap. */
  readonly batching: Batching<P>;
  /** A value already in the trace that y equals, if any; inputs and result belong to one trace. */
  simplify?(inputs: readonly Tracer[], params: P, type: ArrayType): NdArray | undefined;
  /**
   * For an f that is not in the table: the same function written with primitives of the table, for backends.
   */
  expand?(inputs: readonly NdArray[], params: P): NdArray;
}

/** Either of two ways to apply a primitive along a new first axis of extent `size`. */
export type Batching<P extends Params> = SameWithSettings<P> | OtherProgram<P>;

/** The same primitive with other settings; every input has the new axis. */
export interface SameWithSettings<P extends Params> {
  settings(params: P, size: number): P;
}

/** Any other program; only the `mapped` inputs (at least one) have the new axis, and so does the result. */
export interface OtherProgram<P extends Params> {
  apply(inputs: readonly NdArray[], mapped: readonly boolean[], params: P, size: number): NdArray;
}

/** The index of an axis after a new first axis is inserted. */
export function nextAxis(axis: number): number {
  return axis + 1;
}

/** For primitives that never touch leading axes. */
export const sameSettings: { settings<P>(params: P): P } = { settings: (params) => params };

/** Specifies a primitive that is linear in its single input; both rules follow from it. */
export interface LinearSpec<P extends Params> {
  readonly name: string;
  readonly rearranges?: boolean;
  readonly batching: Batching<P>;
  outputType(x: ArrayType, params: P): ArrayType;
  /** f itself, as a function of arrays: dy = f(dx). */
  apply(x: NdArray, params: P): NdArray;
  /** xBar = fᵀ(yBar). */
  transpose(yBar: NdArray, x: ArrayType, params: P): NdArray;
  simplify?(x: Tracer, params: P, type: ArrayType): NdArray | undefined;
}

/** A primitive that is linear in its single input: the derivative of f is f. */
export function linear<P extends Params>(spec: LinearSpec<P>): Primitive<P> {
  return {
    name: spec.name,
    elementwise: false,
    rearranges: spec.rearranges ?? false,
    batching: spec.batching,
    outputType: ([x], params) => spec.outputType(x!, params),
    jvp: ([dx], _inputs, _output, params) => (dx ? spec.apply(dx, params) : null),
    vjp: (yBar, [x], _output, params) => [spec.transpose(yBar, x!, params)],
    simplify: ([x], params, type) => spec.simplify?.(x!, params, type),
  };
}
