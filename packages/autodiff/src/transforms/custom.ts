import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { DomainError } from "../errors.ts";
import { asArray } from "../primitives/broadcasting.ts";
import { zerosLike } from "../primitives/comparison.ts";
import type { Derivative, NoParams, Primitive } from "../primitives/primitive.ts";
import { bind } from "../trace/bind.ts";
import { typeOf } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { vjp } from "./vjp.ts";

/** A function of arrays with derivative rules of its own. At least one rule is needed. */
export interface CustomFunction {
  readonly name: string;
  /** The function itself: arrays to one array, in terms of the functions of this library. */
  readonly apply: (...inputs: NdArray[]) => NdArray;
  /** The tangent of the output from those of the inputs; must be linear in them. */
  readonly jvp?: (tangents: readonly NdArray[], inputs: readonly NdArray[], output: NdArray) => NdArray;
  /** The cotangents of the inputs from that of the output; must be linear in it. */
  readonly vjp?: (cotangent: NdArray, inputs: readonly NdArray[], output: NdArray) => readonly NdArray[];
}

/**
 * A function that is differentiated by its own rule instead of through its definition.       [eq:custom]
 *
 * If only one rule is given the other is its transpose: a linear map's vjp is its transpose wherever it is
 * taken, so   vjp rule = transpose of (dx ↦ jvp(dx)),   jvp rule = transpose of (yBar ↦ vjp(yBar)).
 */
export function customFunction(spec: CustomFunction): (...inputs: ArrayLike[]) => NdArray {
  const { jvp: forward, vjp: reverse, apply } = spec;
  if (forward === undefined && reverse === undefined) {
    throw new DomainError(
      spec.name,
      "a custom function needs a jvp or a vjp rule",
      "Without one, call it directly.",
    );
  }
  const primitive: Primitive<NoParams> = {
    name: spec.name,
    elementwise: false,
    outputType: (inputs) => {
      const structure = { kind: "list", items: inputs.map(() => ({ kind: "leaf" }) as const) } as const;
      const { graph } = traceFunction(spec.name, (...xs: NdArray[]) => apply(...xs), structure, inputs);
      return typeOf(graph, graph.outputs[0]!);
    },
    expand: (inputs) => apply(...inputs),
    jvp: (tangents, inputs, y) => {
      const dxs = filled(tangents, inputs);
      if (forward) return forward(dxs, inputs, y);
      const cotangentsOf = (yBar: NdArray): readonly NdArray[] => reverse!(yBar, inputs, y);
      return transposed(cotangentsOf, zerosLike(y), dxs);
    },
    vjp: (yBar, inputs, y) => {
      if (reverse) return reverse(yBar, inputs, y);
      const tangentOf = (dxs: readonly NdArray[]): NdArray => forward!(dxs, inputs, y);
      return transposed(
        tangentOf,
        inputs.map((x) => zerosLike(x)),
        yBar,
      );
    },
  };
  return (...inputs) => bind(primitive, inputs.map(asArray), {});
}

function filled(tangents: readonly Derivative[], inputs: readonly NdArray[]): NdArray[] {
  return tangents.map((dx, i) => dx ?? zerosLike(inputs[i]!));
}

/** Applies the transpose of a linear map, given a point of its domain (any: it is linear). */
function transposed<X, Y>(map: (x: X) => Y, at: X, cotangent: Y): X {
  const [, pullback] = vjp<readonly [X], Y>(map)(...([at] as never));
  return pullback(cotangent as never)[0];
}
