import { type ArrayType, copied, type NdArray } from "../../array/ndarray.ts";
import { UnsupportedError } from "../../errors.ts";
import type { Params, Primitive } from "../../primitives/primitive.ts";
import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { linearAlgebraKernels } from "./linear-algebra.ts";
import { movementKernels } from "./movement.ts";
import { reductionKernels } from "./reduction.ts";

/** Computes one primitive: inputs and settings to the output, whose type is already known. */
export type Kernel<P extends Params = Params> = (
  inputs: readonly NdArray[],
  params: P,
  type: ArrayType,
) => NdArray;

export type KernelTable<Name extends PrimitiveName = PrimitiveName> = {
  readonly [N in Name]: Kernel<ParamsOf<N>>;
};

/**
 * The reference: plain loops, the definition of what every primitive computes. Arithmetic is float64
 * throughout; float32 results are rounded once, when stored.
 */
export const referenceKernels: KernelTable = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...movementKernels,
  ...linearAlgebraKernels,
};

/** Applies a primitive to concrete arrays. */
export function evaluatePrimitive<P extends Params>(
  primitive: Primitive<P>,
  inputs: readonly NdArray[],
  params: P,
): NdArray {
  const type = primitive.outputType(inputs, params);
  // What it returns may be one of the inputs, or an array of the user's.
  if (primitive.expand !== undefined) return copied(primitive.expand(inputs, params));
  // A primitive without expansion is a row of the table, and its kernel takes the params of that row.
  const kernel = referenceKernels[primitive.name as PrimitiveName] as Kernel<P> | undefined;
  if (kernel === undefined) {
    throw new UnsupportedError(
      primitive.name,
      "the reference backend has no kernel for it",
      "Give it an expand function.",
    );
  }
  return kernel(inputs, params, type);
}
