/** Which primitive made a result that is not finite. */
import { Bundle } from "../../array/bundle.ts";
import type { NdArray } from "../../array/ndarray.ts";
import { NonFiniteError } from "../../errors.ts";
import { bodiesOf, type Equation, type Graph, type Ref, refOfEquation } from "../../trace/graph.ts";
import { evaluatePrimitive, runGraph } from "./kernels.ts";

/**
 * Evaluates the graph. What its equations discard, such as log 0 in the branch that `select` does not take, is no fault.
 *
 * Errors  NonFiniteError if a result holds a NaN or an infinity, naming the primitive that made it of finite inputs
 */
export function runChecked(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  const results = runGraph(graph, inputs);
  if (!results.every(isFiniteArray)) refuse(graph, inputs);
  return results;
}

function isFiniteArray(x: NdArray): boolean {
  if (x instanceof Bundle) return x.parts.every((part) => part === null || isFiniteArray(part));
  return x.data.every(Number.isFinite);
}

/** Walks back from a result that is not finite to an equation whose inputs are, as far as they were computed. */
function refuse(graph: Graph, inputs: readonly NdArray[]): never {
  const values: NdArray[] = [...inputs, ...graph.constants];
  const first = refOfEquation(graph, 0);
  /** Whether a value depends on the inputs. Where it does not, an infinity is a constant that the program wants. */
  const depends = values.map((_, ref) => ref < inputs.length);
  for (const { primitive, inputs: refs, params } of graph.equations) {
    values.push(
      evaluatePrimitive(
        primitive,
        refs.map((ref) => values[ref]!),
        params,
      ),
    );
    depends.push(refs.some((ref) => depends[ref]));
  }
  let at = graph.outputs.find((ref) => !isFiniteArray(values[ref]!))!;
  while (at >= first) {
    const earlier = usedBy(graph.equations[at - first]!, values, at).find(
      (ref) => ref >= first && depends[ref] && !isFiniteArray(values[ref]!),
    );
    if (earlier === undefined) throw faultOf(graph.equations[at - first]!, values, at, at - first);
    at = earlier;
  }
  const what = at < inputs.length ? `argument ${at}` : "a constant";
  throw new NonFiniteError(
    "compile",
    `every result must be finite; one is ${what}, which is not`,
    "Give a finite one.",
  );
}

/** The inputs of an equation that its result depends on; of `select` those that a result that is not finite was taken from. */
function usedBy({ primitive, inputs }: Equation, values: readonly NdArray[], at: Ref): readonly Ref[] {
  if (primitive.name !== "select") return inputs;
  const [mask, a, b] = inputs as [Ref, Ref, Ref];
  const element = firstNonFinite(values[at]!);
  return [values[mask]!.data[element] === 0 ? b : a];
}

function firstNonFinite(x: NdArray): number {
  return x.data.findIndex((value) => !Number.isFinite(value));
}

function faultOf(equation: Equation, values: readonly NdArray[], at: Ref, index: number): NonFiniteError {
  const { primitive, params } = equation;
  const inputs = equation.inputs.map((ref) => values[ref]!);
  if (bodiesOf(params).length > 0) evaluatePrimitive(primitive, inputs, params, runChecked); // throws inside
  const output = values[at]!;
  const element = output instanceof Bundle ? -1 : firstNonFinite(output);
  const gave = element === -1 ? "gave one that is not" : `gave ${output.data[element]} at element ${element}`;
  const shapes = inputs.map((x) => `[${x.shape.join(", ")}]`).join(", ");
  return new NonFiniteError(
    primitive.name,
    `every result must be finite; equation ${index} ${gave}, from inputs ${shapes}`,
    "Look at the equation with show, and at its inputs.",
  );
}
