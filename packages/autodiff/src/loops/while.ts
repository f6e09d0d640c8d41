import { matching } from "../arguments/differentiated.ts";
import { type Argument, flatten, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { Body } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { requireSound } from "../trace/tracer.ts";
import { asPredicate, type Predicate } from "./predicate.ts";
import { runWhile } from "./while-rules.ts";

/**
 * While loop: c_{t+1} = body(c_t) while condition(c_t); returns the first c_T that fails it.     [eq:while]
 *
 * Both functions are traced, and may close over anything. Forward mode, vmap and compile work; under vmap the
 * loop runs until the last row is done, and finished rows stay unchanged. Reverse mode is refused, since the
 * number of carries to store is unknown; for it use scan with a bound, or customFunction with a rule, such as
 * that of an equation's solution.
 *
 * Shapes  condition: [], int32;  init, carries: trees of one structure, shapes and element types
 */
export function whileLoop<C>(
  condition: (carry: C) => Predicate,
  body: (carry: C) => C,
  init: Argument<C>,
): C {
  requireFunction("whileLoop", condition, "the condition");
  requireFunction("whileLoop", body, "the body");
  const start = flatten(init, "whileLoop", "init");
  requireSound("whileLoop", start.leaves, start.paths);
  const goesOn = (carry: C) => asPredicate("whileLoop", condition(carry));
  const step = (_p: unknown, carry: C): unknown => {
    const next = body(carry);
    matching("whileLoop", start, next, "the next carry");
    return [goesOn(next), next];
  };
  const p = goesOn(unflatten<C>(start.structure, start.leaves));
  const carry = [p, ...start.leaves];
  const structure = { kind: "list", items: [{ kind: "leaf" }, start.structure] } as const;
  const { graph, captured, output } = traceFunction("whileLoop", step, structure, carry);
  const ends = runWhile({ carry, rows: [], fixed: captured }, new Body(graph));
  return unflatten<[unknown, C]>(output, ends)[1];
}
