import { describe, expect, it } from "vitest";
import {
  add,
  array,
  type Backend,
  compile,
  convert,
  DTypeError,
  exp,
  grad,
  hvp,
  item,
  jvp,
  mul,
  type NdArray,
  ones,
  reference,
  sum,
  toNested,
  vmap,
} from "../src/index.ts";

describe("compile", () => {
  it("traces once for each signature: structure, shapes and element types", () => {
    let traces = 0;
    const f = compile((x: NdArray, rest: readonly NdArray[]) => {
      traces++;
      return rest.reduce<NdArray>((total, y) => add(total, sum(y)), sum(x));
    });
    const one = array([1, 2]);
    expect(item(f(one, [one]))).toBe(6);
    expect(item(f(array([5, 6]), [one]))).toBe(14);
    expect(traces).toBe(1);
    f(array([1, 2, 3]), [one]); // another shape
    f(one, [one, one]); // another structure
    f(array(new Float32Array(2)), [array(new Float32Array(2))]); // another element type
    f(one, [one]);
    expect(traces).toBe(4);
  });

  it("tells signatures apart that could be written alike", () => {
    let traces = 0;
    const f = compile((...args: readonly unknown[]) => {
      traces++;
      return array(args.length);
    });
    const [x, flat, row, thin] = [ones([2, 3]), ones([6]), ones([1, 6]), ones([23])];
    const signatures = [
      [x],
      [flat],
      [row],
      [thin],
      [x, flat],
      [[x], flat],
      [[x, flat]],
      [x, [flat]],
      [[], [x, flat]],
      [{ a: x, b: flat }],
      [{ a: { b: x }, c: flat }],
      [{ a: { b: x, c: flat } }],
      [{ a: [], b: x, c: flat }],
      [{ "a[]b": x, c: flat }],
      [{ 'a"[]"b': x, c: flat }],
      [convert(x, "float32")],
      [convert(x, "int32")],
    ];
    for (const args of [...signatures, ...signatures]) f(...args);
    expect(traces).toBe(signatures.length);
  });

  it("is inlined under a trace, and so can be differentiated", () => {
    const f = compile((x: NdArray) => sum(mul(x, exp(x))));
    const x = array([0, 1]);
    const [atZero, atOne] = toNested(grad<NdArray, []>(f)(x)) as number[];
    expect(atZero).toBe(1);
    expect(atOne).toBeCloseTo(2 * Math.E, 14);
    expect(toNested(hvp<NdArray, []>(f)(x, array([1, 0])))).toEqual([2, 0]);
  });

  it("is inlined when it closes over a value being traced", () => {
    const f = (w: NdArray): NdArray => compile((x: NdArray) => mul(w, x))(5);
    expect(item(grad(f)(2))).toBe(5);
  });

  it("differentiates what it closes over, whether or not it has run before", () => {
    const holder = { w: array(2) };
    const f = compile((x: NdArray) => mul(holder.w, mul(x, x)));
    const outer = (w: NdArray): NdArray => {
      const before = holder.w;
      holder.w = w;
      const y = add(f(array(3)), f(mul(w, 1))); // with arguments of its own, and of the outer function
      holder.w = before;
      return y; // 9 w + w³
    };
    expect(item(grad(outer)(2))).toBe(9 + 12); // not cached
    expect(item(f(3))).toBe(18); // now it is
    expect(item(grad(outer)(2))).toBe(9 + 12);
    expect(item(hvp<NdArray, []>(outer)(2, 1))).toBe(12);
    expect(item(jvp(outer)([2], [1])[1])).toBe(21);
    expect(toNested(vmap(outer)(array([2, 3])))).toEqual([26, 54]);
    expect(item(compile(grad(outer))(2))).toBe(21);
    expect(item(f(3))).toBe(18); // nothing of the traces is left in it
  });

  it("runs as a program under a trace whose values it does not use", () => {
    let compiled = 0;
    const spy: Backend = {
      name: "spy",
      compile: (graph) => {
        compiled++;
        return reference.compile(graph);
      },
    };
    const f = compile((x: NdArray) => mul(x, x), { backend: spy });
    const slope = grad((w: NdArray) => mul(w, f(array(3))));
    expect([item(slope(1)), item(slope(1)), compiled]).toEqual([9, 9, 1]);
  });

  it("keeps the programs of the signatures used last, and no more", () => {
    const compiled: number[] = [];
    const spy: Backend = {
      name: "spy",
      compile: (graph) => {
        compiled.push(graph.inputs[0]!.shape[0]!);
        return reference.compile(graph);
      },
    };
    const f = compile((x: NdArray) => sum(x), { backend: spy });
    const run = (n: number): number => item(f(ones([n])));
    for (let n = 0; n < 256; n++) expect(run(n)).toBe(n);
    run(0); // used again, so 1 is now the oldest
    run(256);
    compiled.length = 0;
    expect([run(0), run(256), run(255), run(1), run(1)]).toEqual([0, 256, 255, 1, 1]);
    expect(compiled).toEqual([1]);
  });

  it("treats arrays it closes over as constants", () => {
    const weight = array([2, 3]);
    expect(toNested(compile((x: NdArray) => mul(weight, x))(array([1, 10])))).toEqual([2, 30]);
  });

  it("compiles a derivative, trees in and out", () => {
    const slopes = compile(grad((p: { a: NdArray; b: NdArray }) => sum(mul(p.a, p.b))));
    const gradient = slopes({ a: array([1, 2]), b: array([3, 4]) });
    expect([toNested(gradient.a), toNested(gradient.b)]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  it("runs in float32 throughout, constants and conversions included", () => {
    const third = array([1 / 3]);
    const f = compile((x: NdArray) => convert(add(mul(x, third), 0.1), "float64"), { dtype: "float32" });
    const y = f(array([1]));
    expect(y.dtype).toBe("float32");
    expect(y.data[0]).toBe(Math.fround(Math.fround(1 / 3) + Math.fround(0.1)));
  });

  it("keeps whole numbers whole in float32", () => {
    const f = compile((x: NdArray, i: NdArray) => add(x, convert(i, "float64")), { dtype: "float32" });
    expect(toNested(f(array([0.5]), array([3], undefined, "int32")))).toEqual([3.5]);
  });

  it("reports a fault of the function when it is traced", () => {
    const f = compile((x: NdArray) => add(x, array(new Float32Array(2))));
    expect(() => f(array([1, 2]))).toThrow(DTypeError);
  });
});
