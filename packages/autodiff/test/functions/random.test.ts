import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import {
  add,
  array,
  compile,
  DomainError,
  DTypeError,
  foldIn,
  grad,
  jvp,
  mean,
  mul,
  type NdArray,
  randomKey,
  randomNormal,
  randomUniform,
  reference,
  ShapeError,
  scan,
  show,
  splitKey,
  square,
  stack,
  sub,
  sum,
  UnsupportedError,
  vmap,
} from "../../src/index.ts";
import { fold, key, normal, split, uniform } from "../../src/random/index.ts";

const wasm = createWasmBackend();
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe.each([
  ["reference", reference],
  ["wasm", wasm],
] as const)("%s", (_name, backend) => {
  it.each([[[]], [[1]], [[2]], [[5]], [[2, 3]], [[0]]])(
    "the bits of @sgmrl/autodiff/random, shape %s [eq:uniform] [eq:normal]",
    (shape) => {
      const draws = compile((k: NdArray) => [randomUniform(k, shape), randomNormal(k, shape)], { backend });
      const size = shape.reduce((n, extent) => n * extent, 1);
      fc.assert(
        fc.property(seeds, (seed) => {
          const [u, z] = draws(randomKey(seed)) as [NdArray, NdArray]; // two, as above
          expect(u.shape).toEqual(shape);
          expect(u.data).toEqual(uniform(key(seed), size));
          expect(z.data).toEqual(normal(key(seed), size));
        }),
        { numRuns: 20 },
      );
    },
  );

  it("its folds and splits [eq:fold]", () => {
    const run = compile(
      (k: NdArray, word: NdArray) => [
        foldIn(k, word),
        splitKey(k, 3),
        foldIn(k, 2 ** 40 + 3),
        foldIn(k, 4_000_000_000),
      ],
      { backend },
    );
    const words = (keys: readonly { k0: number; k1: number }[]): Int32Array =>
      Int32Array.from(keys.flatMap(({ k0, k1 }) => [k0, k1]));
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed, word) => {
        const k = key(seed);
        const [folded, parts, long, unsigned] = run(randomKey(seed), array(Int32Array.of(word), []));
        expect(folded!.data).toEqual(words([fold(k, word)]));
        expect(parts!.shape).toEqual([3, 2]);
        expect(parts!.data).toEqual(words(split(k, 3)));
        expect(long!.data).toEqual(words([fold(k, 2 ** 40 + 3)]));
        expect(unsigned!.data).toEqual(words([fold(k, 4_000_000_000)]));
        const negative = run(randomKey(k), array(Int32Array.of(4_000_000_000 | 0), []))[0]!;
        expect(negative.data).toEqual(unsigned!.data); // a word is read as unsigned
      }),
      { numRuns: 20 },
    );
  });

  it("long streams, and float32 rounds them", () => {
    const n = 20_001;
    const [u, z] = [uniform(key(7), n), normal(key(7), n)];
    const run = compile(
      (k: NdArray) => [
        randomUniform(k, [n]),
        randomNormal(k, [n]),
        randomUniform(k, [n], "float32"),
        randomNormal(k, [n], "float32"),
      ],
      { backend },
    );
    const [ownU, ownZ, u32, z32] = run(randomKey(7));
    expect(ownU!.data).toEqual(u);
    expect(ownZ!.data).toEqual(z);
    const off = (x: ArrayLike<number>, y: Float64Array): number =>
      y.reduce((most, v, i) => Math.max(most, Math.abs(x[i]! - v)), 0);
    expect(u32!.dtype).toBe("float32");
    expect(off(u32!.data, u)).toBeLessThan(2 ** -24);
    expect(off(z32!.data, z)).toBeLessThan(4e-6);
    expect(Math.max(...u32!.data)).toBeLessThan(1);
  });

  it("a mapped function draws from each key as from that key alone", () => {
    const keys = splitKey(randomKey(3), 4);
    const rows = compile(
      vmap((k: NdArray) => randomNormal(foldIn(k, 9), [3])),
      { backend },
    )(keys);
    const one = (i: number): NdArray => array(keys.data.slice(2 * i, 2 * i + 2), [2]);
    expect(rows.shape).toEqual([4, 3]);
    expect(rows.data).toEqual(stack([0, 1, 2, 3].map((i) => randomNormal(foldIn(one(i), 9), [3]))).data);
  });

  it("a rollout that draws its own noise is the one that is given it, and so is its gradient", () => {
    const steps = 12;
    const next = (x: NdArray, noise: NdArray, gain: NdArray): NdArray => add(mul(gain, x), mul(0.1, noise));
    const own = (gain: NdArray, k: NdArray): NdArray => {
      const step = ({ x, t }: { x: NdArray; t: NdArray }): [{ x: NdArray; t: NdArray }, NdArray] => {
        const moved = next(x, randomNormal(foldIn(k, t), [2]), gain);
        return [{ x: moved, t: add(t, 1) }, moved];
      };
      return sum(square(scan(step, { x: array([1, -1]), t: array(Int32Array.of(0), []) }, steps)[1]));
    };
    const given = (gain: NdArray, noise: NdArray): NdArray =>
      sum(
        square(
          scan(
            (x: NdArray, z: NdArray): [NdArray, NdArray] => [next(x, z, gain), next(x, z, gain)],
            array([1, -1]),
            noise,
          )[1],
        ),
      );
    const noise = array(
      Float64Array.from({ length: 2 * steps }, (_, i) => normal(fold(key(5), Math.floor(i / 2)), 2)[i % 2]!),
      [steps, 2],
    );
    const gain = array(0.9);
    expect(compile(own, { backend })(gain, randomKey(5))).toEqual(compile(given, { backend })(gain, noise));
    const slope = compile((g: NdArray, k: NdArray) => grad((y: NdArray) => own(y, k))(g), { backend })(
      gain,
      randomKey(5),
    );
    expect(slope).toEqual(
      compile((g: NdArray, z: NdArray) => grad((y: NdArray) => given(y, z))(g), { backend })(gain, noise),
    );
  });
});

it("draws have no derivative: one is the other factor's", () => {
  const k = randomKey(1);
  const f = (x: NdArray): NdArray => sum(mul(x, randomNormal(k, [3])));
  expect(grad(f)(array([1, 2, 3])).data).toEqual(normal(key(1), 3));
  const moved = jvp((_x: NdArray) => randomUniform(k, [2]))([array(1)], [array(1)])[1];
  expect(moved.data).toEqual(new Float64Array(2));
});

it("a program shows a draw as one line", () => {
  expect(show((k: NdArray) => randomNormal(k, [2, 3]), randomKey(1))).toContain(
    'randomNormal(x0, shape=[2,3], dtype="float64")',
  );
});

it("normal draws have mean 0 and variance 1, within 4 standard errors", () => {
  const n = 40_000;
  const moments = compile(
    (k: NdArray) => {
      const z = randomNormal(k, [n], "float32");
      return [mean(z), mean(square(sub(z, mean(z))))];
    },
    { backend: wasm },
  );
  const [m, v] = moments(randomKey(11));
  expect(Math.abs(m!.data[0]!)).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(v!.data[0]! - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
});

it("refuses what is no key, word, count or place", async () => {
  const k = randomKey(1);
  expect(() => randomUniform(array([1, 2]), [2])).toThrow(DTypeError);
  expect(() => randomNormal(array(Int32Array.of(1, 2, 3)), [2])).toThrow(ShapeError);
  expect(() => foldIn(k, -1)).toThrow(DomainError);
  expect(() => foldIn(k, array(0.5))).toThrow(/foldIn: the word must be int32; got float64/);
  expect(() => splitKey(k, 1.5)).toThrow(DomainError);
  expect(() => randomUniform(k, [-1])).toThrow(ShapeError);
  expect(() => randomUniform(k, [2], "int32" as "float32")).toThrow(DomainError);
  const gpu = await openGpu({ mode: "cpu" });
  expect(() => compile((x: NdArray) => randomUniform(x, [2], "float32"), { backend: gpu })(k)).toThrow(
    UnsupportedError,
  );
  expect(() => compile((x: NdArray) => randomUniform(x, [2], "float32"), { backend: gpu })(k)).toThrow(
    /Draw random numbers outside/,
  );
});
