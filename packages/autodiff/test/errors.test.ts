import { describe, expect, it } from "vitest";
import { createWasmBackend } from "../src/backends/wasm/index.ts";
import {
  AutodiffError,
  AxisError,
  add,
  array,
  broadcastTo,
  cholesky,
  compile,
  compileAsync,
  compileStages,
  concat,
  convert,
  cumsum,
  customFunction,
  DomainError,
  DTypeError,
  div,
  dot,
  dynamicSlice,
  exp,
  expandDims,
  eye,
  flatten,
  full,
  gather,
  grad,
  hvp,
  IndexError,
  item,
  iterate,
  iterateAsync,
  jacobian,
  jvp,
  log,
  matmul,
  matrixTranspose,
  max,
  mul,
  type NdArray,
  NonFiniteError,
  oneHot,
  ones,
  pad,
  reference,
  reshape,
  ShapeError,
  scalar,
  scatterAdd,
  select,
  slice,
  stack,
  sum,
  TracedValueError,
  TraceLeakError,
  TreeError,
  toNested,
  transpose,
  triangularSolve,
  UnsupportedError,
  unflatten,
  vjp,
  zeros,
  zipTree,
} from "../src/index.ts";
import { primitives } from "../src/primitives/table.ts";
import { checkGradients, LawViolation } from "../src/testing/index.ts";
import { bind } from "../src/trace/bind.ts";

const x = array([1, 2, 3]);
const m = ones([2, 3]);
const single = array(new Float32Array(3));
const index = (...at: number[]): NdArray => array(at, undefined, "int32");
const same = (y: NdArray): NdArray => y;
const list = (y: NdArray): [NdArray] => [y];
let leaked: NdArray | undefined;

/** A fault, its class, and its message: operation, what must hold, what was got, what to try. */
type Fault = readonly [attempt: () => unknown, error: new (...args: never[]) => Error, message: RegExp];

const faults: Readonly<Record<string, Fault>> = {
  // shapes
  "add of shapes that do not broadcast": [
    () => add(m, ones([2])),
    ShapeError,
    /^add: shapes must agree from the last axis, or be 1 where they differ; x is \[2, 3\]; y is \[2\]\. Reshape one/,
  ],
  "matmul of matrices that do not chain": [
    () => matmul(m, m),
    ShapeError,
    /^matmul: the columns of a must be as many as the rows of b; a is \[2, 3\]; b is \[2, 3\]\. Did you mean matmul\(a, matrixTranspose\(b\)\)\?/,
  ],
  "matmul of a scalar": [
    () => matmul(2, m),
    ShapeError,
    /^matmul: scalars .*a is \[\]; b is \[2, 3\]\. Use mul/,
  ],
  "matrixTranspose of a vector": [
    () => matrixTranspose(x),
    ShapeError,
    /^matrixTranspose: .*x is \[3\]\. Reshape x/,
  ],
  "reshape to another size": [
    () => reshape(x, [2, 2]),
    ShapeError,
    /^reshape: the new shape must hold 3 elements; it holds 4; x is \[3\]; target is \[2, 2\]\. One extent may be -1/,
  ],
  "reshape with rows that do not divide": [
    () => reshape(x, [-1, 2]),
    ShapeError,
    /^reshape: 3 elements do not divide into rows of 2/,
  ],
  "reshape with two open extents": [
    () => reshape(x, [-1, -1]),
    ShapeError,
    /^reshape: extents must be whole numbers of at least 0; shape is \[-1\]/,
  ],
  "reshape with negative extents": [
    () => reshape(m, [-2, -3]),
    ShapeError,
    /^reshape: extents must be whole numbers/,
  ],
  "broadcastTo a smaller shape": [
    () => broadcastTo(m, [3]),
    ShapeError,
    /^broadcastTo: .*x is \[2, 3\]; target is \[3\]/,
  ],
  "broadcastTo a negative extent": [
    () => broadcastTo(1, [-2]),
    ShapeError,
    /^broadcastTo: extents must be whole/,
  ],
  "slice outside": [
    () => slice(x, [0, 4]),
    ShapeError,
    /^slice: bounds of axis 0 must be whole numbers from -3 to 3; got 4; x is \[3\]/,
  ],
  "slice with step 0": [
    () => slice(x, [0, 3, 0]),
    ShapeError,
    /^slice: step must be a whole number above 0; got 0.*Axis 0/,
  ],
  "pad with too few pairs": [
    () => pad(m, [[0, 1]]),
    ShapeError,
    /^pad: one pair .* per axis; got \[\[0,1\]\]; x is \[2, 3\]/,
  ],
  "pad by a negative width": [
    () => pad(x, [[-1, 0]]),
    ShapeError,
    /^pad: one pair of whole numbers of at least 0/,
  ],
  "concat of shapes that differ elsewhere": [
    () => concat([m, ones([3, 3])], 1),
    ShapeError,
    /^concat: shapes must agree in every axis but 1; x0 is \[2, 3\]; x1 is \[3, 3\]\. Reshape or broadcast/,
  ],
  "concat of nothing": [() => concat([]), ShapeError, /^concat: at least one array is needed/],
  "scatterAdd of updates of another shape": [
    () => scatterAdd(x, index(0, 1), ones([3])),
    ShapeError,
    /^scatterAdd: the updates must have the shape of the indices from axis 0 on; updates is \[3\]; indices is \[2\]/,
  ],
  "scatterAdd into another shape": [
    () => scatterAdd(m, index(0), ones([1, 4])),
    ShapeError,
    /^scatterAdd: the updates must match x in every other axis; x is \[2, 3\]; added is \[2, 4\]/,
  ],
  "cholesky of an oblong": [
    () => cholesky(m),
    ShapeError,
    /^cholesky: the matrix must be square; matrix is \[2, 3\]/,
  ],
  "triangularSolve with other rows": [
    () => triangularSolve(eye(2), x),
    ShapeError,
    /^triangularSolve: b must have as many rows as the matrix/,
  ],
  "dot of two shapes": [
    () => dot(x, m),
    ShapeError,
    /^dot: both arrays must have the same shape; x is \[3\]; y is \[2, 3\]/,
  ],
  "item of several": [
    () => item(x),
    ShapeError,
    /^item: the array must hold exactly one element; x is \[3\]/,
  ],
  "ragged lists": [
    () => array([[1, 2], [3]]),
    ShapeError,
    /^array: nested lists must be rectangular; .*first is \[2, 2\]/,
  ],
  "a list shallower than the first": [
    () => array([[1], 2]),
    ShapeError,
    /^array: nested lists must be rectangular/,
  ],
  "a shape for another number of elements": [
    () => array([1, 2, 3], [2]),
    ShapeError,
    /^array: .*got 3 elements; shape is \[2\]\. That shape holds 2/,
  ],
  "a fractional extent": [() => zeros([1.5]), ShapeError, /^zeros: extents must be whole numbers/],
  "grad of a vector function": [
    () => grad((y: NdArray) => mul(2, y))(x),
    ShapeError,
    /^grad: the function must return one scalar; it returned an array; output 0 is \[3\]\. Reduce it with sum or mean, or use jacobian/,
  ],
  "grad of a function with one element": [
    () => grad((y: NdArray) => slice(y, [0, 1]))(x),
    ShapeError,
    /Use reshape\(y, \[\]\)/,
  ],
  "a tangent of another shape": [
    () => jvp((y: NdArray) => y)([x], [ones([2])]),
    ShapeError,
    /^jvp: tangents\[0\] must have the shape of the value it belongs to; got is \[2\]; expected is \[3\]/,
  ],
  "a cotangent of another shape": [
    () => vjp((y: NdArray) => y)(x)[1](ones([2])),
    ShapeError,
    /^vjp: cotangent must have the shape/,
  ],

  // element types
  "two element types": [
    () => add(x, single),
    DTypeError,
    /^add: element types must agree; got x float64, y float32\. Change one with convert\(x, dtype\)/,
  ],
  "exp of whole numbers": [
    () => exp(index(1)),
    DTypeError,
    /^exp: elements must be float64 or float32; got int32\. Use convert\(x, "float64"\)/,
  ],
  "matmul of two types": [
    () => matmul(ones([1, 1]), ones([1, 1], "float32")),
    DTypeError,
    /^matmul: element types must agree; got a float64, b float32/,
  ],
  "triangularSolve of two types": [
    () => triangularSolve(eye(3), single),
    DTypeError,
    /^triangularSolve: element types must agree; got matrix float64, b float32/,
  ],
  "concat of two types": [
    () => concat([x, single]),
    DTypeError,
    /^concat: element types must agree; got float64, float32/,
  ],
  "a mask that is not int32": [
    () => select(x, x, x),
    DTypeError,
    /^select: the mask must be int32; got float64\. Make it with less/,
  ],
  "indices that are not int32": [
    () => gather(x, array([0])),
    DTypeError,
    /^gather: indices must be int32; got float64\. Use array\(\[…\], undefined, "int32"\)/,
  ],
  "a fraction as int32": [
    () => array([0.5], undefined, "int32"),
    DTypeError,
    /^array: int32 holds whole numbers from −2\^31 to 2\^31 − 1; got 0\.5/,
  ],
  "elements that are not numbers": [
    () => array([undefined as unknown as number]),
    DTypeError,
    /^array: elements must be numbers; got undefined/,
  ],
  "differentiating whole numbers": [
    () => grad((y: NdArray) => sum(convert(y, "float64")))(index(1)),
    DTypeError,
    /^grad: only floating-point arrays can be differentiated; x is int32\. Pass it as a further argument, or close over it/,
  ],
  "grad of a whole number": [
    () => grad((y: NdArray) => convert(sum(y), "int32"))(x),
    DTypeError,
    /^grad: the function must return a floating-point scalar; got int32/,
  ],
  "a tangent of another type": [
    () => jvp((y: NdArray) => y)([x], [single]),
    DTypeError,
    /^jvp: tangents\[0\] must be float64, as the value it belongs to; got float32/,
  ],

  // axes and indices
  "an axis outside": [
    () => sum(m, 2),
    AxisError,
    /^sum: axis must be a whole number from -2 to 1 for an array of rank 2; got 2\. Negative axes count/,
  ],
  "an axis of a scalar": [
    () => cumsum(1),
    AxisError,
    /^cumsum: axis .* rank 0; got 0\. A scalar has no axes/,
  ],
  "an axis twice": [() => sum(m, [0, -2]), AxisError, /^sum: each axis may be named once; got \[0, 0\]/],
  "half a permutation": [
    () => transpose(m, [1]),
    AxisError,
    /^transpose: the permutation must name each of 2 axes once; got \[1\]/,
  ],
  "too many ranges": [
    () => slice(x, [], []),
    AxisError,
    /^slice: at most one range per axis; got 2 for an array of rank 1/,
  ],
  "stack along an axis outside": [
    () => stack([x, x], 2),
    AxisError,
    /^stack: the new axis must be a whole number from -2 to 1 for arrays of rank 1; got 2\. Negative axes count/,
  ],
  "gather outside": [
    () => gather(x, index(0, 3)),
    IndexError,
    /^gather: indices must be from 0 to 2; got 3 at position 1/,
  ],
  "scatterAdd outside": [
    () => scatterAdd(x, index(-1), ones([1])),
    IndexError,
    /^scatterAdd: indices must be from 0 to 2; got -1/,
  ],

  // domains
  "max of nothing": [
    () => max(zeros([2, 0]), 1),
    DomainError,
    /^max: there is no max over an empty axis; x is \[2, 0\], reduced over axes \[1\]/,
  ],
  "cholesky of an indefinite matrix": [
    () =>
      cholesky(
        array([
          [1, 2],
          [2, 1],
        ]),
      ),
    DomainError,
    /^cholesky: the matrix must be positive definite; pivot 1 is -3\. Add a multiple of the identity/,
  ],
  "cholesky of an indefinite matrix of a batch": [
    () => cholesky(stack([eye(2), mul(-1, eye(2))])),
    DomainError,
    /pivot 0 of matrix 1 is -1/,
  ],
  "a NaN where a check was asked for": [
    () => compile((y: NdArray) => div(y, y), { checkFinite: true })(0),
    NonFiniteError,
    /^div: every result must be finite; equation 0 gave NaN at element 0, from inputs \[\], \[\]/,
  ],

  // traced values
  "branching on a traced value": [
    () => grad((y: NdArray) => (Number(y) > 0 ? y : mul(2, y)))(1),
    TracedValueError,
    /^conversion to a number or a string: a traced value has a shape and a type but no elements yet; got float64\[\]\. Compare with less, equal, … and choose with select instead of branching/,
  ],
  "comparing a traced value": [
    () => grad((y: NdArray) => ((y as unknown as number) > 0 ? y : mul(2, y)))(1),
    TracedValueError,
    /choose with select/,
  ],
  "printing a traced value": [
    () => grad((y: NdArray) => (String(y) ? y : y))(1),
    TracedValueError,
    /print it outside/,
  ],
  "reading the data of a traced value": [
    () => grad((y: NdArray) => log(y.data[0]!))(1),
    TracedValueError,
    /^data: /,
  ],
  "item of a traced value": [() => grad((y: NdArray) => log(item(y)))(1), TracedValueError, /^data: /],
  "toNested of a traced value": [
    () => compile((y: NdArray) => array(toNested(y)))(1),
    TracedValueError,
    /^data: /,
  ],
  "JSON of a traced value": [
    () => grad((y: NdArray) => log(JSON.stringify(y).length))(1),
    TracedValueError,
    /^JSON: /,
  ],
  "using a traced value afterwards": [
    () => {
      grad((y: NdArray) => {
        leaked = mul(2, y);
        return leaked;
      })(1);
      return add(leaked!, 1);
    },
    TraceLeakError,
    /^add: a traced value may be used only while its function is traced; got float64\[\]\. Return it from the function instead of storing it outside/,
  ],
  "using a traced value inside a later trace": [
    () => grad((y: NdArray) => mul(y, leaked!))(1),
    TraceLeakError,
    /may be used only while its function is traced/,
  ],

  // trees
  "a leaf that is no array": [
    () => grad((p: { w: NdArray }) => p.w)({ w: "1" as unknown as NdArray }),
    TreeError,
    /^grad: leaves must be arrays or numbers; got "1" at x\.w\. Pass arrays/,
  ],
  "an asynchronous function": [
    () => grad((async (y: NdArray) => y) as unknown as (y: NdArray) => NdArray)(1),
    TreeError,
    /got a promise \(traced functions must be synchronous\)/,
  ],
  "a tangent of another structure": [
    () => hvp((p: { w: NdArray }) => sum(p.w))({ w: x }, { v: x } as unknown as { w: NdArray }),
    TreeError,
    /^hvp: v must have the structure of the value it belongs to; got leaves v\.v, expected 1: x\.w/,
  ],
  "trees that do not match": [
    () => zipTree((a) => a, [x], [x, x]),
    TreeError,
    /^zipTree: trees must have the same structure; got leaves \[0\] and \[0\], \[1\]/,
  ],

  // backends
  "a primitive without a kernel": [
    () => bind({ ...primitives.exp, name: "mystery" }, [x], {}),
    UnsupportedError,
    /^mystery: the reference backend has no kernel for it\. Give it an expand function/,
  ],

  // options
  "an option of compile alone": [
    () => compileStages((y: NdArray) => [y, (z: NdArray) => ({ z })], list, { checkFinite: true } as object),
    DomainError,
    /^compileStages: there is no option checkFinite\. The options are backend, dtype\.$/,
  ],
  "a misspelt option of a loop": [
    () => iterate(same, { dtyp: "float32" } as object),
    DomainError,
    /^iterate: there is no option dtyp\. The options are backend, dtype\.$/,
  ],
  "no backend for an asynchronous program": [
    () => compileAsync(same, {} as never),
    DomainError,
    /^compileAsync: backend must be an asynchronous backend; got undefined\. The options are backend, dtype\.$/,
  ],
  "the wrong kind of backend": [
    () => iterateAsync(same, { backend: reference } as never),
    DomainError,
    /^iterateAsync: backend must be an asynchronous backend; got Object\./,
  ],
  "a mode that does not exist": [
    () => jacobian(same, { mode: "fwd" as "forward" }),
    DomainError,
    /^jacobian: mode must be "forward" or "reverse"; got "fwd"\. The options are mode, argnums, hasAux\.$/,
  ],
  "a precision that does not exist": [
    () => compile(same, { dtype: "float16" as "float32" }),
    DomainError,
    /^compile: dtype must be "float64" or "float32"; got "float16"\./,
  ],
  "an arithmetic that does not exist": [
    () => createWasmBackend({ arithmetic: "fast" as "relaxed" }),
    DomainError,
    /^createWasmBackend: arithmetic must be "strict" or "relaxed"; got "fast"\./,
  ],
  "a text where true or false is expected": [
    () => sum(x, 0, { keepDims: "no" as unknown as boolean }),
    DomainError,
    /^sum: keepDims must be true or false; got "no"\. The options are keepDims\.$/,
  ],

  // values of the wrong kind
  "no number": [
    () => scalar(undefined as unknown as number),
    DTypeError,
    /^scalar: the value must be a number; got undefined\./,
  ],
  "a text for a number": [
    () => full([2], "x" as unknown as number),
    DTypeError,
    /^full: the value must be a number; got "x"\./,
  ],
  "an element type that does not exist": [
    () => convert(x, "float16" as "float32"),
    DTypeError,
    /^convert: the element type must be "float64", "float32" or "int32"; got "float16"\./,
  ],
  "a number for a shape": [
    () => zeros(3 as unknown as number[]),
    ShapeError,
    /^zeros: a shape is a list of extents; got 3\. Give it as a list such as \[2, 3\]/,
  ],
  "an array for an extent": [
    () => reshape(x, [x as unknown as number]),
    ShapeError,
    /^reshape: extents must be whole numbers of at least 0; shape is \[float64\[3\]\]/,
  ],
  "a number for a function": [
    () => grad(3 as never),
    DomainError,
    /^grad: the function must be a function; got 3\. Pass the function itself\.$/,
  ],
  "primals that are no list": [
    () => jvp(same)(x as never, x as never),
    TreeError,
    /^jvp: primals must be a list; got float64\[3\]\. Write jvp\(f\)\(\[x\], \[dx\]\), with one entry for each argument/,
  ],
  "tangents that are no list": [
    () => jvp(same)([x], x as never),
    TreeError,
    /^jvp: tangents must be a list; got float64\[3\]\. Write jvp/,
  ],
  "a custom function that gives a list": [
    () => customFunction({ name: "pair", apply: list as never, vjp: (yBar) => [yBar] })(x),
    DTypeError,
    /^pair: what apply returns must be an array or a number; got Array\. Make it one with array/,
  ],
  "a custom function without a function": [
    () => customFunction({ name: "none", vjp: (yBar: NdArray) => [yBar] } as never),
    DomainError,
    /^customFunction: apply must be a function; got undefined\./,
  ],
  "too few leaves for a structure": [
    () => unflatten(flatten([x, x]).structure, [x]),
    TreeError,
    /^unflatten: the structure holds 2 leaves; got 1\. Pass as many as flatten found/,
  ],
  "an axis beyond those of the result": [
    () => expandDims(x, 5),
    AxisError,
    /^expandDims: the new axis must be a whole number from -2 to 1 for arrays of rank 1; got 5\./,
  ],
  "a block larger than its array": [
    () => dynamicSlice(x, index(0), [4]),
    ShapeError,
    /^dynamicSlice: the block must fit into x; x is \[3\]; block is \[4\]/,
  ],

  // laws
  "a wrong derivative": [
    () => checkGradients((y: NdArray) => exp(y), [single]),
    DTypeError,
    /^checkGradients: difference quotients need float64; args\[0\] is float32/,
  ],
  "a jump": [
    () => checkGradients((y: NdArray) => convert(convert(y, "int32"), "float64"), [array(1)]),
    LawViolation,
    /^jvp matches differences: /,
  ],
};

describe("every fault is a typed error that says what, where and how to mend it", () => {
  it.each(Object.entries(faults))("%s", (_what, [attempt, error, message]) => {
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(message);
  });

  it("a custom function may give a number", () => {
    const constant = customFunction({
      name: "constant",
      apply: () => 2 as never,
      jvp: ([dx]) => mul(0, sum(dx!)),
    });
    expect(item(constant(x))).toBe(2);
    expect(item(compile((y: NdArray) => constant(y))(x))).toBe(2);
  });

  it("is an AutodiffError with its parts as fields", () => {
    let caught: unknown;
    try {
      add(m, ones([2]));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AutodiffError);
    expect(caught).toMatchObject({
      name: "ShapeError",
      op: "add",
      shapes: { x: [2, 3], y: [2] },
      repair: "Reshape one of them, or insert an axis with expandDims.",
    });
  });
});

it("shapes, axes and indices at the edge of what is allowed are not faults", () => {
  expect(sum(m, []).shape).toEqual([2, 3]);
  expect(slice(x, [3, 3]).shape).toEqual([0]);
  expect(reshape(zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
  expect(toNested(oneHot(index(-1, 5), 2))).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(toNested(gather(x, 2))).toBe(3);
  expect(stack([1, scalar(2, "float32")]).dtype).toBe("float32");
  expect(max(full([0, 2], 1), 1).shape).toEqual([0]);
});

describe("arguments that are no arrays, from untyped callers", () => {
  // Each is handed what the types forbid: a field that is missing, a list that was not made an array.
  const absent = undefined as unknown as NdArray;
  const list = [1, 2] as unknown as NdArray;
  it.each([
    ["add", () => add(absent, 1), "x must be an array or a number; got undefined"],
    ["add", () => add(1, list), "y must be an array or a number; got Array"],
    ["exp", () => exp("a" as unknown as NdArray), 'x must be an array or a number; got "a"'],
    ["sum", () => sum(absent), "x must be an array or a number; got undefined"],
    ["matmul", () => matmul(array([[1]]), absent), "b must be an array or a number; got undefined"],
    ["gather", () => gather(absent, 0), "x must be an array or a number; got undefined"],
  ])("%s", (op, call, problem) => {
    expect(call).toThrow(DTypeError);
    expect(call).toThrow(`${op}: ${problem}`);
  });
});
