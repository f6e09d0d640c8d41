import { type ArrayLike, isFloat, type NdArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { describe, type Flattened, flatten, sameStructure } from "../array/tree.ts";
import { DomainError, DTypeError, ShapeError, TreeError } from "../errors.ts";
import { requireSound } from "../trace/tracer.ts";
import { refuseMoreThan } from "./calls.ts";

/** The leaves of what is differentiated, all of which must be floating point. */
export function differentiable(op: string, tree: unknown, name: string): Flattened {
  const flat = flatten(tree, op, name);
  requireSound(op, flat.leaves, flat.paths);
  flat.leaves.forEach(({ dtype }, i) => {
    if (isFloat(dtype)) return;
    throw new DTypeError(
      op,
      `only floating-point arrays can be differentiated; ${flat.paths[i]} is ${dtype}`,
      "Pass it as a further argument, or close over it.",
    );
  });
  return flat;
}

/** Checks that a tangent (or cotangent) tree matches the tree it belongs to, leaf by leaf. */
export function matching(op: string, tree: Flattened, other: unknown, name: string): NdArray[] {
  const flat = flatten(other, op, name);
  requireSound(op, flat.leaves, flat.paths);
  if (!sameStructure(flat.structure, tree.structure)) {
    throw new TreeError(
      op,
      `${name} must have the structure of the value it belongs to; got leaves ${flat.paths.join(", ") || "none"}, ` +
        `expected ${tree.leaves.length}: ${tree.paths.join(", ")}`,
      "Build it with mapTree from that value.",
    );
  }
  flat.leaves.forEach((leaf, i) => {
    const expected = tree.leaves[i]!;
    if (!sameShape(leaf.shape, expected.shape)) {
      throw new ShapeError(
        op,
        `${flat.paths[i]} must have the shape of the value it belongs to`,
        { got: leaf.shape, expected: expected.shape },
        "Broadcast or reshape it.",
      );
    }
    if (leaf.dtype !== expected.dtype) {
      throw new DTypeError(
        op,
        `${flat.paths[i]} must be ${expected.dtype}, as the value it belongs to; got ${leaf.dtype}`,
        "Change it with convert(x, dtype).",
      );
    }
  });
  return flat.leaves;
}

/** Which arguments a derivative is taken in: one by its number, or several; negative numbers count from the last. */
export type ArgumentNumbers = number | readonly number[];

export interface DerivativeOptions<N extends ArgumentNumbers> {
  /** What the derivative is taken in (default 0, the first argument). */
  readonly argnums?: N;
  /** Whether f returns [y, aux], with aux handed through (default false). */
  readonly hasAux?: boolean;
}

/** The arguments that `argnums` names: one, or a list. */
export type Selected<Args extends readonly unknown[], N extends ArgumentNumbers> = N extends readonly number[]
  ? { -readonly [K in keyof N]: Args[N[K] & keyof Args] }
  : N extends number
    ? Args[N]
    : never;

/** The arguments that `argnums` names as one tree, and f as a function of that tree. */
export function differentiableArguments(
  op: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  argnums: ArgumentNumbers,
): { readonly x: Flattened; readonly at: (tree: unknown) => unknown } {
  refuseMoreThan(op, f, args.length);
  const isOne = !isList(argnums);
  const places = (isOne ? [argnums] : argnums).map((n) => placeOf(op, n, args.length));
  if (places.length === 0 || new Set(places).size < places.length) {
    throw new DomainError(
      op,
      `argnums must name arguments, each once; got [${argnums}]`,
      "Correct the list.",
    );
  }
  const tree = isOne ? args[places[0]!] : places.map((place) => args[place]);
  const x = differentiable(op, tree, isOne && places[0] !== 0 ? `argument ${places[0]}` : "x");
  const at = (given: unknown): unknown => {
    const all = args.slice();
    places.forEach((place, i) => {
      all[place] = isOne ? given : (given as readonly unknown[])[i];
    });
    return f(...(all as never[]));
  };
  return { x, at };
}

function placeOf(op: string, n: number, count: number): number {
  const place = n < 0 ? n + count : n;
  if (Number.isInteger(place) && place >= 0 && place < count) return place;
  throw new DomainError(
    op,
    `argnums must be whole numbers from ${-count} to ${count - 1} for ${count} arguments; got ` +
      (typeof n === "number" ? n : describe(n)),
    "The first argument is number 0.",
  );
}

function isList(argnums: ArgumentNumbers): argnums is readonly number[] {
  return Array.isArray(argnums);
}

/** What f returned, as [y, aux]. */
export function withAux(op: string, output: unknown, hasAux: boolean): readonly [unknown, unknown] {
  if (!hasAux) return [output, []];
  if (Array.isArray(output) && output.length === 2) return output as unknown as readonly [unknown, unknown];
  throw new TreeError(
    op,
    "with hasAux the function must return a pair [y, aux]",
    "Return both, or leave hasAux out.",
  );
}

/** A function of arrays with one scalar result. */
export type ScalarFunction<X, Rest extends readonly unknown[]> = (x: X, ...rest: Rest) => ArrayLike;
