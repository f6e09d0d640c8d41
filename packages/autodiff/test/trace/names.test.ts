import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  add,
  array,
  type Backend,
  compile,
  customFunction,
  grad,
  hvp,
  jvp,
  mul,
  type NdArray,
  neg,
  reference,
  scalar,
  show,
  sub,
  sum,
  toNested,
  UnsupportedError,
  vmap,
} from "../../src/index.ts";
import type { Primitive } from "../../src/primitives/primitive.ts";
import { primitives } from "../../src/primitives/table.ts";
import { traceFunction } from "../../src/trace/trace-function.ts";

// What the engine does with a function follows from its record, never from its name: functions of the user called
// like every primitive, and like what every object has, come through all that reads records.

const names = [
  ...Object.keys(primitives),
  "stopGradient",
  "constructor",
  "toString",
  "__proto__",
  "hasOwnProperty",
];
const gpu: Backend = await openGpu({ mode: "cpu" });
const backends: readonly Backend[] = [reference, wasm, gpu];
const x = array([1.5, -2], undefined, "float32");
const y = array([0.5, 3], undefined, "float32");

describe.each(names)("a function of the user called %s", (name) => {
  /** x − 3 y with a derivative of its own: neither symmetric, nor an identity anywhere, nor what its value says. */
  const own = customFunction({
    name,
    apply: (a, b) => sub(a, mul(3, b)),
    vjp: (bar) => [mul(5, bar), mul(7, bar)],
  });
  const one = customFunction({ name, apply: (a) => add(a, a), vjp: (bar) => [mul(5, bar)] });

  it.each(backends)("does on $name what it says, in either order of its arguments", (backend) => {
    const both = compile((a: NdArray, b: NdArray) => [own(a, b), own(b, a)], { backend });
    expect(both(x, y).map(toNested)).toEqual([
      [0, -11],
      [-4, 9],
    ]);
  });

  it("is not simplified by identities of others", () => {
    const [zero, unit] = [scalar(0, "float32"), scalar(1, "float32")];
    const program = (f: (a: NdArray) => NdArray): number => show(f, x).split(/ = /).length - 1;
    for (const constant of [zero, unit]) {
      const c = (a: NdArray): NdArray => mul(constant, add(1, mul(0, sum(a)))); // unknown while tracing
      expect(program((a) => own(sum(a), constant))).toBe(2);
      expect(program((a) => own(constant, sum(a)))).toBe(2);
      expect(program((a) => own(c(a), sum(a)))).toBeGreaterThan(2);
    }
    expect(program((a) => one(one(a)))).toBe(2);
    const twice = compile((a: NdArray) => one(one(a)), { backend: reference });
    expect(toNested(twice(x))).toEqual([6, -8]);
  });

  it("keeps its derivative, also under vmap, forward, and in second order", () => {
    const square = (f: (a: NdArray, b: NdArray) => NdArray) => (a: NdArray) => sum(mul(f(a, y), f(a, y)));
    for (const f of [own, vmap((a: NdArray, b: NdArray) => own(a, b))]) {
      expect(toNested(jvp((a: NdArray) => f(a, y))([x], [x])[1])).toEqual([7.5, -10]); // 5 dx
      expect(toNested(hvp(square(f))(x, x))).toEqual([75, -100]); // 2 · 5 · 5 dx
    }
    const slope = (f: (a: NdArray, b: NdArray) => NdArray) => (a: NdArray, b: NdArray) =>
      [grad((c: NdArray) => sum(f(c, b)))(a), grad((c: NdArray) => sum(f(a, c)))(b)] as const;
    const expected = [
      [5, 5],
      [7, 7],
    ];
    expect(slope(own)(x, y).map(toNested)).toEqual(expected);
    expect(slope(vmap((a: NdArray, b: NdArray) => own(a, b)))(x, y).map(toNested)).toEqual(expected);
    for (const backend of backends)
      expect(compile(slope(own), { backend })(x, y).map(toNested)).toEqual(expected);
  });

  it("is shown under its name, and refused by a backend that gets it as it is", () => {
    expect(show((a, b) => own(a as NdArray, b as NdArray), x, y)).toContain(`= ${name}(x0, x1)`);
    const leaf = { kind: "leaf" } as const;
    const { graph } = traceFunction("test", own as never, { kind: "list", items: [leaf, leaf] }, [x, y]);
    expect(() => wasm.compile(graph)).toThrow(UnsupportedError);
    expect(() => gpu.compile(graph)).toThrow(UnsupportedError);
  });
});

it("two functions of the user under one name do not share a program, nor with the primitive of that name", () => {
  const minus = customFunction({ name: "add", apply: (a, b) => sub(a, b), vjp: (bar) => [bar, neg(bar)] });
  const times = customFunction({
    name: "add",
    apply: (a, b) => mul(a, b),
    vjp: (bar, [a, b]) => [mul(bar, b!), mul(bar, a!)],
  });
  for (const backend of backends) {
    const value = (f: (a: NdArray, b: NdArray) => NdArray): unknown =>
      toNested(compile((a: NdArray, b: NdArray) => f(a, b), { backend })(x, y));
    expect([add, minus, times, minus, add].map(value)).toEqual([
      [2, 1],
      [1, -5],
      [0.75, -6],
      [1, -5],
      [2, 1],
    ]);
  }
});

it("a backend does not take a function of the user for the primitive whose program it remembers", () => {
  const leaf = { kind: "leaf" } as const;
  const graphOf = (f: (a: NdArray, b: NdArray) => NdArray) =>
    traceFunction("test", f, { kind: "list", items: [leaf, leaf] }, [x, y]).graph;
  const minus = customFunction({ name: "add", apply: (a, b) => sub(a, b), vjp: (bar) => [bar, neg(bar)] });
  for (const backend of [wasm, gpu]) {
    backend.compile(graphOf(add));
    expect(() => backend.compile(graphOf(minus))).toThrow(UnsupportedError);
  }
});

it("a function of the user commutes if it says so", () => {
  const spec = { name: "f", apply: (a: NdArray, b: NdArray) => mul(a, b), vjp: (bar: NdArray) => [bar, bar] };
  const count = (f: (a: NdArray, b: NdArray) => NdArray): number =>
    show((a: NdArray, b: NdArray) => add(f(a, b), f(b, a)), x, y).split("f(").length - 1;
  expect(count(customFunction(spec))).toBe(2);
  expect(count(customFunction({ ...spec, commutative: true }))).toBe(1);
});

describe.each(Object.entries(primitives as Readonly<Record<string, Primitive>>))(
  "the record of %s",
  (name, record) => {
    it("carries the name of its row, and no expansion", () => {
      expect(record.name).toBe(name);
      expect(record.expand).toBeUndefined();
    });
  },
);
