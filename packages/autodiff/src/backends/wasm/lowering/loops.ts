/**
 * Loops and conditionals inside the module.
 *
 *   carried values    a buffer each, which the body reads and its result is written or copied to
 *   carried sums      the same, in the type of totals; they are rounded once, after the loop
 *   rows              row t is copied in before the body runs; its outputs are copied to row t of the results
 *   fixed values      read in place; what the body computes from these alone runs once, before the loop
 */

import type { ArrayType } from "../../../array/ndarray.ts";
import { internal } from "../../../errors.ts";
import type { ParamsOf } from "../../../primitives/table.ts";
import { type Graph, outputTypes } from "../../../trace/graph.ts";
import { sumsOf } from "../../sums.ts";
import { type Expr, i32, integer } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { emitSteps } from "../emit/steps.ts";
import { type Addresses, byteLength, type PlanBuilder, totalType } from "../plan/nodes.ts";
import { type View, viewOf } from "../plan/view.ts";
import {
  addressOf,
  copyBytes,
  copyView,
  type Inner,
  isSet,
  planInner,
  readable,
  typeOfView,
} from "./inner.ts";

export function scan(plan: PlanBuilder, inputs: readonly View[], params: ParamsOf<"scan">): View {
  const { body, carries, rows, length, reverse } = params;
  const over = inputs.slice(carries, carries + rows).map((x) => plan.contiguous(x));
  const types = outputTypes(body.graph).map(({ shape, dtype }, i): ArrayType => {
    return i < carries ? { shape, dtype } : { shape: [length, ...shape], dtype };
  });
  const repeat: Repeat = (fn, inner, results, around, within, oneStep) => {
    const row = inner.own.slice(carries);
    fn.range(0, length, 1, (step) => {
      const t = fn.let(reverse ? integer("sub", i32(length - 1), step) : step);
      const rowAt = (x: View, size: number): Expr<"i32"> =>
        fn.let(integer("add", i32(addressOf(x, around)), integer("mul", t, i32(size))));
      row.forEach((to, i) => {
        const size = byteLength(to.node.type);
        copyBytes(fn, rowAt(over[i]!, size), i32(addressOf(to, within)), size);
      });
      oneStep(() => {
        inner.outputs.slice(carries).forEach((from, i) => {
          const size = byteLength(typeOfView(from));
          copyBytes(fn, i32(addressOf(from, within)), rowAt(results[carries + i]!, size), size);
        });
      });
    });
  };
  return loop(plan, body.graph, inputs.slice(0, carries), over, inputs.slice(carries + rows), types, repeat);
}

export function whileLoop(plan: PlanBuilder, inputs: readonly View[], params: ParamsOf<"whileLoop">): View {
  const { body, carries } = params;
  const repeat: Repeat = (fn, { own }, _results, _around, within, oneStep) => {
    const goesOn = isSet(own[0]!, within);
    fn.if(goesOn, () => fn.doWhile(() => oneStep(() => {}), goesOn));
  };
  const types = outputTypes(body.graph);
  return loop(plan, body.graph, inputs.slice(0, carries), [], inputs.slice(carries), types, repeat);
}

/**
 * Emits the loop around `oneStep`, which runs the body, calls its argument, then copies the carried values.
 */
type Repeat = (
  fn: FunctionBuilder,
  inner: Inner,
  results: readonly View[],
  around: Addresses,
  within: Addresses,
  oneStep: (beforeCarrying: () => void) => void,
) => void;

function loop(
  plan: PlanBuilder,
  graph: Graph,
  carry: readonly View[],
  over: readonly View[],
  fixed: readonly View[],
  types: readonly ArrayType[],
  repeat: Repeat,
): View {
  const { graph: body, isSum } = sumsOf(graph, carry.length);
  const init = carry.map((x, i) => (isSum[i] ? widened(plan, x) : plan.contiguous(x)));
  const outside = fixed.map((x) => readable(plan, x));
  const inner = planInner(plan, body, init.length + over.length, outside, init.length, isSum);
  const { outputs, once, steps } = inner;
  const carried = inner.own.slice(0, init.length);
  return plan.block(
    [...init, ...over, ...outside],
    types.map(({ shape, dtype }, i) => ({ shape, dtype: isSum[i] ? totalType(dtype) : dtype })),
    (fn, node, addresses) => {
      const within = inner.within(addresses);
      const results = node.results!.map(viewOf); // a loop has them
      emitSteps(fn, once, within);
      init.forEach((x, i) => {
        copyView(fn, x, addresses, carried[i]!, within);
      });
      repeat(fn, inner, results, addresses, within, (beforeCarrying) => {
        emitSteps(fn, steps, within);
        beforeCarrying();
        carried.forEach((to, i) => {
          const isThere = addressOf(outputs[i]!, within) === addressOf(to, within);
          if (!isThere) copyView(fn, outputs[i]!, within, to, within);
        });
      });
      carried.forEach((from, i) => {
        copyView(fn, from, within, results[i]!, addresses);
      });
    },
    { scratchBytes: inner.scratchBytes, inside: [...once, ...steps] },
  );
}

export function cond(
  plan: PlanBuilder,
  [predicate, ...operands]: readonly View[],
  { onTrue, onFalse }: ParamsOf<"cond">,
): View {
  const p = plan.contiguous(predicate!);
  const outside = operands.map((x) => readable(plan, x));
  const branches = [onTrue, onFalse].map(({ graph }) => planInner(plan, graph, 0, outside));
  return plan.block(
    [p, ...outside],
    outputTypes(onTrue.graph),
    (fn, node, addresses) => {
      const [whenTrue, whenFalse] = branches.map((inner) => () => {
        const within = inner.within(addresses);
        emitSteps(fn, [...inner.once, ...inner.steps], within);
        inner.outputs.forEach((from, i) => {
          copyView(fn, from, within, viewOf(node.results![i]!), addresses);
        });
      });
      fn.if(isSet(p, addresses), whenTrue!, whenFalse);
    },
    {
      scratchBytes: Math.max(...branches.map((inner) => inner.scratchBytes)),
      inside: branches.flatMap(({ once, steps }) => [...once, ...steps]),
    },
  );
}

function widened(plan: PlanBuilder, x: View): View {
  const { shape, dtype } = typeOfView(x);
  const wide = totalType(dtype);
  return wide === dtype ? plan.contiguous(x) : plan.elementwise("convert", [x], { shape, dtype: wide });
}

/** Array `index` of those that a loop or a conditional writes, in its own type. */
export function resultOf(plan: PlanBuilder, { node }: View, { index, shape, dtype }: ParamsOf<"part">): View {
  const result = node.kind === "kernel" ? node.results?.[index] : undefined;
  const whole = viewOf(result ?? internal("a part of what is no bundle"));
  return whole.node.type.dtype === dtype ? whole : plan.elementwise("convert", [whole], { shape, dtype });
}
