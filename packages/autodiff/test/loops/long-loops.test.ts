import { describe, expect, it } from "vitest";
import { planGraph } from "../../src/backends/wasm/compile.ts";
import {
  add,
  array,
  compile,
  dot,
  full,
  grad,
  hvp,
  jvp,
  mul,
  type NdArray,
  type ScanOptions,
  scan,
  sin,
  stack,
  sub,
  sum,
  tanh,
  valueGradAndHvp,
} from "../../src/index.ts";
import { distance } from "../backends/support/distance.ts";
import { graphOf } from "../backends/wasm/support/graph-of.ts";

const h = 0.01;

type State = readonly [q: NdArray, p: NdArray];

/** Semi-implicit Euler: p' = p − h f(q), q' = q + h p'. */
const swing =
  (force: (q: NdArray) => NdArray) =>
  ([q, p]: State): State => {
    const pNext = sub(p, mul(h, force(q)));
    return [add(q, mul(h, pNext)), pNext];
  };

const start = array([0.8, -0.3]);
const direction = array([0.5, 1]);

/** ½ q_T² + Σ_t h q_t p_t of the state that starts at x = (q_0, p_0). */
function cost(force: (q: NdArray) => NdArray, steps: number, options: ScanOptions = {}) {
  return (x: NdArray): NdArray => {
    const [q, p] = [sum(mul(x, array([1, 0]))), sum(mul(x, array([0, 1])))];
    const step = (state: State): readonly [State, NdArray] => {
      const next = swing(force)(state);
      return [next, mul(h, mul(next[0], next[1]))];
    };
    const [end, works] = scan(step, [q, p] as State, steps, options);
    return add(mul(0.5, mul(end[0], end[0])), sum(works));
  };
}

function unrolledCost(force: (q: NdArray) => NdArray, steps: number) {
  return (x: NdArray): NdArray => {
    let state: State = [sum(mul(x, array([1, 0]))), sum(mul(x, array([0, 1])))];
    const works: NdArray[] = [];
    for (let t = 0; t < steps; t++) {
      state = swing(force)(state);
      works.push(mul(h, mul(state[0], state[1])));
    }
    return add(mul(0.5, mul(state[0], state[0])), sum(stack(works)));
  };
}

describe.each([{}, { checkpoint: "sqrt" as const }])("a pendulum, %o", (options) => {
  it("has the gradient and the Hessian-vector product of the unrolled program, over 100 steps", () => {
    const got = compile(valueGradAndHvp(cost(sin, 100, options)))(start, direction);
    const expected = valueGradAndHvp(unrolledCost(sin, 100))(start, direction);
    got.forEach((y, i) => {
      expect(distance(y, expected[i]!)).toBeLessThanOrEqual(1e-13);
    });
  });

  it("is differentiated over 10,000 steps: forward and reverse mode agree, and the Hessian is symmetric", () => {
    const f = cost(sin, 10_000, options);
    const gradient = compile(grad(f))(start);
    for (const v of [array([1, 0]), array([0, 1])]) {
      const [, slope] = compile((x: NdArray, dx: NdArray) => jvp(f)([x], [dx]))(start, v);
      expect(distance(dot(gradient, v), slope)).toBeLessThanOrEqual(1e-10);
    }
    const product = compile(hvp(f));
    const [first, second] = [product(start, array([1, 0])), product(start, array([0, 1]))];
    expect(distance(array(first.data[1]!), array(second.data[0]!))).toBeLessThanOrEqual(1e-9);
    expect(Math.abs(first.data[1]!)).toBeGreaterThan(1e-3);
  });

  /**
   * With f(q) = q a step is a matrix M of determinant 1 and trace 2 − h² = 2 cos φ, so by Cayley and Hamilton
   *   M^T = (sin Tφ M − sin (T − 1)φ I)/sin φ
   */
  it("has the closed form's derivatives where the force is linear, over 10,000 steps", () => {
    const T = 10_000;
    const phi = Math.acos(1 - (h * h) / 2);
    const [a, b] = [Math.sin(T * phi) / Math.sin(phi), Math.sin((T - 1) * phi) / Math.sin(phi)];
    const row = [a * (1 - h * h) - b, a * h]; // of q_T in (q_0, p_0)
    const end = (x: NdArray): NdArray => {
      const [q, p] = [sum(mul(x, array([1, 0]))), sum(mul(x, array([0, 1])))];
      const [[qT]] = scan((s: State) => [swing((z) => z)(s), undefined], [q, p] as State, T, options);
      return mul(0.5, mul(qT, qT));
    };
    const qT = row[0]! * 0.8 - row[1]! * 0.3;
    const [value, gradient, product] = compile(valueGradAndHvp(end))(start, direction);
    expect(distance(value, array((qT * qT) / 2))).toBeLessThanOrEqual(1e-9);
    expect(distance(gradient, array(row.map((m) => m * qT)))).toBeLessThanOrEqual(1e-9);
    const along = row[0]! * 0.5 + row[1]!;
    expect(distance(product, array(row.map((m) => m * along)))).toBeLessThanOrEqual(1e-9);
  });
});

describe("memory of reverse mode", () => {
  // 1,000 numbers carried over 400 steps: 8,000 bytes a carry.
  const f =
    (options: ScanOptions) =>
    (x: NdArray): NdArray =>
      sum(scan((c: NdArray) => [tanh(mul(c, 1.01)), undefined], x, 400, options)[0]);
  const carries = (options: ScanOptions): number =>
    planGraph(graphOf((x) => grad(f(options))(x!), full([1000], 0.5))).memory.totalBytes / 8000;

  it("is T carries, T/k + k with every k-th kept, 2 √T at the least", () => {
    const counts = [carries({}), carries({ checkpoint: 100 }), carries({ checkpoint: "sqrt" })];
    console.log(
      `memory of a gradient through 400 steps, in carries: all kept ${counts[0]!.toFixed(1)}, ` +
        `every 100th ${counts[1]!.toFixed(1)}, every √400th ${counts[2]!.toFixed(1)}`,
    );
    const overhead = 16; // the step's own arrays, and the arguments
    expect(counts[0]).toBeGreaterThanOrEqual(400);
    expect(counts[0]).toBeLessThan(400 + overhead);
    expect(counts[1]).toBeLessThan(104 + overhead);
    expect(counts[2]).toBeLessThan(40 + overhead);
  });
});
