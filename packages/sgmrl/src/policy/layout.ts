import { type NdArray, reshape, slice } from "@sgmrl/autodiff";

/** A named array inside the parameter vector θ. */
export interface ParameterBlock {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The layout of the vector θ: blocks one after the other, each in row-major order. */
export interface Layout {
  readonly blocks: readonly (ParameterBlock & { readonly start: number; readonly stop: number })[];
  /** d, the number of parameters. */
  readonly size: number;
}

export function layoutOf(blocks: readonly ParameterBlock[]): Layout {
  let size = 0;
  const placed = blocks.map(({ name, shape }) => {
    const start = size;
    size += shape.reduce((product, extent) => product * extent, 1);
    return { name, shape, start, stop: size };
  });
  return { blocks: placed, size };
}

/**
 * The block of that name as an array, cut out of θ; differentiable.
 *
 * Shapes  theta: [d] → [...shape];  several at once, theta: [k, d] → [k, ...shape]
 */
export function block(theta: NdArray, layout: Layout, name: string): NdArray {
  const found = layout.blocks.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new RangeError(
      `policy: no parameter block ${name}; expected one of ${layout.blocks.map((b) => b.name).join(", ")}`,
    );
  }
  const batch = theta.shape.slice(0, -1);
  return reshape(slice(theta, ...batch.map((): [] => []), [found.start, found.stop]), [
    ...batch,
    ...found.shape,
  ]);
}
