import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { createWasmBackend, wasm } from "../../../src/backends/wasm/index.ts";
import {
  array,
  broadcastTo,
  compile,
  exp,
  grad,
  matmul,
  mul,
  type NdArray,
  sum,
  tanh,
  UnsupportedError,
  zeros,
} from "../../../src/index.ts";
import type { Graph } from "../../../src/trace/graph.ts";
import { graphOf } from "./support/graph-of.ts";

describe("compilation is cached", () => {
  const f = (x: NdArray): NdArray => sum(mul(tanh(x), x));
  const x = array([1, 2, 3]);

  it("one executable for equal graphs, in one backend", () => {
    const backend = createWasmBackend();
    expect(backend.compile(graphOf(f, x))).toBe(backend.compile(graphOf(f, x)));
    expect(backend.compile(graphOf(f, x))).not.toBe(createWasmBackend().compile(graphOf(f, x)));
  });

  it("another one where shape, element type, constants or settings differ", () => {
    const backend = createWasmBackend();
    const graphs: Graph[] = [
      graphOf(f, x),
      graphOf(f, array([1, 2])),
      graphOf(f, array(Float32Array.of(1, 2, 3))),
      graphOf((y: NdArray) => mul(y, 0), x),
      graphOf((y: NdArray) => mul(y, -0), x),
      graphOf((y: NdArray) => mul(y, Number.NaN), x),
      graphOf((y: NdArray) => mul(y, array([1, 2, 4])), x),
      graphOf((y: NdArray) => mul(y, array([1, 2, 3])), x),
    ];
    expect(new Set(graphs.map((graph) => backend.compile(graph))).size).toBe(graphs.length);
  });
});

describe("runs", () => {
  it("do not share results", () => {
    const f = compile((x: NdArray) => mul(x, 2), { backend: wasm });
    const first = f(array([1, 2]));
    f(array([5, 6]));
    expect(Array.from(first.data)).toEqual([2, 4]);
  });

  it("of more than 2 GiB are refused before anything is allocated", () => {
    const spreadOut = (x: NdArray): NdArray => tanh(broadcastTo(x, [20_000, 20_000]));
    expect(() => compile(spreadOut, { backend: wasm })(array([1]))).toThrow(
      new UnsupportedError(
        "wasm",
        "this program's arrays take 3.0 GiB at once, and the wasm backend reaches 2.0 GiB",
        "Work on fewer rows at a time.",
      ),
    );
  });

  it("on arrays without elements give arrays without elements, and empty sums", () => {
    const f = (x: NdArray, w: NdArray): NdArray[] => [tanh(matmul(x, w)), sum(x, 0), grad(g)(w, x)];
    const g = (w: NdArray, x: NdArray): NdArray => sum(tanh(matmul(x, w)));
    const outputs = compile(f, { backend: wasm })(zeros([0, 3]), array([[1, 2], [3, 4], [5, 6]])); // biome-ignore format: a matrix
    expect(outputs.map(({ shape }) => shape)).toEqual([[0, 2], [3], [3, 2]]);
    expect(outputs.map(({ data }) => Array.from(data))).toEqual([[], [0, 0, 0], new Array(6).fill(0)]);
  });

  it("of several programs in turn keep their constants, small after large and large after small", () => {
    const addConstant = (size: number, value: number): ((x: NdArray) => NdArray) => {
      const constant = array(Float64Array.from({ length: size }, (_, i) => value + i));
      return compile((x: NdArray) => mul(constant, x), { backend: wasm });
    };
    const programs = [10, 50_000, 3, 200_000, 7].map((size) => ({ size, run: addConstant(size, size) }));
    for (const { size, run } of [...programs, ...programs.toReversed(), ...programs]) {
      const y = run(array(new Float64Array(size).fill(2)));
      expect([y.data[0], y.data[size - 1]]).toEqual([2 * size, 2 * (2 * size - 1)]);
    }
  });

  it("pass an input through, and return one value twice", () => {
    const f = compile((x: NdArray) => ({ same: x, twice: [exp(x), exp(x)] }), { backend: wasm });
    const x = array([0, 1]);
    const y = f(x);
    expect(Array.from(y.same.data)).toEqual([0, 1]);
    expect(Array.from(y.twice[0]!.data)).toEqual(Array.from(y.twice[1]!.data));
  });

  it("may add products unrounded when asked for by name, and only then", () => {
    const product = (a: NdArray, b: NdArray): NdArray => matmul(a, b);
    const numbers = (stream: number): NdArray =>
      array(
        Float64Array.from({ length: 1600 }, (_, i) => Math.sin(i * (stream + 0.7))),
        [40, 40],
      );
    const [a, b] = [numbers(1), numbers(2)];
    const exact = compile(product)(a, b).data;
    const strict = compile(product, { backend: createWasmBackend() })(a, b).data;
    const relaxed = compile(product, { backend: createWasmBackend({ arithmetic: "relaxed" }) })(a, b).data;
    expect(Array.from(strict)).toEqual(Array.from(exact));
    relaxed.forEach((x, i) => {
      expect(Math.abs(x - exact[i]!)).toBeLessThan(1e-13);
    });
  });

  it("refuse what is no primitive of the engine, by name", () => {
    const graph = graphOf((x: NdArray) => exp(x), array([1]));
    const [equation] = graph.equations;
    const strange = {
      ...graph,
      equations: [{ ...equation!, primitive: { ...equation!.primitive, name: "besselJ" } }],
    };
    expect(() => wasm.compile(strange)).toThrow(UnsupportedError);
    expect(() => wasm.compile(strange)).toThrow(/besselJ/);
  });

  it("give the same bits in a worker thread", async () => {
    const gradient = compile(
      grad((w: NdArray, x: NdArray) => sum(tanh(matmul(x, w)))),
      { backend: wasm },
    );
    const w = array(
      Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [3, 4],
    );
    const x = array(
      Float32Array.from({ length: 21 }, (_, i) => Math.cos(i)),
      [7, 3],
    );
    const worker = new Worker(new URL("./support/gradient-worker.ts", import.meta.url), {
      execArgv: ["--conditions=sgmrl-source"],
    });
    const there = await new Promise<number[]>((resolve, reject) =>
      worker.once("message", resolve).once("error", reject),
    );
    await worker.terminate();
    expect(there).toEqual(Array.from(gradient(w, x).data));
  });
});
