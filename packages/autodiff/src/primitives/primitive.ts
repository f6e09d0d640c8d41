import type { ArrayType, NdArray } from "../array/ndarray.ts";

/** The settings of a primitive besides its array arguments: plain data, such as the axes of a sum. */
export type Params = Readonly<Record<string, unknown>>;

/** No settings. */
export type NoParams = Readonly<Record<string, never>>;

/** A tangent or a cotangent; null stands for zero, and costs nothing. */
export type Derivative = NdArray | null;

/**
 * One differentiable operation, y = f(x_0, …, x_{n−1}), with everything the engine knows of it but its kernels.
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
  /** For functions of the user: the same function in terms of primitives. */
  expand?(inputs: readonly NdArray[], params: P): NdArray;
}

/** What a primitive that is linear in its one input says of itself; both rules follow. */
export interface LinearSpec<P extends Params> {
  readonly name: string;
  outputType(x: ArrayType, params: P): ArrayType;
  /** f itself, as a function of arrays: dy = f(dx). */
  apply(x: NdArray, params: P): NdArray;
  /** xBar = fᵀ(yBar). */
  transpose(yBar: NdArray, x: ArrayType, params: P): NdArray;
}

/** A primitive that is linear in its one input: the derivative of f is f. */
export function linear<P extends Params>(spec: LinearSpec<P>): Primitive<P> {
  return {
    name: spec.name,
    elementwise: false,
    outputType: ([x], params) => spec.outputType(x!, params),
    jvp: ([dx], _inputs, _output, params) => (dx ? spec.apply(dx, params) : null),
    vjp: (yBar, [x], _output, params) => [spec.transpose(yBar, x!, params)],
  };
}
