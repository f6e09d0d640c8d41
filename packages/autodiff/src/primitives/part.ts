import { Bundle } from "../array/bundle.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { internal } from "../errors.ts";
import { bind } from "../trace/bind.ts";
import { add } from "./arithmetic.ts";
import type { Derivative, Primitive } from "./primitive.ts";
import type { ParamsOf } from "./table.ts";

/** y = array `index` of a bundle.        dy = that of the tangents;  no other array gets a cotangent        [eq:part] */
export const partPrimitive: Primitive<ParamsOf<"part">> = {
  name: "part",
  elementwise: false,
  outputType: (_inputs, { shape, dtype }) => ({ shape, dtype }),
  jvp: ([dx], _inputs, _output, { index }) => partsOf(dx!)[index] ?? null,
  vjp: (yBar, _inputs, _output, { index }) => {
    const before = Array.from({ length: index }, () => null);
    return [new Bundle([...before, yBar])];
  },
  batching: { apply: ([bundle], _mapped, { index }) => partsOf(bundle!)[index]! },
};

/** The arrays of a bundle, or their derivatives. */
export function partsOf(bundle: NdArray): readonly Derivative[] {
  return bundle instanceof Bundle
    ? bundle.parts
    : internal("the arrays of a bundle that is not computed yet");
}

/** The arrays of a bundle, given their types. */
export function unbundle(bundle: NdArray, types: readonly ArrayType[]): NdArray[] {
  return types.map(({ shape, dtype }, index) => bind(partPrimitive, [bundle], { index, shape, dtype }));
}

/** The sum of two cotangents of one value. */
export function sumOfCotangents(a: NdArray, b: NdArray): NdArray {
  if (!(a instanceof Bundle) || !(b instanceof Bundle)) return add(a, b);
  const count = Math.max(a.parts.length, b.parts.length);
  return new Bundle(
    Array.from({ length: count }, (_, i) => {
      const [x, y] = [a.parts[i], b.parts[i]];
      return x && y ? add(x, y) : (x ?? y ?? null);
    }),
  );
}
