/** Which primitive made a result that is not finite. */
import { Bundle } from "../../array/bundle.ts";
import type { NdArray } from "../../array/ndarray.ts";
import { NonFiniteError } from "../../errors.ts";
import { bodiesOf, type Equation, type Graph, type Ref, refOfEquation } from "../../trace/graph.ts";
import { applied, evaluatePrimitive, runGraph } from "./kernels.ts";

/**
 * Evaluates the graph. What `select` discards, such as log 0 in the branch that is not taken, is no fault.
 *
 * Errors  NonFiniteError if a result holds a NaN or an infinity, naming the primitive that made it
 */
export function runChecked(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  const results = runGraph(graph, inputs);
  if (results.every(isFiniteArray)) return results;
  const input = inputs.findIndex((x) => !isFiniteArray(x));
  const given = input === -1 ? "a constant" : `input x${input}`; // as `show` names it
  throw (
    faultIn(graph, inputs) ??
    new NonFiniteError("compile", `every result must be finite; ${given} is not`, "Give finite values.")
  );
}

/** The same for the body of a loop or a branch: an infinity that it was given may be passed on. */
function runBody(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  const results = runGraph(graph, inputs);
  const fault = results.every(isFiniteArray) ? null : faultIn(graph, inputs);
  if (fault !== null) throw fault;
  return results;
}

function isFiniteArray(x: NdArray): boolean {
  if (x instanceof Bundle) return x.parts.every((part) => part === null || isFiniteArray(part));
  return firstNonFinite(x) === -1;
}

function firstNonFinite(x: NdArray): number {
  return x instanceof Bundle ? -1 : x.data.findIndex((value) => !Number.isFinite(value));
}

/** Of the first result that an equation spoilt; null if all that are not finite are so because an input is. */
function faultIn(graph: Graph, inputs: readonly NdArray[]): NonFiniteError | null {
  const values: NdArray[] = [...inputs, ...graph.constants];
  for (const equation of graph.equations) values.push(applied(equation, values));
  const first = refOfEquation(graph, 0);
  for (const output of graph.outputs) {
    if (isFiniteArray(values[output]!)) continue;
    const { ref, element } = originOf(graph, values, output);
    if (ref >= first)
      return faultOf(graph.equations[ref - first]!, values, values[ref]!, ref - first, element);
  }
  return null;
}

/**
 * Walks back from a value that is not finite, through inputs that are not, to the first that was made of finite ones.
 * Between elementwise primitives it follows one element, so that others, which may be discarded, are not blamed.
 */
function originOf(graph: Graph, values: readonly NdArray[], from: Ref): { ref: Ref; element: number } {
  const first = refOfEquation(graph, 0);
  const depends = dependsOnInputs(graph);
  let [ref, element] = [from, firstNonFinite(values[from]!)];
  while (ref >= first) {
    const equation = graph.equations[ref - first]!;
    const { elementwise = false } = equation.primitive;
    const isBad = (source: Ref): boolean =>
      depends[source]! &&
      !(elementwise ? Number.isFinite(values[source]!.data[element]) : isFiniteArray(values[source]!));
    const bad = taken(equation, values, element).filter(isBad);
    const earlier = bad.find((source) => source >= first) ?? bad[0];
    if (earlier === undefined) break;
    if (!elementwise) element = firstNonFinite(values[earlier]!);
    ref = earlier;
  }
  return { ref, element };
}

/** Whether each value depends on the inputs. Where it does not, an infinity is a constant that the program wants. */
function dependsOnInputs({ inputs, constants, equations }: Graph): boolean[] {
  const depends = [...inputs.map(() => true), ...constants.map(() => false)];
  for (const { inputs: refs } of equations) depends.push(refs.some((ref) => depends[ref]));
  return depends;
}

/** The inputs of an equation; of `select` only the one that this element was taken from. */
function taken({ primitive, inputs }: Equation, values: readonly NdArray[], element: number): readonly Ref[] {
  if (primitive.name !== "select") return inputs;
  const [mask, a, b] = inputs as [Ref, Ref, Ref];
  return [values[mask]!.data[element] === 0 ? b : a];
}

/** Names the primitive; of a loop, the one in its body that made the value, if one did. */
function faultOf(
  { primitive, params, inputs: refs }: Equation,
  values: readonly NdArray[],
  output: NdArray,
  index: number,
  element: number,
): NonFiniteError {
  const inputs = refs.map((ref) => values[ref]!);
  if (bodiesOf(params).length > 0) {
    try {
      evaluatePrimitive(primitive, inputs, params, runBody);
    } catch (error) {
      if (error instanceof NonFiniteError) return error;
      throw error;
    }
  }
  const gave = element === -1 ? "gave one that is not" : `gave ${output.data[element]} at element ${element}`;
  const shapes = inputs.map((x) => `[${x.shape.join(", ")}]`).join(", ");
  return new NonFiniteError(
    primitive.name,
    `every result must be finite; equation ${index} ${gave}, from inputs ${shapes}`,
    "Look at the equation with show, and at its inputs.",
  );
}
