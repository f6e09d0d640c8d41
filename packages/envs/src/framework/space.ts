import { type Key, uniform, uniformAt } from "@sgmrl/autodiff/random";

/** Real vectors x with low_i <= x_i <= high_i. A bound may be infinite. */
export interface Box {
  readonly kind: "box";
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The numbers 0, 1, ..., count - 1. In a buffer, each takes one element. */
export interface Discrete {
  readonly kind: "discrete";
  readonly count: number;
}

/** The set of valid actions or observations. */
export type Space = Box | Discrete;

/** The box [low, high]^dimensions. Errors  RangeError for dimensions that are no count */
export function box(dimensions: number, low: number, high: number): Box {
  if (!(Number.isSafeInteger(dimensions) && dimensions >= 0))
    throw new RangeError(`box: dimensions must be a whole number of at least 0; got ${dimensions}`);
  return {
    kind: "box",
    low: Array<number>(dimensions).fill(low),
    high: Array<number>(dimensions).fill(high),
  };
}

/** The choices 0, 1, …, count − 1. */
export function discrete(count: number): Discrete {
  return { kind: "discrete", count };
}

/** Number of buffer elements that one point of the space takes. */
export function width(space: Space): number {
  return space.kind === "box" ? space.low.length : 1;
}

/** Whether a point, [width(space)], is in the space: within a box's bounds, or one of the choices. */
export function contains(space: Space, point: ArrayLike<number>): boolean {
  if (point.length !== width(space)) return false;
  if (space.kind === "discrete") {
    const index = point[0]!;
    return Number.isInteger(index) && index >= 0 && index < space.count;
  }
  return space.low.every((low, i) => point[i]! >= low && point[i]! <= space.high[i]!);
}

/** Uniform draw `index` of the key, scaled to [-bound, bound). */
export function uniformAround0(key: Key, index: number, bound: number): number {
  return bound * (2 * uniformAt(key, index) - 1);
}

/**
 * One point, uniform over the space; a box must be bounded.
 *
 * Shapes  → [width(space)]
 * Errors  RangeError for a box without bounds
 */
export function samplePoint(space: Space, key: Key): Float64Array {
  const u = uniform(key, width(space));
  if (space.kind === "discrete") return u.map((x) => Math.floor(x * space.count));
  return u.map((x, i) => {
    const [low, high] = [space.low[i]!, space.high[i]!];
    if (!Number.isFinite(high - low)) {
      throw new RangeError(
        `samplePoint: component ${i} of the box, [${low}, ${high}], is unbounded, so no point can be drawn uniformly`,
      );
    }
    return low + x * (high - low);
  });
}
