/** One ordinary mistake at a time, in a right call of every exported function: who was called refuses it, by name. */
import { expect, it } from "vitest";
import * as autodiff from "../src/index.ts";
import { RandomArgumentError } from "../src/random/index.ts";

const { array, eye, jvp, mul, ones, reference, scalar } = autodiff;
type NdArray = autodiff.NdArray;

const x = array([1, 2, 3]);
const m = ones([2, 3]);
const square = eye(2);
const key = autodiff.randomKey(0);
const index = array([1], undefined, "int32");

/** What a right argument is replaced by. */
const mistakes: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  "a text": "x",
  "a number as text": "0",
  true: true,
  NaN: Number.NaN,
  "−1": -1,
  "1.5": 1.5,
  "an empty list": [],
  "a list of text": ["x"],
  "a list of NaN": [Number.NaN],
  "a list of −1": [-1],
  "a list of 1.5": [1.5],
  "an empty record": {},
  "a record of another name": { mistyped: 1 },
  "a function of nothing": () => undefined,
  "a function that gives text": () => "x",
  "a function that gives a list": () => [],
  "an array of another shape": array([[[0.5]]]),
  "an empty array of another type": autodiff.zeros([0], "int32"),
};

/** Records whose fields, too, are replaced one at a time. */
const records = new Set<unknown>();
function options<T extends object>(record: T): T {
  records.add(record);
  return record;
}

/** A function, and arguments that it takes. */
// biome-ignore lint/suspicious/noExplicitAny: it is called with what its types forbid
type Call = readonly [f: (...args: any[]) => unknown, ...args: unknown[]];

function each(names: string, ...args: readonly unknown[]): Record<string, Call> {
  const functions = autodiff as unknown as Readonly<Record<string, Call[0]>>; // the names are those of functions
  return Object.fromEntries(names.split(" ").map((name) => [name, [functions[name]!, ...args]]));
}

const asynchronous: autodiff.AsyncBackend = {
  name: "asynchronous",
  compile: (graph) => async (inputs) => reference.compile(graph)(inputs),
  compileLoop: (graph) => async (inputs) => inputs.slice(0, graph.outputs.length),
};

const one = (): NdArray => scalar(1);
const vector = (): NdArray => x;
const same = (y: NdArray): NdArray => y;
const choice = options({ argnums: 0, hasAux: false });

const calls: Readonly<Record<string, Call>> = {
  // arrays and trees
  ...each("arange eye", 2, "int32"),
  ...each("ones zeros", [2], "int32"),
  ...each("item", array([1])),
  ...each("toNested", x),
  array: [array, [1, 2], [2], "int32"],
  full: [autodiff.full, [2], 1, "int32"],
  scalar: [scalar, 1, "int32"],
  ...each("flatten ravel", { a: x }),
  ...each("mapTree", same, { a: x }),
  ...each("zipTree", same, { a: x }, { a: x }),
  unflatten: [autodiff.unflatten, options({ kind: "list", items: [{ kind: "leaf" }] }), [x]],

  // element by element
  ...each(
    "abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf erfc erfinv exp expm1 floor lgamma",
    x,
  ),
  ...each("log log1p logicalNot neg round sigmoid sign sin sinh softplus sqrt square stopGradient tanh", x),
  ...each("add atan2 div dot equal greater greaterEqual less lessEqual logAddExp logicalAnd logicalOr", x, x),
  ...each("logicalXor maximum minimum mod mul notEqual pow sub xlogy", x, x),
  ...each("clip", x, 1, 2),
  ...each("convert zerosLike", x, "float32"),
  ...each("select", array([1, 0, 1], undefined, "int32"), x, x),

  // along axes
  ...each(
    "all any argmax argmin logSumExp max mean min norm prod sum variance",
    m,
    0,
    options({ keepDims: true }),
  ),
  ...each("argsort cumprod expandDims flip logSoftmax softmax softmaxEntropy sort", m, 0),
  ...each("cumsum", m, 0, options({ reverse: true })),
  ...each("roll topK", m, 1, 0),
  ...each("concat stack", [m, m], 0),
  ...each("broadcastTo", x, [2, 3]),
  ...each("reshape", x, [3, 1]),
  ...each("slice", x, [0, 2, 1]),
  ...each("pad", x, [[0, 1]]),
  ...each("tile", x, [2]),
  ...each("transpose", m, [1, 0]),
  ...each("gather", x, index, 0),
  ...each("scatterAdd", x, index, array([1]), 0),
  ...each("dynamicSlice", x, index, [2]),
  ...each("dynamicUpdate", x, array([1]), index),
  ...each("oneHot", index, 2, "float32"),

  // matrices
  ...each("cholesky inverse logDeterminant lu matrixTranspose qr symmetricEigen", square),
  ...each("choleskySolve leastSquares matmul solve", square, square),
  ...each("triangularSolve", square, square, options({ lower: false, transposed: true })),
  ...each("einsum", "ij,jk->ik", square, square),

  // random numbers
  ...each("randomKey", 0),
  ...each("foldIn splitKey", key, 1),
  ...each("randomNormal randomUniform", key, [2], "float32"),

  // loops
  ...each("cond", scalar(1, "int32"), vector, vector, x),
  ...each("scan", (c: NdArray) => [c], 1, x, options({ reverse: true, checkpoint: 2 })),
  ...each("whileLoop", () => 0, same, x),
  iterate: [
    (step, how, start, given, steps) => autodiff.iterate(step, how)(start, given, steps),
    same,
    options({ backend: reference, dtype: "float64" }),
    x,
    [],
    2,
  ],
  iterateAsync: [
    (step, how, start, given, steps) => autodiff.iterateAsync(step, how)(start, given, steps),
    same,
    options({ backend: asynchronous, dtype: "float64" }),
    x,
    [],
    2,
  ],

  // programs
  compile: [
    (f, how, y) => autodiff.compile(f, how)(y),
    vector,
    options({ backend: reference, dtype: "float64", checkFinite: true }),
    x,
  ],
  compileAsync: [
    (f, how, y) => autodiff.compileAsync(f, how)(y),
    vector,
    options({ backend: asynchronous, dtype: "float64" }),
    x,
  ],
  compileStages: [
    (f, types, how, y, names, z) => autodiff.compileStages(f, types, how)(y)[1](names, z),
    (y: NdArray) => [y, (z: NdArray) => ({ z })],
    () => [x],
    options({ backend: reference, dtype: "float64" }),
    x,
    ["z"],
    x,
  ],
  ...each("show", vector, x),
  ...each("showGraph", { inputs: [], constants: [], equations: [], outputs: [] }),

  // transforms
  customFunction: [
    (spec) => autodiff.grad((y: NdArray) => autodiff.sum(autodiff.customFunction(spec)(y)))(x),
    options({
      name: "customFunction",
      commutative: false,
      apply: same,
      jvp: ([dy]: NdArray[]) => dy,
      vjp: (yBar: NdArray) => [yBar],
    }),
  ],
  grad: [(f, how, y) => autodiff.grad(f, how)(y), one, choice, x],
  valueAndGrad: [(f, how, y) => autodiff.valueAndGrad(f, how)(y), one, choice, x],
  hessian: [(f, how, y) => autodiff.hessian(f, how)(y), one, choice, x],
  jacobian: [
    (f, how, y) => autodiff.jacobian(f, how)(y),
    vector,
    options({ mode: "forward", argnums: 0, hasAux: false }),
    x,
  ],
  hvp: [(f, y, v) => autodiff.hvp(f)(y, v), one, x, x],
  valueGradAndHvp: [(f, y, v) => autodiff.valueGradAndHvp(f)(y, v), one, x, x],
  jvp: [(f, y, dy) => jvp(f)(y, dy), vector, [x], [x]],
  linearize: [(f, y, dy) => autodiff.linearize(f)(y)[1](dy), vector, x, x],
  vjp: [(f, y, yBar) => autodiff.vjp(f)(y)[1](yBar), vector, x, x],
  vmap: [(f, how, y) => autodiff.vmap(f, how)(y), vector, options({ inAxes: 0 }), x],
};

it("every exported function is tried", () => {
  const isFault = (f: unknown): boolean =>
    f === autodiff.AutodiffError || Object.getPrototypeOf(f) === autodiff.AutodiffError;
  const functions = Object.entries(autodiff).filter(([, f]) => typeof f === "function" && !isFault(f));
  expect(Object.keys(calls).sort()).toEqual(functions.map(([name]) => name).sort());
});

/** Every list of arguments with one mistake, and what it is. */
function* mistaken(
  args: readonly unknown[],
): Generator<readonly [what: string, args: readonly unknown[], at: number]> {
  for (const [at, arg] of args.entries()) {
    const fields = records.has(arg) ? Object.keys(arg as object) : [];
    for (const [what, value] of Object.entries(mistakes)) {
      yield [`argument ${at}: ${what}`, args.with(at, value), at];
      for (const name of fields)
        yield [`argument ${at}, ${name}: ${what}`, args.with(at, { ...(arg as object), [name]: value }), at];
    }
  }
}

/** The call with traced values in place of the right arrays. */
function traced(f: Call[0], args: readonly unknown[], mistake: number): unknown {
  const isReal = (arg: unknown): arg is NdArray => arg === x || arg === m || arg === square;
  return jvp((w: NdArray) => {
    f(...args.map((arg, i) => (isReal(arg) && i !== mistake ? mul(arg, w) : arg)));
    return 1;
  })([1], [1]);
}

it.each(Object.entries(calls))("%s", async (name, [f, ...args]) => {
  await f(...args);
  const strange: string[] = [];
  for (const [what, given, at] of mistaken(args)) {
    for (const attempt of name.endsWith("Async")
      ? [() => f(...given)]
      : [() => f(...given), () => traced(f, given, at)]) {
      try {
        await attempt(); // some of them are no mistakes
      } catch (error) {
        const isOwn = error instanceof autodiff.AutodiffError || error instanceof RandomArgumentError;
        if (!isOwn || !error.message.startsWith(`${name}:`)) strange.push(`${what}: ${error}`);
      }
    }
  }
  expect(strange).toEqual([]);
});
