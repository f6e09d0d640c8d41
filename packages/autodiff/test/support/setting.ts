import fc from "fast-check";
import { array, type NdArray, type NestedNumbers, toNested } from "../../src/index.ts";
import type { ArrayFunction, DifferenceTolerance } from "../../src/testing/index.ts";
import { type Domain, direction, values, valuesLike } from "./values.ts";

/** One way to apply a primitive: shapes and settings are fixed, the numbers are still to be drawn. */
export interface Setting {
  readonly text: string;
  readonly apply: ArrayFunction;
  /** The differentiable arguments; whole-number arguments are closed over by `apply`. */
  readonly inputs: fc.Arbitrary<readonly NdArray[]>;
  /** False where the inputs may lie on a kink: first derivatives are means there, second ones do not exist. */
  readonly smooth: boolean;
  /** What differences of the gradient are good for, where it is less than usual. */
  readonly differences: DifferenceTolerance;
}

/** A stated derivative at a kink or at the edge of a domain: the gradient of the sum of f's elements. */
export interface Edge {
  readonly what: string;
  readonly f: ArrayFunction;
  readonly at: readonly NestedNumbers[];
  readonly value: NestedNumbers;
  readonly gradients: readonly NestedNumbers[];
}

/** What is known of one primitive for the tests. */
export interface PrimitiveCase {
  readonly settings: fc.Arbitrary<Setting>;
  readonly edges: readonly Edge[];
  /** Whether it takes milliseconds to apply, as loops do: fewer points are tried. */
  readonly isCostly?: boolean;
}

/** How many points a law is tried at. */
export function pointsOf({ isCostly = false }: PrimitiveCase): number {
  return isCostly ? 8 : 100;
}

export function setting(
  text: string,
  apply: ArrayFunction,
  inputs: fc.Arbitrary<readonly NdArray[]>,
  { smooth = true, differences = {} }: { smooth?: boolean; differences?: DifferenceTolerance } = {},
): Setting {
  return { text, apply, inputs, smooth, differences };
}

export function edge(
  what: string,
  f: ArrayFunction,
  at: readonly NestedNumbers[],
  value: NestedNumbers,
  gradients: readonly NestedNumbers[],
): Edge {
  return { what, f, at, value, gradients };
}

/** Arrays of given shapes, each from its domain. */
export function inputsOf(
  shapesOfInputs: readonly (readonly number[])[],
  ...domains: readonly Domain[]
): fc.Arbitrary<readonly NdArray[]> {
  return fc.tuple(...shapesOfInputs.map((shape, i) => values(shape, domains[i] ?? domains.at(-1)!)));
}

/** A point, two directions at it, and two cotangents of its value. */
export interface Point {
  readonly setting: Setting;
  readonly xs: readonly NdArray[];
  readonly dxs: readonly NdArray[];
  readonly others: readonly NdArray[];
  readonly yBar: NdArray;
  readonly otherBar: NdArray;
}

/** A point of a setting, printed readably when a law fails there. */
export function pointOf(of: Setting): fc.Arbitrary<Point> {
  return of.inputs.chain((xs) => {
    const y = of.apply(...xs);
    return fc
      .tuple(
        valuesLike(xs, direction),
        valuesLike(xs, direction),
        values(y.shape, direction),
        values(y.shape, direction),
      )
      .map(([dxs, others, yBar, otherBar]) => {
        const point = { setting: of, xs, dxs, others, yBar, otherBar };
        return Object.defineProperty(point, fc.toStringMethod, { value: () => print(point) });
      });
  });
}

function print({ setting: { text }, xs, dxs, others, yBar, otherBar }: Point): string {
  const show = (arrays: readonly NdArray[]): string =>
    arrays.map((x) => JSON.stringify(toNested(x))).join("; ");
  return `${text} at ${show(xs)}, dx ${show(dxs)}, dx' ${show(others)}, yBar ${show([yBar])}, yBar' ${show([otherBar])}`;
}

/** Nested lists as arrays. */
export function arraysOf(nested: readonly NestedNumbers[]): NdArray[] {
  return nested.map((x) => array(x));
}
