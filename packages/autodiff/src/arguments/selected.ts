/** `argnums` and `hasAux`: the arguments to differentiate, and additional results of f. */

import type { ArrayLike } from "../array/ndarray.ts";
import type { Flattened } from "../array/tree.ts";
import { DomainError, describe, TreeError } from "../errors.ts";
import { type Expected, flag, unchecked } from "../options.ts";
import { differentiable } from "./differentiated.ts";
import { refuseMoreThan } from "./refusals.ts";

/** The arguments to differentiate: one by its number, or several; negative numbers count from the last. */
export type ArgumentNumbers = number | readonly number[];

/** The arguments to differentiate, and whether the function returns more than its value. */
export interface DerivativeOptions<N extends ArgumentNumbers> {
  /** The arguments to differentiate (default 0, the first). */
  readonly argnums?: N;
  /** Whether f returns [y, aux], with aux passed through (default false). */
  readonly hasAux?: boolean;
}

export const derivativeOptions: Readonly<Record<"argnums" | "hasAux", Expected>> = {
  argnums: unchecked, // checked against the arguments
  hasAux: flag,
};

/** The arguments that `argnums` selects: one, or a list. */
export type Selected<Args extends readonly unknown[], N extends ArgumentNumbers> = N extends readonly number[]
  ? { -readonly [K in keyof N]: Args[N[K] & keyof Args] }
  : N extends number
    ? Args[N]
    : never;

/** The arguments that `argnums` selects as one tree, and f as a function of that tree. */
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
      `argnums must list each argument at most once, and at least one; got [${argnums}]`,
      "Remove repetitions, or leave argnums out for the first argument.",
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
  if (count === 0)
    throw new DomainError(
      op,
      "the derivative was called without arguments, so there is nothing to differentiate with respect to",
      `Pass the point: ${op}(f)(x).`,
    );
  const place = Number.isInteger(n) && n < 0 ? n + count : n;
  if (Number.isInteger(place) && place >= 0 && place < count) return place;
  throw new DomainError(
    op,
    `argnums must be whole numbers from ${-count} to ${count - 1} for ${count} arguments; got ${describe(n)}`,
    "The first argument is number 0.",
  );
}

function isList(argnums: ArgumentNumbers): argnums is readonly number[] {
  return Array.isArray(argnums);
}

/** Splits the result of f into [y, aux]. */
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
