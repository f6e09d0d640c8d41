import {
  ConcreteArray,
  type DType,
  type FloatDType,
  isFloat,
  type NdArray,
  typedArray,
} from "./array/ndarray.ts";
import type { Params, Primitive } from "./primitives/primitive.ts";
import { bind } from "./trace/bind.ts";
import { bodiesOf, type Graph, mapBodies } from "./trace/graph.ts";
import { Trace } from "./trace/trace.ts";

/** How to rewrite a graph: maps the type of an input or constant, and an equation. */
interface Rewrite {
  readonly dtype: (dtype: DType) => DType;
  readonly apply: (primitive: Primitive, inputs: readonly NdArray[], params: Params) => NdArray;
}

function rewrite(graph: Graph, how: Rewrite): Graph {
  const { dtype, apply } = how;
  const trace = new Trace();
  const inputs = graph.inputs.map((type) => trace.input({ shape: type.shape, dtype: dtype(type.dtype) }));
  const constants = graph.constants.map((constant) => trace.lift(cast(constant, dtype(constant.dtype))));
  const values: NdArray[] = [...inputs, ...constants];
  for (const { primitive, inputs: refs, params } of graph.equations) {
    values.push(
      apply(
        primitive,
        refs.map((ref) => values[ref]!),
        mapBodies(params, (body) => rewrite(body, how)),
      ),
    );
  }
  return trace.finish(graph.outputs.map((ref) => values[ref]!)).graph;
}

/**
 * A graph for backends: what is not in the table (functions of the user, stopGradient) replaced by its expansion.
 * Only after the derivatives are taken: their rules are lost.
 */
export function expanded(graph: Graph): Graph {
  const apply: Rewrite["apply"] = (primitive, inputs, params) =>
    primitive.expand ? primitive.expand(inputs, params) : bind(primitive, inputs, params);
  const once = rewrite(graph, { dtype: (dtype) => dtype, apply });
  // A custom function may itself apply other custom functions.
  return isExpanded(once) ? once : expanded(once);
}

function isExpanded({ equations }: Graph): boolean {
  return equations.every(({ primitive, params }) => !primitive.expand && bodiesOf(params).every(isExpanded));
}

/** The same expanded graph in another floating-point type, constants rounded and conversions included. */
export function inDType(graph: Graph, target: FloatDType): Graph {
  const dtype = (own: DType): DType => (isFloat(own) ? target : own);
  const apply: Rewrite["apply"] = (primitive, inputs, params) => {
    const own = params.dtype as DType | undefined;
    return bind(primitive, inputs, own === undefined ? params : { ...params, dtype: dtype(own) });
  };
  return rewrite(graph, { dtype, apply });
}

/** A concrete array in another element type. */
export function cast(x: NdArray, dtype: DType): NdArray {
  if (x.dtype === dtype) return x;
  const data = typedArray(dtype, x.data.length);
  data.set(x.data);
  return new ConcreteArray(data, x.shape, dtype);
}
