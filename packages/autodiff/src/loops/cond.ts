import { matching } from "../arguments/differentiated.ts";
import { refuseMoreThan } from "../arguments/refusals.ts";
import type { NdArray } from "../array/ndarray.ts";
import { type Flattened, flatten, type Received, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { evaluate } from "../trace/evaluate.ts";
import type { Body } from "../trace/graph.ts";
import { type TracedFunction, traceFunction } from "../trace/trace-function.ts";
import { requireSound } from "../trace/tracer.ts";
import { branchOf, runCond } from "./cond-rules.ts";
import { asPredicate, type Predicate } from "./predicate.ts";

/**
 * One of two functions: onTrue(…operands) if the predicate is not 0, onFalse(…operands) if it is.    [eq:cond]
 *
 * Both are traced, and may close over anything; only the chosen one runs, and only it is differentiated. It works under
 * every transform and on every backend. Under vmap over the predicate both run for all rows, and each row gets the
 * result and derivative of its own branch. A NaN in the other branch does not affect them; an error in it (an index
 * outside its axis) is still thrown.
 *
 * Shapes  predicate: [], int32;  both return trees of one structure, shapes and element types
 */
export function cond<Operands extends readonly unknown[], Y>(
  predicate: Predicate,
  onTrue: (...operands: Received<Operands> & unknown[]) => Y,
  onFalse: (...operands: Received<Operands> & unknown[]) => Y,
  ...operands: Operands
): Y {
  requireFunction("cond", onTrue, "onTrue");
  requireFunction("cond", onFalse, "onFalse");
  const p = asPredicate("cond", predicate);
  const { leaves, paths, structure } = flatten(operands, "cond", "operands");
  requireSound("cond", leaves, paths);
  // The branches receive arrays in the structure of the operands.
  type Branch = (...operands: never[]) => Y;
  const trace = (branch: Branch, check: (result: Y) => void): TracedFunction => {
    refuseMoreThan("cond", branch, operands.length);
    const checked: Branch = (...xs) => {
      const result = branch(...xs);
      check(result);
      return result;
    };
    return traceFunction("cond", checked, structure, leaves, { all: true });
  };
  let expected: Flattened;
  const first = trace(onTrue as unknown as Branch, (y) => {
    expected = flatten(y, "cond", "the result of onTrue");
  });
  const second = trace(onFalse as unknown as Branch, (y) =>
    matching("cond", expected, y, "the result of onFalse"),
  );
  const captured = [...new Set([...first.captured, ...second.captured])];
  const all = [...leaves, ...captured];
  const params = { onTrue: onAll(first, leaves.length, all), onFalse: onAll(second, leaves.length, all) };
  return unflatten<Y>(first.output, runCond(p, all, params));
}

/** A branch as a program of the `own` operands and of all values that either branch closes over. */
function onAll({ graph, captured }: TracedFunction, own: number, all: readonly NdArray[]): Body {
  return branchOf(all, (inputs) => {
    const closedOver = captured.map((value) => inputs[all.indexOf(value, own)]!);
    return evaluate(graph, [...inputs.slice(0, own), ...closedOver]);
  });
}
