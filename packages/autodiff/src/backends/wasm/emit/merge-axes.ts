import type { Shape } from "../../../array/shape.ts";

/**
 * The fewest axes that visit the same elements in the same order: axes of extent 1 are dropped, and two
 * adjacent axes are merged if every operand can traverse them as one.
 */
export function mergeAxes(
  shape: Shape,
  operands: readonly (readonly number[])[],
): { readonly shape: number[]; readonly strides: number[][] } {
  const merged: { extent: number; steps: number[] }[] = [];
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const steps = operands.map((strides) => strides[axis]!);
    const last = merged.at(-1);
    if (last?.steps.every((step, i) => step === steps[i]! * extent)) {
      last.extent *= extent;
      last.steps = steps;
    } else merged.push({ extent, steps });
  });
  return {
    shape: merged.map(({ extent }) => extent),
    strides: operands.map((_, i) => merged.map(({ steps }) => steps[i]!)),
  };
}
