/** Primitives with a loop of their own: one thread per element of the result, loops with literal bounds. */

import { sizeOf } from "../../array/shape.ts";
import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, typeOf } from "../../trace/graph.ts";
import { type Index, type KernelText, unravel } from "./printer.ts";

/** Writes the statements of one element and gives its value. */
type PrintLoop = (text: KernelText, equation: Equation, index: Index, graph: Graph) => string;

function settings<Name extends PrimitiveName>({ params }: Equation, _name: Name): ParamsOf<Name> {
  return params as ParamsOf<Name>; // an equation carries the settings of its own primitive
}

/** Visits the elements an element of a reduction is made of. */
function overAxes(
  text: KernelText,
  { inputs: [x], params }: Equation,
  index: Index,
  graph: Graph,
  body: (element: string) => void,
): void {
  const { axes } = params as { readonly axes: readonly number[] }; // all reductions have axes
  const { shape } = typeOf(graph, x!);
  const reduced = axes.map((axis) => shape[axis]!);
  text.loop(sizeOf(reduced), (j) => {
    const inner = [...unravel(text, j, reduced)];
    const outer = [...index];
    const at = shape.map((_, axis) => (axes.includes(axis) ? inner.shift()! : outer.shift()!));
    body(text.value(x!, at));
  });
}

const sum: PrintLoop = (text, equation, index, graph) => {
  text.line("let total = 0.0;");
  overAxes(text, equation, index, graph, (element) => text.line(`total = total + ${element};`));
  return "total";
};

const lowest = "-infinite(this.thread.x)";

const max: PrintLoop = (text, equation, index, graph) => {
  text.line(`let best = ${lowest};`);
  overAxes(text, equation, index, graph, (element) => text.line(`best = larger(best, ${element});`));
  return "best";
};

/** ln sum exp x = m + ln sum exp(x - m), m = max x; an infinite m is the answer itself. */
const logSumExp: PrintLoop = (text, equation, index, graph) => {
  text.line(`let best = ${lowest};`);
  overAxes(text, equation, index, graph, (element) => text.line(`best = larger(best, ${element});`));
  text.line("let total = 0.0;");
  overAxes(text, equation, index, graph, (element) =>
    text.line(`total = total + safeExp(${element} - best);`),
  );
  return "(Math.abs(best) < 3.4028e38 ? best + safeLog(total) : best)";
};

const matmul: PrintLoop = (text, { inputs: [a, b] }, index, graph) => {
  const k = typeOf(graph, a!).shape.at(-1)!;
  const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
  text.line("let total = 0.0;");
  text.loop(k, (p) => {
    text.line(`total = total + ${text.value(a!, [...batch, i, p])} * ${text.value(b!, [...batch, p, j])};`);
  });
  return "total";
};

/** The loop runs over the whole axis with a condition, since a bound that is no literal would be cut at 1,000. */
const cumsum: PrintLoop = (text, equation, index, graph) => {
  const { axis, reverse } = settings(equation, "cumsum");
  const [x] = equation.inputs;
  text.line("let total = 0.0;");
  text.loop(typeOf(graph, x!).shape[axis]!, (j) => {
    const element = text.value(x!, index.with(axis, j));
    text.line(`if (${j} ${reverse ? ">=" : "<="} ${index[axis]}) { total = total + ${element}; }`);
  });
  return "total";
};

/** Every element looks for its own updates, since threads cannot add to one place. */
const scatterAdd: PrintLoop = (text, equation, index, graph) => {
  const { axis } = settings(equation, "scatterAdd");
  const [updates, indices] = equation.inputs;
  const { shape } = typeOf(graph, indices!);
  text.line("let total = 0.0;");
  text.loop(sizeOf(shape), (j) => {
    const k = unravel(text, j, shape);
    const target = text.value(indices!, k);
    const update = text.value(updates!, [...index.slice(0, axis), ...k, ...index.slice(axis + 1)]);
    text.line(`if (${target} == ${index[axis]}) { total = total + ${update}; }`);
  });
  return "total";
};

export const loopPrinters: Readonly<Partial<Record<PrimitiveName, PrintLoop>>> = {
  sum,
  max,
  logSumExp,
  matmul,
  cumsum,
  scatterAdd,
};
