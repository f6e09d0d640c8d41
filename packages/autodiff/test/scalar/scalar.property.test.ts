/** Programs over scalars: compiled lanes against the plain meaning, adjoints [eq:vjp] against central differences. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  compileProgram,
  constant,
  cos,
  div,
  evaluate,
  interpret,
  LaneMemory,
  less,
  maskVariable,
  min,
  mul,
  type Node,
  neg,
  pullback,
  type Scalar,
  type ScalarProgram,
  type Statement,
  select,
  set,
  sin,
  sqrt,
  sub,
  variable,
  whenAny,
  withRule,
} from "../../src/scalar/index.ts";

const inputCount = 4;

/** A recipe of formulas: each instruction takes earlier values, by number modulo how many there are. */
const recipe = fc.array(fc.tuple(fc.nat(12), fc.nat(999), fc.nat(999), fc.nat(999)), {
  minLength: 3,
  maxLength: 40,
});
const point = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: inputCount,
  maxLength: inputCount,
});

type Recipe = readonly (readonly [number, number, number, number])[];

/** Smooth away from where a mask changes; of size about 1, so that nothing overflows. */
function build(instructions: Recipe, inputs: readonly Scalar[], turns: boolean): Scalar[] {
  const values: Scalar[] = [...inputs];
  for (const [op, i, j, k] of instructions) {
    const [x, y, z] = [i, j, k].map((n) => values[n % values.length]!) as [Scalar, Scalar, Scalar];
    const size = sqrt(add(1, mul(y, y)));
    const apply: (() => Scalar[])[] = [
      () => [mul(0.5, add(x, y))],
      () => [mul(0.5, sub(x, y))],
      () => [div(mul(x, y), size)],
      () => [div(x, add(1, mul(y, y)))],
      () => [neg(x)],
      () => [sqrt(add(0.5, mul(x, x)))],
      () => [abs(x)],
      () => [select(less(x, y), x, z)],
      () => whenAny(less(x, 0), () => [mul(0.5, y), div(mul(x, z), add(1, mul(z, z)))]),
      () => [turns ? sin(x) : add(x, 0)],
      () => [turns ? cos(mul(2, x)) : mul(1, x)],
      () => [add(x, 0.25)],
      // x³/3, its derivative by a rule
      () =>
        withRule(
          [x],
          () => [mul(mul(x, mul(x, x)), 1 / 3)].map((c) => div(c, add(1, mul(c, c)))),
          ([bar]) => {
            const c = mul(mul(x, mul(x, x)), 1 / 3);
            const s = add(1, mul(c, c));
            return [mul(bar!, mul(mul(x, x), div(sub(1, mul(c, c)), mul(s, s))))];
          },
        ),
    ];
    values.push(...apply[op]!());
  }
  return values.slice(-3);
}

const inputsOf = () => Array.from({ length: inputCount }, (_, k) => variable(`x${k}`));
const at = (inputs: readonly Scalar[], x: readonly number[]) =>
  new Map<Node, number>(inputs.map((v, k) => [v, x[k]!]));

describe("a program over scalars", () => {
  test("compiled for lanes: the bits of its plain meaning, for every lane and number of states", () => {
    fc.assert(
      fc.property(recipe, fc.array(point, { minLength: 1, maxLength: 5 }), (instructions, points) => {
        const inputs = inputsOf();
        const out = [variable("y0"), variable("y1"), variable("y2")];
        const formulas = build(instructions, inputs, false);
        const program: ScalarProgram = {
          name: "f",
          arrays: { x: inputs, y: out },
          statements: [set(...out.map((y, k) => [y, formulas[k]!] as const))],
        };
        const memory = new LaneMemory("float64");
        const [x, y] = [memory.reserve(points.length, inputCount), memory.reserve(points.length, 3)];
        memory.write(
          x,
          inputCount,
          Float64Array.from(points.flat()),
          Int32Array.from(points, (_, r) => r * inputCount),
        );
        compileProgram(program, memory)(points.length, x, y);
        const found = new Float64Array(3 * points.length);
        memory.read(
          y,
          3,
          found,
          Int32Array.from(points, (_, r) => 3 * r),
        );
        const expected = points.flatMap((p) => {
          const rows = { x: Float64Array.from(p), y: new Float64Array(3) };
          interpret(program, rows);
          return [...rows.y];
        });
        // A branch not taken leaves +0, a product may leave −0: equal numbers.
        expect([...found].map((v) => v + 0)).toEqual(expected.map((v) => v + 0));
      }),
      { numRuns: 60 },
    );
  });

  test("with sines and cosines: close to its plain meaning", () => {
    fc.assert(
      fc.property(recipe, point, (instructions, p) => {
        const inputs = inputsOf();
        const formulas = build(instructions, inputs, true);
        const out = formulas.map((_, k) => variable(`y${k}`));
        const program: ScalarProgram = {
          name: "f",
          arrays: { x: inputs, y: out },
          statements: [set(...out.map((y, k) => [y, formulas[k]!] as const))],
        };
        const memory = new LaneMemory("float64");
        const [x, y] = [memory.reserve(1, inputCount), memory.reserve(1, 3)];
        memory.write(x, inputCount, Float64Array.from(p), Int32Array.of(0));
        compileProgram(program, memory)(1, x, y);
        const found = new Float64Array(3);
        memory.read(y, 3, found, Int32Array.of(0));
        const expected = evaluate(formulas, at(inputs, p));
        expected.forEach((value, k) => {
          expect(Math.abs(found[k]! - value)).toBeLessThan(1e-12);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("a loop runs until every lane is done, and leaves each lane what it would have alone", () => {
    // Heron's square root of x: lanes need different numbers of rounds.
    const [x, root, rounds] = [variable("x"), variable("root"), variable("rounds")];
    const isOff = maskVariable("off");
    const better = mul(0.5, add(root, div(x, root)));
    const isBetter = less(1e-12, abs(sub(better, root)));
    const program: ScalarProgram = {
      name: "heron",
      arrays: { x: [x], root: [root, rounds] },
      statements: [
        set([root, add(x, 1)]),
        {
          kind: "while",
          mask: isOff,
          limit: 60,
          body: [
            set(
              [root, select(isBetter, better, root)],
              [rounds, select(isBetter, add(rounds, 1), rounds)],
              [isOff, isBetter],
            ),
          ],
        },
      ],
    };
    for (const dtype of ["float64", "float32"] as const) {
      const values = Float64Array.of(2, 1e6, 1, 1e-3, 49);
      const memory = new LaneMemory(dtype);
      const run = compileProgram(program, memory);
      const together = new Float64Array(10);
      const rowsOf = (width: number) => Int32Array.from(values, (_, r) => r * width);
      const [a, b] = [memory.reserve(5, 1), memory.reserve(5, 2)];
      memory.write(a, 1, values, rowsOf(1));
      run(5, a, b);
      memory.read(b, 2, together, rowsOf(2));
      values.forEach((value, r) => {
        const alone = new Float64Array(2);
        memory.write(a, 1, Float64Array.of(value), Int32Array.of(0));
        memory.fill(b, 2, 1, 0);
        run(1, a, b);
        memory.read(b, 2, alone, Int32Array.of(0));
        expect([...together.slice(2 * r, 2 * r + 2)]).toEqual([...alone]);
        expect(Math.abs(alone[0]! / Math.sqrt(value) - 1)).toBeLessThan(dtype === "float64" ? 1e-12 : 1e-6);
      });
      expect(together[3]).toBeGreaterThan(together[1]!);
    }
  });

  test("sets are simultaneous, also of variables that live outside arrays", () => {
    const [a, b, p, q] = [variable("a"), variable("b"), variable("p"), variable("q")];
    const program: ScalarProgram = {
      name: "swap",
      arrays: { out: [p, q] },
      statements: [
        set([a, add(p, 0)], [b, add(q, 0)]),
        { kind: "repeat", times: 3, body: [set([a, b], [b, a])] },
        set([p, a], [q, b]),
      ],
    };
    const rows = { out: Float64Array.of(1, 2) };
    interpret(program, rows);
    expect([...rows.out]).toEqual([2, 1]);
    const memory = new LaneMemory("float64");
    const out = memory.reserve(1, 2);
    memory.write(out, 2, Float64Array.of(1, 2), Int32Array.of(0));
    compileProgram(program, memory)(1, out);
    const found = new Float64Array(2);
    memory.read(out, 2, found, Int32Array.of(0));
    expect([...found]).toEqual([2, 1]);
  });
});

describe("no rounds", () => {
  const y = variable("y");
  const body = [set([y, add(y, 1)])];
  const runOn = (program: ScalarProgram, rows: number): number => {
    const memory = new LaneMemory("float64");
    const address = memory.reserve(1, 1);
    memory.fill(address, 1, 1, 5);
    compileProgram(program, memory)(rows, address);
    return memory.values[memory.indexOf(address)]!;
  };

  test.each<Statement>([
    { kind: "repeat", times: 0, body },
    { kind: "while", mask: less(y, 9), limit: 0, body },
    { kind: "repeat", times: 3, body: [{ kind: "repeat", times: 0, body }] },
  ])("of a loop: its body never runs (%o)", (loop) => {
    const program: ScalarProgram = { name: "idle", arrays: { y: [y] }, statements: [loop] };
    const rows = { y: Float64Array.of(5) };
    interpret(program, rows);
    expect(rows.y[0]).toBe(5);
    expect(runOn(program, 1)).toBe(5);
  });

  test("of states: memory stays as it is", () => {
    expect(runOn({ name: "idle", arrays: { y: [y] }, statements: body }, 0)).toBe(5);
  });
});

describe("a tape", () => {
  // x ← f(x), 4 times, with x on the tape before each; and back, with ȳ ← f'(x) ȳ: the derivative of f∘f∘f∘f.
  const [x, bar, y] = [variable("x"), variable("bar"), variable("y")];
  const f = (at: Scalar): Scalar => sin(add(at, mul(at, at)));
  const there: ScalarProgram = {
    name: "there",
    arrays: { x: [x] },
    statements: [
      { kind: "repeat", times: 4, body: [{ kind: "push", values: [x, mul(2, x)] }, set([x, f(x)])] },
    ],
  };
  const twice = variable("2x");
  const back: ScalarProgram = {
    name: "back",
    arrays: { bar: [bar] },
    statements: [
      {
        kind: "repeat",
        times: 4,
        body: [
          { kind: "pop", targets: [y, twice] },
          set([bar, mul(pullback([f(y)], [bar], [y])[0]!, div(twice, mul(2, y)))]),
        ],
      },
    ],
  };
  const of = (at: number): number => {
    let value = at;
    for (let k = 0; k < 4; k++) value = Math.sin(value + value * value);
    return value;
  };

  test.each(["float64", "float32"] as const)(
    "gives back what was put on it, the last first (%s)",
    (dtype) => {
      const memory = new LaneMemory(dtype);
      const starts = Float64Array.of(0.3, -0.4, 0.7, 0.15, 0.9, -0.2, 0.55);
      const rows = Int32Array.from(starts, (_, r) => r);
      const [at, bars, tape, end] = [1, 1, 8, 1].map((width) => memory.reserve(starts.length, width));
      memory.fill(end!, 1, starts.length, 7);
      memory.write(at!, 1, starts, rows);
      memory.write(bars!, 1, new Float64Array(starts.length).fill(1), rows);
      compileProgram(there, memory)(starts.length, at!, tape!);
      compileProgram(back, memory)(starts.length, bars!, tape!);
      const found = new Float64Array(starts.length);
      memory.read(bars!, 1, found, rows);
      const [tolerance, h] = [dtype === "float64" ? 1e-8 : 1e-5, 1e-5];
      starts.forEach((start, r) => {
        const expected = (of(start + h) - of(start - h)) / (2 * h);
        expect(Math.abs(found[r]! - expected)).toBeLessThan(tolerance * (1 + Math.abs(expected)));
        const onTape: number[] = [];
        interpret(there, { x: Float64Array.of(start) }, onTape);
        expect(onTape).toHaveLength(8);
        const alone = { bar: Float64Array.of(1) };
        interpret(back, alone, onTape);
        expect(onTape).toHaveLength(0);
        expect(Math.abs(alone.bar[0]! - expected)).toBeLessThan(1e-8 * (1 + Math.abs(expected)));
      });
      // What lies behind the tape is left alone.
      memory.read(end!, 1, found, rows);
      expect([...found]).toEqual([...new Float64Array(starts.length).fill(7)]);
    },
  );

  test("is not used in a loop whose number of rounds depends on the lanes", () => {
    const program: ScalarProgram = {
      name: "lost",
      arrays: { x: [x] },
      statements: [
        {
          kind: "while",
          mask: less(x, 1),
          limit: 3,
          body: [{ kind: "push", values: [x] }, set([x, add(x, 1)])],
        },
      ],
    };
    expect(() => compileProgram(program, new LaneMemory("float64"))).toThrow("loop of unknown length");
  });
});

describe("pullback", () => {
  test.each<[string, (x: Scalar) => Scalar]>([
    ["select", (x) => select(less(x, 0), neg(x), sqrt(select(less(x, 0), 1, x)))],
    ["whenAny", (x) => sub(whenAny(less(0, x), () => [sqrt(select(less(x, 0), 1, x))])[0]!, min(x, 0))],
    [
      "whenAny of formulas known before",
      (x) => {
        const root = sqrt(select(less(x, 0), 1, x));
        return sub(whenAny(less(0, x), () => [root])[0]!, min(x, 0));
      },
    ],
  ])("%s: the taken branch's slope where the other one's operand is guarded", (_name, f) => {
    const x = variable("x");
    const slope = pullback([f(x)], [constant(1)], [x]);
    expect([-1, 0.25].map((at) => evaluate(slope, new Map([[x, at]]))[0])).toEqual([-1, 1]);
  });

  test("[eq:vjp] against central differences", () => {
    let smooth = 0;
    fc.assert(
      fc.property(recipe, point, point, (instructions, p, weights) => {
        const inputs = inputsOf();
        const outputs = build(instructions, inputs, true);
        const bars = outputs.map((_, k) => variable(`bar${k}`));
        const shares = pullback(outputs, bars, inputs);
        const values = at(inputs, p);
        const scalar = (x: readonly number[]) =>
          evaluate(outputs, at(inputs, x)).reduce((total, y, k) => total + weights[k]! * y, 0);
        bars.forEach((bar, k) => {
          values.set(bar, weights[k]!);
        });
        const found = evaluate(shares, values);
        inputs.forEach((_, i) => {
          const moved = (by: number) => scalar(p.map((x, k) => (k === i ? x + by : x)));
          const h = 1e-5;
          const [below, here, above] = [moved(-h), moved(0), moved(h)];
          const central = (above - below) / (2 * h);
          // At a kink the derivative is that of one side.
          const spread = Math.abs(above - 2 * here + below) / h;
          if (spread < 1e-3) smooth++;
          expect(Math.abs(found[i]! - central)).toBeLessThan(1e-6 * (1 + Math.abs(central)) + spread);
        });
      }),
      { numRuns: 100 },
    );
    expect(smooth).toBeGreaterThan(300);
  });
});
