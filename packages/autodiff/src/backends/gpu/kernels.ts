/**
 * Primitives whose kernels contain a loop with literal bounds. A thread computes the one or four elements of
 * its texel, and fetches the operands they share once.
 */

import { sizeOf } from "../../array/shape.ts";
import type { PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, typeOf } from "../../trace/graph.ts";
import { type Index, unravel } from "./place.ts";
import { settings } from "./printer.ts";
import type { KernelText } from "./text.ts";

/** Writes the statements that compute the elements at these indices, and returns their values. */
type PrintLoop = (
  text: KernelText,
  equation: Equation,
  indices: readonly Index[],
  graph: Graph,
) => readonly string[];

/** Visits the elements that are reduced to each element of the result. */
function overAxes(
  text: KernelText,
  { inputs: [x], params }: Equation,
  indices: readonly Index[],
  graph: Graph,
  body: (element: string, k: number) => void,
): void {
  const { axes } = params as { readonly axes: readonly number[] }; // all reductions have axes
  const { shape } = typeOf(graph, x!);
  const last = shape.length - 1;
  const before = axes.filter((axis) => axis !== last);
  const visit = (reduced: ReadonlyMap<number, string>): void =>
    indices.forEach((index, k) => {
      const kept = [...index];
      body(
        text.value(
          x!,
          shape.map((_, axis) => reduced.get(axis) ?? kept.shift()!),
        ),
        k,
      );
    });
  const alongLast = (reduced: ReadonlyMap<number, string>): void => {
    if (!axes.includes(last)) visit(reduced);
    else text.loopAlong(shape[last]!, (j) => visit(new Map([...reduced, [last, j]])));
  };
  const extents = before.map((axis) => shape[axis]!);
  const alongOthers = (j: string): void => {
    const inner = unravel(text, j, extents);
    alongLast(new Map(before.map((axis, i) => [axis, inner[i]!])));
  };
  if (before.length === 0) alongLast(new Map());
  else text.loop(sizeOf(extents), alongOthers);
}

const sum: PrintLoop = (text, equation, indices, graph) => {
  const totals = indices.map(() => text.variable("0.0"));
  overAxes(text, equation, indices, graph, (element, k) =>
    text.line(`${totals[k]} = ${totals[k]} + ${element};`),
  );
  return totals;
};

const max: PrintLoop = (text, equation, indices, graph) => {
  const best = indices.map(() => text.variable("-infinite(this.thread.x)"));
  overAxes(text, equation, indices, graph, (element, k) =>
    text.line(`${best[k]} = larger(${best[k]}, ${element});`),
  );
  return best;
};

/** ln sum exp x = m + ln sum exp(x - m), m = max x; an infinite m is the answer itself. */
const logSumExp: PrintLoop = (text, equation, indices, graph) => {
  const best = max(text, equation, indices, graph);
  const totals = indices.map(() => text.variable("0.0"));
  overAxes(text, equation, indices, graph, (element, k) =>
    text.line(`${totals[k]} = ${totals[k]} + safeExp(${element} - ${best[k]});`),
  );
  return totals.map(
    (total, k) => `(Math.abs(${best[k]}) < 3.4028e38 ? ${best[k]} + safeLog(${total}) : ${best[k]})`,
  );
};

const matmul: PrintLoop = (text, { inputs: [a, b] }, indices, graph) => {
  const totals = indices.map(() => text.variable("0.0"));
  text.loopAlong(typeOf(graph, a!).shape.at(-1)!, (p) => {
    indices.forEach((index, k) => {
      const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
      const product = `${text.value(a!, [...batch, i, p])} * ${text.value(b!, [...batch, p, j])}`;
      text.line(`${totals[k]} = ${totals[k]} + ${product};`);
    });
  });
  return totals;
};

/** The loop covers the whole axis, with a condition inside: gpu.js cuts a non-literal bound at 1,000. */
const cumsum: PrintLoop = (text, equation, indices, graph) => {
  const { axis, reverse } = settings(equation, "cumsum");
  const [x] = equation.inputs;
  const totals = indices.map(() => text.variable("0.0"));
  text.loop(typeOf(graph, x!).shape[axis]!, (j) => {
    indices.forEach((index, k) => {
      const element = text.value(x!, index.with(axis, j));
      const counts = `${j} ${reverse ? ">=" : "<="} ${index[axis]}`;
      text.line(`if (${counts}) { ${totals[k]} = ${totals[k]} + ${element}; }`);
    });
  });
  return totals;
};

/** Every element searches for its own updates, because threads cannot add to a shared address. */
const scatterAdd: PrintLoop = (text, equation, indices, graph) => {
  const { axis } = settings(equation, "scatterAdd");
  const [updates, targets] = equation.inputs;
  const { shape } = typeOf(graph, targets!);
  const totals = indices.map(() => text.variable("0.0"));
  text.loop(sizeOf(shape), (j) => {
    const at = unravel(text, j, shape);
    const target = text.value(targets!, at);
    indices.forEach((index, k) => {
      const update = text.value(updates!, [...index.slice(0, axis), ...at, ...index.slice(axis + 1)]);
      text.line(`if (${target} == ${index[axis]}) { ${totals[k]} = ${totals[k]} + ${update}; }`);
    });
  });
  return totals;
};

export const loopPrinters: Readonly<Partial<Record<PrimitiveName, PrintLoop>>> = {
  sum,
  max,
  logSumExp,
  matmul,
  cumsum,
  scatterAdd,
};
