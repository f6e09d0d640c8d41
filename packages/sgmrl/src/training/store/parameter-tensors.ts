import { InputError } from "../../errors.ts";
import type { Tensor } from "../../files/safetensors.ts";
import type { ParameterBlock } from "../../policy/layout.ts";

/** Vectors laid out like θ, one tensor per block: "theta/log-std", "m/log-std", ... */
export function toTensors(
  vectors: Readonly<Record<string, Float64Array>>,
  blocks: readonly ParameterBlock[],
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [vector, values] of Object.entries(vectors)) {
    let start = 0;
    for (const { name, shape } of blocks) {
      const stop = start + sizeOf(shape);
      tensors[`${vector}/${name}`] = { shape, data: values.subarray(start, stop) };
      start = stop;
    }
  }
  return tensors;
}

/** The inverse. Every vector must have every block, in its shape. `file` is named in errors. */
export function fromTensors(
  tensors: Readonly<Record<string, Tensor>>,
  blocks: readonly ParameterBlock[],
  file: string,
): Record<string, Float64Array> {
  const names = new Set(Object.keys(tensors).map((name) => name.slice(0, name.indexOf("/"))));
  const vectors: Record<string, Float64Array> = {};
  for (const vector of names) {
    const parts = blocks.map(({ name, shape }) => {
      const tensor = tensors[`${vector}/${name}`];
      if (tensor === undefined || String(tensor.shape) !== String(shape))
        throw new InputError(
          `${file}: expected a tensor "${vector}/${name}" of shape [${shape.join(", ")}], as the policy has; ` +
            `got ${tensor === undefined ? "none" : `one of shape [${tensor.shape.join(", ")}]`}.`,
        );
      return tensor.data;
    });
    vectors[vector] = Float64Array.from(parts.flatMap((part) => [...part]));
  }
  return vectors;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
