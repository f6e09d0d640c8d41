/**
 * Values as source text. A value that is not stored is written out at the index where it is needed: elementwise
 * functions call themselves on their arguments at the same index, movements of elements only change the index. So a whole
 * chain of equations becomes the text of one kernel.
 */

import type { NdArray } from "../../array/ndarray.ts";
import { type Shape, stridesOf } from "../../array/shape.ts";
import { internal } from "../../errors.ts";
import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, type Ref, typeOf } from "../../trace/graph.ts";

/** One expression per axis. */
export type Index = readonly string[];

/** Text of one kernel, being written. */
export class KernelText {
  readonly #graph: Graph;
  readonly #stored: ReadonlySet<Ref>;
  /** Stored values this kernel reads, in the order of its arguments. */
  readonly reads: Ref[] = [];
  readonly #lines: string[] = [];
  #known = new Map<string, string>();
  #count = 0;

  constructor(graph: Graph, stored: ReadonlySet<Ref>) {
    this.#graph = graph;
    this.#stored = stored;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** Names an expression, so that it is computed once. */
  name(expression: string): string {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const name = `t${this.#count++}`;
    this.line(`const ${name} = ${expression};`);
    this.#known.set(expression, name);
    return name;
  }

  /** for (let j = 0; j < extent; j++) { body }; names made inside are forgotten after it. */
  loop(extent: number, body: (j: string) => void): void {
    if (extent === 0) return;
    const outer = this.#known;
    this.#known = new Map(outer);
    const j = `j${this.#count++}`;
    this.line(`for (let ${j} = 0; ${j} < ${extent}; ${j}++) {`);
    body(j);
    this.line("}");
    this.#known = outer;
  }

  /** The text of element `index` of a value. */
  value(ref: Ref, index: Index): string {
    const number = this.#uniform(ref);
    if (number !== undefined) return number;
    if (this.#stored.has(ref)) return this.#read(ref, index);
    const equation = this.#graph.equations[ref - this.#graph.inputs.length - this.#graph.constants.length]!;
    // Equations carry the settings of their own primitive.
    const print = printers[equation.primitive.name as PrimitiveName] as Print | undefined;
    if (print === undefined) return internal(`${equation.primitive.name} was not stored`);
    return print(this, equation, index, this.#graph);
  }

  #read(ref: Ref, index: Index): string {
    if (!this.reads.includes(ref)) this.reads.push(ref);
    const strides = stridesOf(typeOf(this.#graph, ref).shape);
    const terms = index.flatMap((i, axis) =>
      i === "0" ? [] : [strides[axis] === 1 ? i : `${i} * ${strides[axis]}`],
    );
    return this.name(`v${this.reads.indexOf(ref)}[${terms.length === 0 ? "0" : terms.join(" + ")}]`);
  }

  /** A finite constant of one element, as a literal. */
  #uniform(ref: Ref): string | undefined {
    const constant: NdArray | undefined = this.#graph.constants[ref - this.#graph.inputs.length];
    const value = constant?.data.length === 1 ? constant.data[0]! : Number.NaN;
    return Number.isFinite(value) ? floatLiteral(value) : undefined;
  }
}

/** A number that no shader language takes for a whole one; float32 has nothing beyond these digits. */
export function floatLiteral(value: number): string {
  const text = Math.fround(value) === 0 ? "0.0" : String(Math.fround(value));
  const literal = /[.e]/.test(text) ? text : `${text}.0`;
  return value < 0 ? `(${literal})` : literal;
}

/** The index of the i-th element, in row-major order. */
export function unravel(text: KernelText, i: string, shape: Shape): Index {
  const strides = stridesOf(shape);
  let rest = i;
  return shape.map((extent, axis) => {
    if (extent === 1) return "0";
    const stride = strides[axis]!;
    if (stride === 1) return rest;
    // Half an element keeps the quotient away from the next whole number, where a card's division may round up.
    const at = text.name(`Math.floor((${rest} + 0.5) / ${stride}.0)`);
    rest = text.name(`${rest} - ${at} * ${stride}`);
    return at;
  });
}

type Print = (text: KernelText, equation: Equation, index: Index, graph: Graph) => string;

function elementwise(write: (...args: string[]) => string): Print {
  return (text, { inputs }, index) => text.name(write(...inputs.map((ref) => text.value(ref, index))));
}

function settings<Name extends PrimitiveName>({ params }: Equation, _name: Name): ParamsOf<Name> {
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

const reshape: Print = (text, { inputs: [x], type }, index, graph) => {
  const strides = stridesOf(type.shape);
  const terms = index.flatMap((i, axis) => (i === "0" ? [] : [`${i} * ${strides[axis]}`]));
  const flat = text.name(terms.length === 0 ? "0" : terms.join(" + "));
  return text.value(x!, unravel(text, flat, typeOf(graph, x!).shape));
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
    index.map((i, axis) => text.name(`${start[axis]} + ${i} * ${step[axis]}`)),
  );
};

/** Zero outside; inside, the element whose place this is. The index is kept in range, as both sides are evaluated. */
const pad: Print = (text, equation, index, graph) => {
  const { low, interior } = settings(equation, "pad");
  const [x] = equation.inputs;
  const { shape } = typeOf(graph, x!);
  if (shape.includes(0)) return "0.0";
  const inside: string[] = [];
  const at = index.map((i, axis) => {
    const step = interior[axis]! + 1;
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

/** How every primitive without a loop of its own is written. The others get a kernel or run on the host. */
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
  stopGradient: elementwise((x) => x),
  convert: (text, equation, index, graph) => {
    const [x] = equation.inputs;
    const value = text.value(x!, index);
    const truncates = equation.type.dtype === "int32" && typeOf(graph, x!).dtype !== "int32";
    return truncates ? text.name(`(${value} < 0.0 ? Math.ceil(${value}) : Math.floor(${value}))`) : value;
  },
  broadcastTo,
  reshape,
  transpose,
  slice,
  pad,
  concat,
  gather,
};
