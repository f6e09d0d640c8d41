import { describe, expect, it } from "vitest";
import { planGraph } from "../src/backends/wasm/compile.ts";
import { createWasmBackend } from "../src/backends/wasm/index.ts";
import { readBy } from "../src/backends/wasm/plan/memory.ts";
import type { Node } from "../src/backends/wasm/plan/nodes.ts";
import {
  array,
  type Backend,
  cholesky,
  compileStages,
  DomainError,
  type Graph,
  grad,
  hvp,
  item,
  matmul,
  mul,
  type NdArray,
  ones,
  reference,
  ShapeError,
  sum,
  TreeError,
  tanh,
} from "../src/index.ts";

const wasm = createWasmBackend();
const cubes = (x: NdArray): NdArray => sum(mul(x, mul(x, x)));
const derivatives = (backend: Backend = wasm) =>
  compileStages(
    (x: NdArray) => [
      { gradient: grad(cubes)(x) },
      (v: NdArray) => ({ product: hvp(cubes)(x, v), inner: sum(mul(v, x)) }),
    ],
    (x): [NdArray] => [x],
    { backend },
  );

describe.each([wasm, reference])("[eq:stages] compileStages on $name", (backend) => {
  it("gives the results that are asked for", () => {
    const [{ gradient }, later] = derivatives(backend)(array([1, 2]));
    expect([...gradient.data]).toEqual([3, 12]);
    const { product, ...others } = later(["product"], array([1, 10]));
    expect([...product.data]).toEqual([6, 120]);
    expect(others).toEqual({});
    expect(item(later(["inner"], array([3, 4])).inner)).toBe(11);
    expect(later([], array([3, 4]))).toEqual({});
  });

  it("keeps what it was called with, whatever happens to it", () => {
    const staged = derivatives(backend);
    const x = array([1, 2]);
    const [, later] = staged(x);
    x.data.fill(100);
    expect([...later(["product"], array([1, 1])).product.data]).toEqual([6, 12]);
    staged(array([7, 7]));
    expect([...later(["product"], array([1, 1])).product.data]).toEqual([6, 12]);
  });

  it("runs where nothing is known first", () => {
    const staged = compileStages(
      () => [tanh(array(1)), (v: NdArray) => ({ y: mul(v, tanh(array(2))) })],
      (): [NdArray] => [array(0)],
      { backend },
    );
    const [y, later] = staged();
    expect([item(y), item(later(["y"], 3).y)]).toEqual([item(tanh(array(1))), item(mul(3, tanh(array(2))))]);
  });

  it("is inlined in other programs", () => {
    const f = derivatives(backend);
    const along = (x: NdArray): NdArray => sum(f(x)[1](["product"], x).product); // Σ 6 x²
    expect([...grad(along)(array([1, 2])).data]).toEqual([12, 24]);
    const [, later] = f(array([1, 2]));
    expect([...grad((v: NdArray) => sum(later(["product"], v).product))(array([5, 5])).data]).toEqual([
      6, 12,
    ]);
  });

  it("converts every argument to the precision asked for", () => {
    const staged = compileStages(
      (x: NdArray) => [tanh(x), (v: NdArray) => ({ y: mul(v, x) })],
      (x): [NdArray] => [x],
      { backend, dtype: "float32" },
    );
    const [y, later] = staged(array(0.1));
    expect([y.dtype, later(["y"], 0.1).y.dtype]).toEqual(["float32", "float32"]);
  });

  it("goes on after an error of a later stage", () => {
    const staged = compileStages(
      (x: NdArray) => [sum(x), (v: NdArray) => ({ y: cholesky(mul(v, x)) })],
      (x): [NdArray] => [x],
      { backend },
    );
    const [, later] = staged(array([[4]]));
    expect(() => later(["y"], array([[-1]]))).toThrow(DomainError);
    expect([...later(["y"], array([[4]])).y.data]).toEqual([4]);
  });

  it("refuses what does not fit", () => {
    const staged = derivatives(backend);
    const [, later] = staged(array([1, 2]));
    expect(() => later(["sum" as "inner"], array([1, 2]))).toThrow(
      /no result sum.*The results are inner, product/s,
    );
    expect(() => later(["product"], array([1, 2, 3]))).toThrow(ShapeError);
    expect(() => later(["product"], ...([1, 2] as unknown as [NdArray]))).toThrow(TreeError);
    expect(() => staged(...([array(1), array(2)] as unknown as [NdArray]))).toThrow(/at most 1/);
    const listed = compileStages(
      (x: NdArray) => [x, (v: NdArray) => [v] as unknown as { v: NdArray }],
      (x): [NdArray] => [x],
      { backend },
    );
    expect(() => listed(array(1))).toThrow(/must return a record/);
  });
});

describe("the later stage on wasm", () => {
  const layer = (W: NdArray, x: NdArray): NdArray => sum(tanh(matmul(tanh(matmul(x, W)), W)));
  const W = mul(0.1, ones([9, 9]));
  const graphs: [graph: Graph, known: number][] = [];
  const watched: Backend = {
    ...wasm,
    compileStages(graph, known, now) {
      graphs.push([graph, known]);
      return wasm.compileStages!(graph, known, now);
    },
  };
  const staged = compileStages(
    (at: NdArray, x: NdArray) => [grad(layer)(at, x), (v: NdArray) => ({ y: hvp(layer)(at, v, x) })],
    (at): [NdArray] => [at],
    { backend: watched },
  );
  staged(W, ones([50, 9]));
  const [graph, known] = graphs[0]!;
  const { steps, once } = planGraph(graph, "strict", known);
  const count = (of: typeof steps, op: string): number =>
    of
      .flatMap((step) => (step.kind === "kernel" ? [step.node.name] : step.nodes.map((node) => node.op)))
      .filter((name) => name === op).length;

  it("computes no product and no tanh again", () => {
    expect(count(steps.slice(0, once), "tanh")).toBe(2);
    expect(count(steps.slice(once), "tanh")).toBe(0);
    expect(count(steps.slice(once), "sechSquared")).toBe(0);
    // z = h W and δ Wᵀ, hᵀ δ of the gradient; h V + ḣ W, δ Vᵀ + δ̇ Wᵀ, hᵀ δ̇ + ḣᵀ δ of the product, where ẋ = 0
    expect([count(steps.slice(0, once), "matmul"), count(steps.slice(once), "matmul")]).toEqual([5, 8]);
    const alone = planGraph({ ...graph, outputs: graph.outputs.slice(1) });
    expect(count(alone.steps, "matmul")).toBe(8 + 3);
  });

  it("keeps no value that costs little", () => {
    const made = new Set<Node>(
      steps
        .slice(0, once)
        .flatMap((step): readonly Node[] => (step.kind === "kernel" ? [step.node] : step.stored)),
    );
    const kept = new Set(
      steps
        .slice(once)
        .flatMap(readBy)
        .map(({ node }) => node),
    );
    const rows = [...kept].filter(({ type }) => type.shape.join() === "50,9");
    // h₁, h₂ and their slopes, and δ Wᵀ; no product of these
    expect(rows.filter((node) => made.has(node)).length).toBe(5);
  });
});
