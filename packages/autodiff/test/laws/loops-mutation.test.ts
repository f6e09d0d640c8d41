import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { referenceKernels } from "../../src/backends/reference/kernels.ts";
import {
  add,
  array,
  concat,
  convert,
  dot,
  grad,
  hvp,
  jvp,
  less,
  mul,
  type NdArray,
  reshape,
  type ScanOptions,
  sin,
  stack,
  sum,
  vjp,
  vmap,
} from "../../src/index.ts";
import { condPrimitive } from "../../src/loops/cond-rules.ts";
import { scanPrimitive } from "../../src/loops/scan-rules.ts";
import { whilePrimitive } from "../../src/loops/while-rules.ts";
import type { Primitive } from "../../src/primitives/primitive.ts";
import { distance } from "../backends/support/distance.ts";
import { alone, byCond, conditionals } from "../support/conditionals.ts";
import { asScan, type Loop, loops, unrolled } from "../support/loops.ts";
import { type LoopRule, MutableLoopRule } from "../support/mutation/mutated-loop.ts";
import { asWhile, stepsFrom, type While, whiles, written } from "../support/whiles.ts";

// The rules of loops and conditionals make loops of derivative programs. Every mistake that can be made in those programs,
// or in how they are wired together, must change a derivative of one of a few small loops. What it should be is computed
// once, from the same steps written out: those use no rule of a loop.

const tally = { caught: 0, equivalent: 0, made: 0 };
const survivors: string[] = [];

// A mistake in where a loop ends may be that it does not.
const kernels = referenceKernels as {
  -readonly [Name in keyof typeof referenceKernels]: (typeof referenceKernels)[Name];
};
const { whileLoop: endless } = kernels;
beforeAll(() => {
  kernels.whileLoop = (inputs, params, type, run) => {
    let steps = 0;
    return endless(inputs, params, type, (graph, given) => {
      if (++steps > 50) throw new Error("a loop that does not end");
      return run(graph, given);
    });
  };
});

afterAll(() => {
  kernels.whileLoop = endless;
  console.log(
    `caught ${tally.caught} of ${tally.made} mistakes in the rules of loops; ` +
      `${tally.equivalent} of the others change nothing (argued one by one), ` +
      `${survivors.length} got through${survivors.map((survivor) => `\n  ${survivor}`).join("")}`,
  );
});

type Vector = (...xs: NdArray[]) => NdArray;
type Arrays = readonly NdArray[];

/** A program by the loop, the same written out, and its arguments. */
interface Subject {
  readonly primitive: Primitive;
  readonly rules: readonly LoopRule[];
  readonly looping: Vector;
  readonly plain: (at: Arrays) => Vector;
  readonly shapes: readonly (readonly number[])[];
}

const everyRule: readonly LoopRule[] = ["withTangents", "keeping", "vjp", "batching"];

/** All results in one vector, whole numbers too. */
const asOne =
  (f: (...xs: NdArray[]) => readonly NdArray[]): Vector =>
  (...xs) =>
    concat(f(...xs).map((y) => reshape(convert(y, "float64"), [-1])));

function ofScan(loop: Loop, options: ScanOptions = {}, length = 3): Subject {
  const [c, x, k] = loop.shapes;
  return {
    primitive: scanPrimitive as unknown as Primitive, // whatever its settings
    rules: everyRule,
    looping: asOne((y, xs, z) => asScan(loop, options)(y!, xs!, z!)),
    plain: () => asOne((y, xs, z) => unrolled(loop, options)(y!, xs!, z!)),
    shapes: [c, [length, ...x], k],
  };
}

/** Both branches, so that both are looked at. */
function ofCond(name: string): Subject {
  const { of, shapes } = conditionals[name]!;
  return {
    primitive: condPrimitive as unknown as Primitive, // whatever its settings
    rules: ["withTangents", "vjp", "batching"],
    looping: asOne((x, k) => [true, false].flatMap((which) => of(byCond, which)(x!, k!))),
    plain: () => asOne((x, k) => [true, false].flatMap((which) => of(alone, which)(x!, k!))),
    shapes,
  };
}

function ofWhile(loop: While): Subject {
  return {
    primitive: whilePrimitive as unknown as Primitive, // whatever its settings
    rules: ["withTangents", "batching"],
    looping: asOne((c, k) => asWhile(loop)(c!, k!)),
    plain: ([c, k]) => {
      const steps = stepsFrom(loop, c!, k!);
      return asOne((d, l) => written(loop, steps)(d!, l!));
    },
    shapes: loop.shapes,
  };
}

const changingPlaces: Loop = {
  shapes: [[2], [2], [2]],
  init: (c) => [c, mul(2, c)],
  step: ([a, b], x, k) => [
    [b!, mul(a!, add(x, k))],
    [mul(b!, k), a!],
  ],
};

/** One that may end where a further step would go on: a row must stay where it ended. */
const couldGoOn: While = {
  shapes: [[], []],
  init: (c) => [c],
  goesOn: ([c]) => less(c!, 0.8),
  step: ([c], k) => [mul(1.5, sin(add(mul(3, c!), k)))],
  jumps: true,
};

const subjects: Readonly<Record<string, Subject>> = {
  recurrence: ofScan(loops.recurrence!),
  "recurrence, backwards": ofScan(loops.recurrence!, { reverse: true }),
  "recurrence, with checkpoints": ofScan(loops.recurrence!, { checkpoint: 2 }, 5),
  "two carries, a scalar each": ofScan(loops["two carries, a scalar each"]!),
  "carries that change places": ofScan(changingPlaces),
  "a conditional": ofCond("two functions"),
  "a conditional of several results": ofCond("several results, of what is closed over"),
  "a conditional that hands its operands on": ofCond("operands handed on"),
  "a loop for a count": ofWhile(whiles["a count"]!),
  "a loop that could go on": ofWhile(couldGoOn),
};

function curve(y: NdArray): NdArray {
  return dot(sin(y), y);
}

/** Distinct numbers of no pattern, of size about 1. */
function numbers(shape: readonly number[], from: number): NdArray {
  const size = shape.reduce((n, extent) => n * extent, 1);
  const at = (i: number): number => 0.4 + 0.9 * (((from + i + 1) * 0.618033989) % 1);
  return array(
    Float64Array.from({ length: size }, (_, i) => ((from + i) % 3 === 0 ? -1 : 1) * at(i)),
    shape,
  );
}

/** What is looked at, and whether only first derivatives are. */
interface Observation {
  readonly isFirst: boolean;
  readonly run: () => Arrays;
}

/** Where the derivatives are taken, and along what. */
interface Point {
  readonly xs: Arrays;
  readonly dxs: Arrays;
}

function pointOf(shapes: Subject["shapes"]): Point {
  return {
    xs: shapes.map((shape, i) => numbers(shape, 10 * i)),
    dxs: shapes.map((shape, i) => numbers(shape, 10 * i + 5)),
  };
}

/** What the derivatives of f are, in all arguments and in each alone: the quick and telling ones first. */
function derivatives(f: Vector, { xs, dxs }: Point, hasReverse: boolean): readonly Observation[] {
  const alone = xs.map((x, i): Variant => ({ f: (y) => f(...xs.with(i, y!)), xs: [x], dxs: [dxs[i]!] }));
  const variants = [{ f, xs, dxs }, ...alone];
  return [
    ...variants.flatMap((variant) => first(variant, hasReverse).map((run) => ({ isFirst: true, run }))),
    ...variants.flatMap((variant) => second(variant, hasReverse).map((run) => ({ isFirst: false, run }))),
  ];
}

interface Variant {
  readonly f: Vector;
  readonly xs: Arrays;
  readonly dxs: Arrays;
}

function first({ f, xs, dxs }: Variant, hasReverse: boolean): readonly (() => Arrays)[] {
  const reverse = (): Arrays => {
    const [y, pullback] = vjp(f)(...xs);
    return [y, ...pullback(sin(y))];
  };
  return [() => jvp(f)(xs, dxs), ...(hasReverse ? [reverse] : [])];
}

function second({ f, xs, dxs }: Variant, hasReverse: boolean): readonly (() => Arrays)[] {
  // x ↦ x + z + z²/2 at z = 0: what the rules are given has a derivative of its own.
  const zs = xs.map((x) => mul(0, x));
  const bend = (x: NdArray, z: NdArray): NdArray => add(x, add(z, mul(0.5, mul(z, z))));
  const bent = (at: Arrays): NdArray => curve(f(...xs.map((x, i) => bend(x, at[i]!))));
  const slope = (at: Arrays): NdArray => jvp(bent)([at], [dxs])[1];
  const inner = (a: Arrays): NdArray => a.map((g, i) => sum(mul(g, dxs[i]!))).reduce((p, q) => add(p, q));
  const forwardForward = (): Arrays => [jvp(slope)([zs], [dxs])[1]];
  if (!hasReverse) return [forwardForward];
  return [
    () => hvp(bent)(zs, dxs),
    () => grad((at: Arrays) => inner(grad(bent)(at)))(zs),
    () => grad(slope)(zs),
    forwardForward,
  ];
}

/** Points at which loops end at different times: all of them after a step at least, and one at once. */
function rowsOf({ xs, dxs }: Point): readonly (readonly Arrays[])[] {
  const running = [xs.map((x) => mul(0.25, x)), dxs.map((x) => mul(0.5, x)), xs.map((x) => mul(-0.7, x))];
  return [running, [...running, xs.map((x) => add(2, mul(x, x)))]];
}

/** Several points at once, in which all of the arguments differ or only one, with the tangent there: by `vmap`. */
function atOnce(f: Vector, point: Point): readonly Observation[] {
  return batches(point).flatMap(({ mapped, at }) => {
    const inAxes = mapped.map((is) => (is ? 0 : null));
    const many: Vector = (...ys) => vmap(f, { inAxes })(...ys);
    const all = mapped.map((is, i) => (is ? stack(at.map((xs) => xs[i]!)) : at[0]![i]!));
    const along = all.map((x) => sin(x));
    return [
      { isFirst: true, run: () => [many(...all)] },
      { isFirst: false, run: () => jvp(many)(all, along) },
    ];
  });
}

/** The same, one point after the other. */
function oneByOne(plain: Subject["plain"], point: Point): readonly Observation[] {
  return batches(point).flatMap(({ at }) => {
    const values = at.map((xs) => plain(xs)(...xs));
    const tangents = at.map(
      (xs) =>
        jvp(plain(xs))(
          xs,
          xs.map((x) => sin(x)),
        )[1],
    );
    return [
      { isFirst: true, run: () => [stack(values)] },
      { isFirst: false, run: () => [stack(values), stack(tangents)] },
    ];
  });
}

/** The points of a batch, and which arguments differ in it. */
function batches(point: Point): { readonly mapped: readonly boolean[]; readonly at: readonly Arrays[] }[] {
  const { xs } = point;
  const ways = [xs.map(() => true), ...xs.map((_, i) => xs.map((_x, j) => i === j))];
  return rowsOf(point).flatMap((rows) =>
    ways.map((mapped) => ({ mapped, at: rows.map((row) => xs.map((x, i) => (mapped[i] ? row[i]! : x))) })),
  );
}

/** Mistakes that change nothing, each with the reason. */
const equivalent: readonly { readonly mistake: RegExp; readonly because: string }[] = [
  {
    mistake:
      /^recurrence, with checkpoints, (withTangents|batching): around the loop: \d scan the other way$/,
    because: "the one step after the last segment is a loop of its own",
  },
  { mistake: /^a conditional, vjp: in body 0: 0 mul sign flipped$/, because: "sech² is even" },
  {
    mistake: /^a conditional of several results, vjp: in body \d: \d reshape is its operand 0$/,
    because: "an array of one element broadcasts as a scalar does",
  },
  {
    mistake: /^a loop .*: around the loop: (\d part complemented|output 0 (?!derivative).*)$/,
    because: "whether a loop would go on is not asked after it",
  },
  {
    mistake: /^a loop for a count, batching: around the loop: 4 broadcastTo /,
    because: "the same: it is the answer, repeated for all",
  },
  {
    mistake: /^a loop for a count, .*: in the loop: \d add with input 0 for operand 1$/,
    because: "while it goes on the answer is 1, which is what is added",
  },
  {
    mistake: /^a loop .*: in the loop: output [01] (sign flipped|doubled)$/,
    because: "it is only asked whether it is 0",
  },
  {
    mistake:
      /^a loop that could go on, batching: around the loop: \d (equal (is its operand 1|replaced by less(Equal)?)|sub (with input 0 for operand 0|with its operands swapped|replaced by add)|sum (complemented|is its operand 0|with input 0 for operand 0))$/,
    because:
      "where some row goes on the number is not 0; a step too many changes nothing, since rows that have ended stay",
  },
  {
    mistake:
      /^a loop that could go on, batching: around the loop: \d (broadcastTo|whileLoop) with input 0 for operand 0$/,
    because: "the answer that is the same for all is 1",
  },
  {
    mistake:
      /^a loop that could go on, batching: in the loop: \d+ (equal (with input 1 for operand 0|replaced by lessEqual)|sub with its operands swapped|sum with input 1 for operand 0)$/,
    because: "a step too many changes nothing, since rows that have ended stay; no answer is below 0",
  },
  {
    mistake:
      /^a loop that could go on, .*: in the loop: (7 broadcastTo with input 3 for operand 0|9 less with input 3 for operand 1)$/,
    because: "k, in place of the bound of the loop itself, lies between the same carries",
  },
  {
    mistake: /^carries that change places, vjp: around the loop: [01] scan with input \d+ for operand [23]$/,
    because: "where one argument alone moves, not every carry that is kept is read",
  },
  {
    mistake: /^a loop that could go on, .*: in the loop: \d less replaced by lessEqual$/,
    because: "no carry meets its bound exactly",
  },
];

describe.each(Object.entries(subjects))("%s", (name, { primitive, rules, looping, plain, shapes }) => {
  const point = pointOf(shapes);

  it.each(rules)("a mistake in %s is caught", (rule) => {
    const mutable = new MutableLoopRule(primitive, rule);
    const isMany = rule === "batching";
    const hasReverse = rules.includes("vjp");
    const wanted = isMany ? oneByOne(plain, point) : derivatives(plain(point.xs), point, hasReverse);
    const expected = wanted.map(({ run }) => run());
    const laws = (isMany ? atOnce(looping, point) : derivatives(looping, point, hasReverse)).map(
      (law, i) => ({
        ...law,
        want: expected[i]!,
      }),
    );
    const holds = ({ run, want }: (typeof laws)[number]): boolean =>
      run().every((y, i) => distance(y, want[i]!) <= 1e-10);
    expect(laws.every(holds)).toBe(true);

    // Deeper ones call the rule in further ways, which only deeper nesting still would test.
    const mistakes = mutable.mistakes(() => {
      for (const { isFirst, run } of laws) if (isFirst) run();
    });
    const breaks = (law: (typeof laws)[number]): boolean => {
      try {
        return !holds(law);
      } catch {
        return true;
      }
    };
    const through = mistakes
      .filter((mistake) => !mutable.withMistake(mistake, () => laws.some(breaks)))
      .map((mistake) => `${name}, ${rule}: ${mistake}`);
    const unexplained = through.filter((mistake) => !equivalent.some((known) => known.mistake.test(mistake)));
    tally.made += mistakes.length;
    tally.caught += mistakes.length - through.length;
    tally.equivalent += through.length - unexplained.length;
    survivors.push(...unexplained);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(unexplained).toEqual([]);
  });
});
