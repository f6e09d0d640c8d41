import { scalarFor } from "../array/creation.ts";
import {
  type ArrayLike,
  checkDType,
  type DType,
  isFloat,
  type NdArray,
  requireArray,
} from "../array/ndarray.ts";
import { broadcastShapes } from "../array/shape.ts";
import { DTypeError } from "../errors.ts";
import { bind, liftTogether } from "../trace/bind.ts";
import { asArray, broadcastTo, broadcastTogether } from "./broadcasting.ts";
import { type Binary, elementwiseType, type Unary, unary } from "./elementwise.ts";
import { type NoParams, type Primitive, sameSettings } from "./primitive.ts";

// Comparisons give int32 masks, 1 for true and 0 for false, without derivatives. Where the mask jumps, a
// function built from it may have a kink or a jump; there select gives the derivative of the branch taken.

function comparison(name: string, commutative: boolean): Binary {
  const primitive: Primitive<NoParams> = {
    name,
    elementwise: true,
    commutative,
    batching: sameSettings,
    outputType: ([x, y]) => ({ ...elementwiseType(name, { x: x!, y: y! }, true), dtype: "int32" }),
    jvp: () => null,
    vjp: () => [null, null],
  };
  const apply = (x: ArrayLike, y: ArrayLike): NdArray =>
    bind(primitive, broadcastTogether(name, { x, y }), {});
  return Object.assign(apply, { primitive });
}

/** 1 where x < y; 0 elsewhere, NaN included. */
export const less: Binary = comparison("less", false);

/** 1 where x ≤ y; 0 elsewhere, NaN included. */
export const lessEqual: Binary = comparison("lessEqual", false);

/** 1 where x = y; 0 elsewhere, NaN included. */
export const equal: Binary = comparison("equal", true);

/**
 * y = a where mask ≠ 0, b elsewhere                     [eq:select]
 *   dy = select(mask, da, db)     aBar = select(mask, yBar, 0),  bBar = select(mask, 0, yBar)
 */
export const selectPrimitive: Primitive<NoParams> = {
  name: "select",
  elementwise: true,
  batching: sameSettings,
  outputType: ([mask, a, b]) => {
    if (mask!.dtype !== "int32") {
      throw new DTypeError(
        "select",
        `the mask must be int32; got ${mask!.dtype}`,
        "Make it with less, lessEqual, equal, or convert.",
      );
    }
    elementwiseType("select", { mask: mask!, a: { ...a!, dtype: "int32" } }, true);
    return elementwiseType("select", { a: a!, b: b! }, true);
  },
  jvp: ([, da, db], [mask, a, b]) =>
    da || db ? bind(selectPrimitive, [mask!, da ?? zerosLike(a!), db ?? zerosLike(b!)], {}) : null,
  vjp: (yBar, [mask, a, b], _y, _params, wanted) => [
    null,
    wanted[1] ? bind(selectPrimitive, [mask!, yBar, zerosLike(a!)], {}) : null,
    wanted[2] ? bind(selectPrimitive, [mask!, zerosLike(b!), yBar], {}) : null,
  ],
};

/** a where the mask is not zero, b elsewhere. Shapes broadcast. */
export function select(mask: ArrayLike, a: ArrayLike, b: ArrayLike): NdArray {
  const condition =
    typeof mask === "number" ? scalarFor("select", mask, "int32") : asArray(mask, "select", "mask");
  const [x, y] = broadcastTogether("select", { a, b });
  const shape = broadcastShapes("select", { mask: condition.shape, branches: x!.shape });
  const inputs = liftTogether([condition, x!, y!]).map((input) => broadcastTo(input, shape));
  return bind(selectPrimitive, inputs, {});
}

/** Zeros of the shape (and by default the element type) of x; under a trace one number, broadcast. */
export function zerosLike(x: NdArray, dtype?: DType): NdArray {
  requireArray("zerosLike", "x", x);
  if (dtype !== undefined) checkDType("zerosLike", dtype);
  return filledLike(x, 0, dtype);
}

/** An array of the shape of x, filled with one number. */
export function filledLike(x: NdArray, value: number, dtype: DType = x.dtype): NdArray {
  const [number] = liftTogether([convert(value, dtype), x]);
  return broadcastTo(number!, x.shape);
}

/**
 * The same numbers in another element type; linear between floating types, without derivative from or to
 * integers. To int32 it truncates, saturates out of range, and maps NaN to −2^31.            [eq:convert]
 */
export const convertPrimitive: Primitive<{ readonly dtype: DType }> = {
  name: "convert",
  elementwise: true,
  batching: sameSettings,
  outputType: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  jvp: ([dx], _inputs, _y, { dtype }) => (dx && isFloat(dtype) ? convert(dx, dtype) : null),
  vjp: (yBar, [x]) => [isFloat(x!.dtype) && isFloat(yBar.dtype) ? convert(yBar, x!.dtype) : null],
  simplify: ([x], { dtype }) => (x!.dtype === dtype ? x : undefined),
};

/** Converts x to another element type. */
export function convert(x: ArrayLike, dtype: DType): NdArray {
  checkDType("convert", dtype);
  return bind(convertPrimitive, [asArray(x, "convert")], { dtype });
}

/** y = x with derivative zero: rules treat it as a constant; backends see x itself.     [eq:stop-gradient] */
export const stopGradient: Unary = unary({
  name: "stopGradient",
  integers: true,
  jvp: null,
  vjp: null,
  expand: (x) => x,
});
