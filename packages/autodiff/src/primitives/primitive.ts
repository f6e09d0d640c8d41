import type { ArrayType, NdArray } from "../array/ndarray.ts";
import type { Tracer } from "../trace/tracer.ts";

/** The settings of a primitive besides its array arguments: plain data, such as the axes of a sum. */
export type Params = Readonly<Record<string, unknown>>;

/** No settings. */
export type NoParams = Readonly<Record<string, never>>;

/** A tangent or a cotangent; null stands for zero, and costs nothing. */
export type Derivative = NdArray | null;

/**
 * One differentiable operation, y = f(x_0, …, x_{n−1}), with everything there is to know of it but its kernels: what
 * is not said here is not so, whatever the name.
 *
 *   jvp   (dx_0, …) ↦ dy = Σ_i ∂f/∂x_i dx_i              how a change of the inputs moves the output
 *   vjp   yBar ↦ xBar_i = (∂f/∂x_i)ᵀ yBar                its transpose: how the inputs moved the output
 *
 * Both rules are written with other functions of this folder, so a derivative is again a program, and can be
 * differentiated again. `inputs` and `output` are the values at which the derivative is taken.
 */
export interface Primitive<P extends Params = Params> {
  readonly name: string;
  /** True if y[i] depends on x_0[i], x_1[i], … only, all of one shape. */
  readonly elementwise: boolean;
  /** True if f(x_0, x_1) = f(x_1, x_0). */
  readonly commutative?: boolean;
  /** True if every element of y is an element of x_0, moved or repeated. */
  readonly rearranges?: boolean;
  /** Shape and element type of the output, or an error that says what is wrong with the inputs. */
  outputType(inputs: readonly ArrayType[], params: P): ArrayType;
  jvp(tangents: readonly Derivative[], inputs: readonly NdArray[], output: NdArray, params: P): Derivative;
  /** One cotangent per input; those not `wanted` may be null whatever their value. */
  vjp(
    cotangent: NdArray,
    inputs: readonly NdArray[],
    output: NdArray,
    params: P,
    wanted: readonly boolean[],
  ): readonly Derivative[];
  /**
   * For loops, which have more than one output: the value and its tangent from one run; and the value together with what
   * `vjp` reads of the run, in the bundle that is its `output`.
   */
  withTangents?(
    tangents: readonly Derivative[],
    inputs: readonly NdArray[],
    params: P,
  ): readonly [value: NdArray, tangent: NdArray];
  keeping?(inputs: readonly NdArray[], params: P): NdArray;
  /** How f is applied to many arguments at once, stacked along a new first axis: see vmap. */
  readonly batching: Batching<P>;
  /** What y is known to equal already, if anything; inputs and result are of one trace. */
  simplify?(inputs: readonly Tracer[], params: P, type: ArrayType): NdArray | undefined;
  /** The same function in terms of primitives of the table, where f is not one of them: backends see that instead. */
  expand?(inputs: readonly NdArray[], params: P): NdArray;
}

/** Either of two ways to apply a primitive along a new first axis of extent `size`. */
export type Batching<P extends Params> = SameWithSettings<P> | OtherProgram<P>;

/** The same primitive with other settings, every input having the axis. */
export interface SameWithSettings<P extends Params> {
  settings(params: P, size: number): P;
}

/** Anything else; only the inputs that are `mapped` (one at least) have the axis, the result does. */
export interface OtherProgram<P extends Params> {
  apply(inputs: readonly NdArray[], mapped: readonly boolean[], params: P, size: number): NdArray;
}

/** Where an axis is once there is a new first one. */
export function nextAxis(axis: number): number {
  return axis + 1;
}

/** For what leaves leading axes alone whatever its settings. */
export const sameSettings: { settings<P>(params: P): P } = { settings: (params) => params };

/** What a primitive that is linear in its one input says of itself; both rules follow. */
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

/** A primitive that is linear in its one input: the derivative of f is f. */
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
