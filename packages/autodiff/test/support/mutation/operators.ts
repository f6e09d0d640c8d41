import { isFloat } from "../../../src/array/ndarray.ts";
import { sameShape } from "../../../src/array/shape.ts";
import {
  AutodiffError,
  abs,
  add,
  cos,
  div,
  equal,
  exp,
  expm1,
  less,
  lessEqual,
  log,
  log1p,
  matrixTranspose,
  maximum,
  minimum,
  mul,
  type NdArray,
  neg,
  sigmoid,
  sin,
  softplus,
  stopGradient,
  sub,
  tanh,
  zerosLike,
} from "../../../src/index.ts";
import type { Params } from "../../../src/primitives/primitive.ts";
import { bind } from "../../../src/trace/bind.ts";
import { backwards } from "../../../src/trace/evaluate.ts";
import { type Equation, type Graph, type Ref, refOfEquation, typeOf } from "../../../src/trace/graph.ts";
import { traceFunction } from "../../../src/trace/trace-function.ts";

/** A change at one place of a program, by what it does there. */
interface Change {
  readonly id: string;
  readonly constant?: readonly [index: number, replace: (c: NdArray) => NdArray];
  readonly equation?: readonly [
    index: number,
    replace: (xs: readonly NdArray[], equation: Equation) => NdArray,
  ];
  readonly operand?: readonly [
    index: number,
    slot: number,
    replace: (x: NdArray, values: readonly NdArray[]) => NdArray,
  ];
  readonly output?: readonly [index: number, replace: (y: NdArray, values: readonly NdArray[]) => NdArray];
}

/** Every program that differs from the given one by one small mistake, by a name for the mistake. */
export function mutantsOf(graph: Graph): Map<string, Graph> {
  const original = textOf(retrace(graph, { id: "none" }));
  const seen = new Set([original]);
  const mutants = new Map<string, Graph>();
  for (const change of changes(graph)) {
    const mutant = attempt(graph, change);
    if (mutant === undefined || seen.has(textOf(mutant))) continue;
    seen.add(textOf(mutant));
    mutants.set(change.id, mutant);
  }
  return mutants;
}

/** The changed program; undefined where the change is no program (shapes or element types do not fit). */
function attempt(graph: Graph, change: Change): Graph | undefined {
  try {
    const mutant = retrace(graph, change);
    return mutant.outputs.every((ref, i) => sameType(mutant, ref, graph, graph.outputs[i]!))
      ? mutant
      : undefined;
  } catch {
    return undefined;
  }
}

function retrace(graph: Graph, change: Change): Graph {
  const structure = { kind: "list", items: graph.inputs.map(() => ({ kind: "leaf" }) as const) } as const;
  const changed = (...inputs: NdArray[]): NdArray[] => {
    const constants = graph.constants.map((c, i) => (change.constant?.[0] === i ? change.constant[1](c) : c));
    const values: NdArray[] = [...inputs, ...constants];
    graph.equations.forEach((equation, i) => {
      const xs = equation.inputs.map((ref, slot) => {
        const [index, place, replace] = change.operand ?? [];
        return index === i && place === slot ? replace!(values[ref]!, values) : values[ref]!;
      });
      const [index, replace] = change.equation ?? [];
      values.push(index === i ? replace!(xs, equation) : bind(equation.primitive, xs, equation.params));
    });
    return graph.outputs.map((ref, i) => {
      const [index, replace] = change.output ?? [];
      return index === i ? replace!(values[ref]!, values) : values[ref]!;
    });
  };
  return traceFunction("mutant", changed, structure, graph.inputs).graph;
}

/** A program as text, with the elements of its constants. */
function textOf(graph: Graph): string {
  const constants = graph.constants.map(({ data, shape }) => [shape, [...data].map(String)]);
  const equations = graph.equations.map(({ primitive, inputs, params }) => {
    const refs = commutative.has(primitive.name) ? inputs.toSorted() : inputs;
    return [primitive.name, refs, params];
  });
  return JSON.stringify([constants, equations, graph.outputs]);
}

const commutative: ReadonlySet<string> = new Set(["add", "mul", "maximum", "minimum", "equal"]);

function sameType(a: Graph, refInA: Ref, b: Graph, refInB: Ref): boolean {
  const [x, y] = [typeOf(a, refInA), typeOf(b, refInB)];
  return sameShape(x.shape, y.shape) && x.dtype === y.dtype;
}

/** Constant but for jumps. */
const steps: ReadonlySet<string> = new Set(["sign", "shareOfLarger"]);

/** For every value, whether it has a derivative that the outputs feel: constants have none, and steps pass none on. */
function movingValues(graph: Graph): boolean[] {
  const moves = [...graph.inputs.map(({ dtype }) => isFloat(dtype)), ...graph.constants.map(() => false)];
  for (const { primitive, inputs, type } of graph.equations) {
    moves.push(isFloat(type.dtype) && !steps.has(primitive.name) && inputs.some((ref) => moves[ref]));
  }
  const felt = new Set(graph.outputs);
  for (const [ref, { inputs }] of backwards(graph)) {
    if (felt.has(ref) && moves[ref]) for (const input of inputs) felt.add(input);
  }
  return moves.map((has, ref) => has && felt.has(ref));
}

const onValues: readonly (readonly [string, (y: NdArray) => NdArray])[] = [
  ["sign flipped", neg],
  ["doubled", (y) => mul(2, y)],
  ["dropped", (y) => zerosLike(y)],
  ["derivative lost", stopGradient],
];

function* changes(graph: Graph): Generator<Change> {
  const moves = movingValues(graph);
  for (const [k, constant] of graph.constants.entries()) yield* changesOfConstant(k, constant);
  for (const [i, equation] of graph.equations.entries()) yield* changesOfEquation(graph, i, equation, moves);
  for (const [k, ref] of graph.outputs.entries()) {
    for (const [name, replace] of onValues) {
      if (replace === stopGradient && !moves[ref]) continue;
      yield { id: `output ${k} ${name}`, output: [k, replace] };
    }
    for (const other of alternatives(graph, ref)) {
      yield { id: `output ${k} is input ${other}`, output: [k, (_y, values) => values[other]!] };
    }
  }
}

function* changesOfConstant(k: number, { dtype, shape }: NdArray): Generator<Change> {
  if (isFloat(dtype)) {
    yield { id: `constant ${k} sign flipped`, constant: [k, neg] };
    yield { id: `constant ${k} doubled`, constant: [k, (c) => mul(2, c)] };
    yield { id: `constant ${k} plus one`, constant: [k, (c) => add(c, 1)] };
  } else {
    yield { id: `mask ${k} complemented`, constant: [k, (c) => sub(1, c)] };
    if (shape.length > 1) yield { id: `mask ${k} transposed`, constant: [k, matrixTranspose] };
  }
}

function* changesOfEquation(
  graph: Graph,
  i: number,
  equation: Equation,
  moves: readonly boolean[],
): Generator<Change> {
  const { primitive, params, type } = equation;
  const at = `${i} ${primitive.name}`;
  if (isFloat(type.dtype)) {
    for (const [name, replace] of onValues) {
      if (replace === stopGradient && !moves[refOfEquation(graph, i)]) continue;
      yield { id: `${at} ${name}`, equation: [i, (xs, own) => replace(bind(own.primitive, xs, own.params))] };
    }
  } else {
    yield {
      id: `${at} complemented`,
      equation: [i, (xs, own) => sub(1, bind(own.primitive, xs, own.params))],
    };
  }
  for (const [slot, ref] of equation.inputs.entries()) {
    yield { id: `${at} is its operand ${slot}`, equation: [i, (xs) => xs[slot]!] };
    if (moves[ref] && moves[refOfEquation(graph, i)]) {
      yield { id: `${at} without the derivative of operand ${slot}`, operand: [i, slot, stopGradient] };
    }
    for (const other of alternatives(graph, ref)) {
      yield {
        id: `${at} with input ${other} for operand ${slot}`,
        operand: [i, slot, (_x, values) => values[other]!],
      };
    }
  }
  if (equation.inputs.length === 2) {
    yield {
      id: `${at} with its operands swapped`,
      equation: [i, ([x, y]) => bind(primitive, [y!, x!], params)],
    };
  }
  if (primitive.name === "select") {
    yield {
      id: `${at} with its branches swapped`,
      equation: [i, ([m, x, y]) => bind(primitive, [m!, y!, x!], params)],
    };
  }
  for (const [name, f] of Object.entries(neighbours[primitive.name] ?? {})) {
    yield { id: `${at} replaced by ${name}`, equation: [i, (xs) => f(...xs)] };
  }
  for (const [name, change] of Object.entries(otherSettings[primitive.name] ?? {})) {
    yield { id: `${at} ${name}`, equation: [i, (xs) => bind(primitive, xs, change(params, xs))] };
  }
}

/** What the rule is given of the same type: x for y, the output for an input, a tangent for a value. */
function alternatives(graph: Graph, ref: Ref): Ref[] {
  return graph.inputs.flatMap((_, other) =>
    other !== ref && sameType(graph, other, graph, ref) ? [other] : [],
  );
}

/** Functions that a slip of the pen confuses. */
const neighbours: Readonly<Record<string, Readonly<Record<string, (...xs: NdArray[]) => NdArray>>>> = {
  add: { sub: (x, y) => sub(x!, y!), mul: (x, y) => mul(x!, y!) },
  sub: { add: (x, y) => add(x!, y!) },
  mul: { div: (x, y) => div(x!, y!), add: (x, y) => add(x!, y!) },
  div: { mul: (x, y) => mul(x!, y!) },
  exp: { expm1: (x) => expm1(x!) },
  expm1: { exp: (x) => exp(x!) },
  log: { log1p: (x) => log1p(x!) },
  log1p: { log: (x) => log(x!) },
  sin: { cos: (x) => cos(x!) },
  cos: { sin: (x) => sin(x!) },
  tanh: { sigmoid: (x) => sigmoid(x!) },
  sigmoid: { tanh: (x) => tanh(x!), softplus: (x) => softplus(x!) },
  softplus: { sigmoid: (x) => sigmoid(x!) },
  sign: { abs: (x) => abs(x!) },
  maximum: { minimum: (x, y) => minimum(x!, y!) },
  minimum: { maximum: (x, y) => maximum(x!, y!) },
  less: { lessEqual: (x, y) => lessEqual(x!, y!), equal: (x, y) => equal(x!, y!) },
  lessEqual: { less: (x, y) => less(x!, y!) },
  equal: { less: (x, y) => less(x!, y!), lessEqual: (x, y) => lessEqual(x!, y!) },
};

type Resetting = (params: Params, xs: readonly NdArray[]) => Params;

/** The same primitive with another setting. A setting that does not fit is discarded with its shape error. */
const otherSettings: Readonly<Record<string, Readonly<Record<string, Resetting>>>> = {
  cumsum: {
    "the other way": ({ axis, reverse }) => ({ axis, reverse: !reverse }),
    "along the next axis": ({ axis, reverse }, [x]) => ({
      axis: ((axis as number) + 1) % x!.shape.length,
      reverse,
    }),
  },
  transpose: {
    "by the inverse": ({ permutation }) => ({ permutation: inverse(permutation as readonly number[]) }),
    "not at all": ({ permutation }) => ({ permutation: [...(permutation as readonly number[])].sort() }),
  },
  sum: { "over the next axes": nextAxes },
  max: { "over the next axes": nextAxes },
  slice: {
    "one further": ({ start, stop, step }) => ({ start: plus(start, 1), stop: plus(stop, 1), step }),
    "one nearer": ({ start, stop, step }) => ({ start: plus(start, -1), stop: plus(stop, -1), step }),
  },
  pad: {
    "one further": ({ low, high, interior }) => ({ low: plus(low, 1), high: plus(high, -1), interior }),
    "one nearer": ({ low, high, interior }) => ({ low: plus(low, -1), high: plus(high, 1), interior }),
    "with its sides exchanged": ({ low, high, interior }) => ({ low: high, high: low, interior }),
  },
  gather: { "along the next axis": ({ axis }, [x]) => ({ axis: ((axis as number) + 1) % x!.shape.length }) },
  scan: { "the other way": (params) => ({ ...params, reverse: !params.reverse }) },
  triangularSolve: {
    "with the other triangle": ({ lower, transposed }) => ({ lower: !lower, transposed }),
    "with the transpose": ({ lower, transposed }) => ({ lower, transposed: !transposed }),
  },
};

function nextAxes({ axes }: Params, [x]: readonly NdArray[]): Params {
  return { axes: (axes as readonly number[]).map((axis) => (axis + 1) % x!.shape.length).sort() };
}

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

/** Moves an offset; where that would leave the array, the change is no program. */
function plus(offsets: unknown, by: number): number[] {
  const moved = (offsets as readonly number[]).map((offset) => offset + by);
  if (moved.some((offset) => offset < 0))
    throw new AutodiffError("mutation", "offset below 0", "Discard it.");
  return moved;
}
