/**
 * Values as source text. An elementwise function applies to its arguments at the same index; a movement of
 * elements only changes the index. So a whole chain of equations becomes the text of one kernel.
 */

import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, typeOf } from "../../trace/graph.ts";
import { type Index, ravel, unravel } from "./place.ts";
import type { KernelText } from "./text.ts";

export type Print = (text: KernelText, equation: Equation, index: Index, graph: Graph) => string;

function elementwise(write: (...args: string[]) => string): Print {
  return (text, { inputs }, index) => text.name(write(...inputs.map((ref) => text.value(ref, index))));
}

/** The settings of an equation, given the name of its primitive. */
export function settings<Name extends PrimitiveName>({ params }: Equation, _name: Name): ParamsOf<Name> {
  return params as ParamsOf<Name>; // an equation carries the settings of its own primitive
}

const broadcastTo: Print = (text, { inputs: [x] }, index, graph) => {
  const { shape } = typeOf(graph, x!);
  const missing = index.length - shape.length;
  return text.value(
    x!,
    shape.map((extent, axis) => (extent === 1 ? "0" : index[axis + missing]!)),
  );
};

/** A last axis that stays the last one keeps its index. */
const reshape: Print = (text, { inputs: [x], type: { shape: to } }, index, graph) => {
  const from = typeOf(graph, x!).shape;
  if (from.length === 0 || from.at(-1) !== to.at(-1)) {
    return text.value(x!, unravel(text, ravel(text, index, to), from));
  }
  const rows = ravel(text, index.slice(0, -1), to.slice(0, -1));
  return text.value(x!, [...unravel(text, rows, from.slice(0, -1)), index.at(-1)!]);
};

const transpose: Print = (text, equation, index) => {
  const { permutation } = settings(equation, "transpose");
  return text.value(
    equation.inputs[0]!,
    permutation.map((_, axis) => index[permutation.indexOf(axis)]!),
  );
};

const slice: Print = (text, equation, index) => {
  const { start, step } = settings(equation, "slice");
  return text.value(
    equation.inputs[0]!,
    index.map((i, axis) =>
      start[axis] === 0 && step[axis] === 1 ? i : text.name(`${start[axis]} + ${i} * ${step[axis]}`),
    ),
  );
};

/** Zero in the padding, the element elsewhere. The index is clamped because both sides are evaluated. */
const pad: Print = (text, equation, index, graph) => {
  const { low, high, interior } = settings(equation, "pad");
  const [x] = equation.inputs;
  const { shape } = typeOf(graph, x!);
  if (shape.includes(0)) return "0.0";
  const inside: string[] = [];
  const at = index.map((i, axis) => {
    const step = interior[axis]! + 1;
    if (low[axis] === 0 && high[axis] === 0 && step === 1) return i;
    const from = text.name(`${i} - ${low[axis]}`);
    const place = step === 1 ? from : text.name(`Math.floor((${from} + 0.5) / ${step}.0)`);
    inside.push(`${place} >= 0`, `${place} < ${shape[axis]}`);
    if (step !== 1) inside.push(`${place} * ${step} == ${from}`);
    return text.name(`Math.min(Math.max(${place}, 0), ${shape[axis]! - 1})`);
  });
  const element = text.value(x!, at);
  return inside.length === 0 ? element : text.name(`((${inside.join(" && ")}) ? ${element} : 0.0)`);
};

const concat: Print = (text, equation, index, graph) => {
  const { axis } = settings(equation, "concat");
  const i = index[axis]!;
  let end = equation.type.shape[axis]!;
  let chosen: string | undefined;
  for (const ref of equation.inputs.toReversed()) {
    const extent = typeOf(graph, ref).shape[axis]!;
    const start = end - extent;
    end = start;
    if (extent === 0) continue;
    const own = text.name(`Math.min(Math.max(${i} - ${start}, 0), ${extent - 1})`);
    const element = text.value(ref, index.with(axis, own));
    const after = start + extent;
    chosen = chosen === undefined ? element : text.name(`(${i} < ${after} ? ${element} : ${chosen})`);
  }
  return chosen ?? "0.0";
};

const gather: Print = (text, equation, index, graph) => {
  const { axis } = settings(equation, "gather");
  const [x, indices] = equation.inputs;
  const rank = typeOf(graph, indices!).shape.length;
  const n = typeOf(graph, x!).shape[axis]!;
  const at = text.value(indices!, index.slice(axis, axis + rank));
  const kept = text.name(`Math.min(Math.max(${at}, 0), ${n - 1})`);
  return text.value(x!, [...index.slice(0, axis), kept, ...index.slice(axis + rank)]);
};

/** The text of every primitive that is inlined. The others get a kernel or run on the host. */
export const printers: Readonly<Partial<Record<PrimitiveName, Print>>> = {
  add: elementwise((x, y) => `${x} + ${y}`),
  sub: elementwise((x, y) => `${x} - ${y}`),
  mul: elementwise((x, y) => `${x} * ${y}`),
  div: elementwise((x, y) => `${x} / ${y}`),
  neg: elementwise((x) => `-(${x})`),
  abs: elementwise((x) => `Math.abs(${x})`),
  sign: elementwise((x) => `signOf(${x})`),
  sqrt: elementwise((x) => `Math.sqrt(${x})`),
  exp: elementwise((x) => `safeExp(${x})`),
  expm1: elementwise((x) => `safeExpm1(${x})`),
  log: elementwise((x) => `safeLog(${x})`),
  log1p: elementwise((x) => `safeLog1p(${x})`),
  tanh: elementwise((x) => `safeTanh(${x})`),
  sechSquared: elementwise((x) => `slopeOfTanh(${x})`),
  sigmoid: elementwise((x) => `safeSigmoid(${x})`),
  softplus: elementwise((x) => `safeSoftplus(${x})`),
  sin: elementwise((x) => `safeSin(${x})`),
  cos: elementwise((x) => `safeCos(${x})`),
  atan2: elementwise((y, x) => `angle(${y}, ${x})`),
  pow: elementwise((x, y) => `power(${x}, ${y})`),
  maximum: elementwise((x, y) => `larger(${x}, ${y})`),
  minimum: elementwise((x, y) => `smaller(${x}, ${y})`),
  less: elementwise((x, y) => `(${x} < ${y} ? 1.0 : 0.0)`),
  lessEqual: elementwise((x, y) => `(${x} <= ${y} ? 1.0 : 0.0)`),
  equal: elementwise((x, y) => `(${x} == ${y} ? 1.0 : 0.0)`),
  select: elementwise((mask, a, b) => `(${mask} != 0.0 ? ${a} : ${b})`),
  convert: (text, equation, index, graph) => {
    const [x] = equation.inputs;
    const value = text.value(x!, index);
    const truncates = equation.type.dtype === "int32" && typeOf(graph, x!).dtype !== "int32";
    return truncates ? text.name(`toWhole(${value})`) : value;
  },
  broadcastTo,
  reshape,
  transpose,
  slice,
  pad,
  concat,
  gather,
};
