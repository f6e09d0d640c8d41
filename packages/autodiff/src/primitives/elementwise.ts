import type { ArrayLike, ArrayType, DType, NdArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { DTypeError, internal, ShapeError } from "../errors.ts";
import { bind } from "../trace/bind.ts";
import type { Tracer } from "../trace/tracer.ts";
import { asArray, broadcastTogether } from "./broadcasting.ts";
import { type Derivative, type NoParams, type Primitive, sameSettings } from "./primitive.ts";

/** A function of one array that carries its primitive. */
export type Unary = ((x: ArrayLike) => NdArray) & { readonly primitive: Primitive<NoParams> };

/** A function of two arrays, broadcast against each other, that carries its primitive. */
export type Binary = ((x: ArrayLike, y: ArrayLike) => NdArray) & { readonly primitive: Primitive<NoParams> };

interface UnarySpec {
  readonly name: string;
  /** Whether integers are accepted too (default: floating point only). */
  readonly integers?: boolean;
  /** dy = jvp(dx, x, y); null where the derivative is zero. */
  readonly jvp: ((dx: NdArray, x: NdArray, y: NdArray) => NdArray) | null;
  /** xBar = vjp(yBar, x, y). */
  readonly vjp: ((yBar: NdArray, x: NdArray, y: NdArray) => NdArray) | null;
  /** See Primitive. */
  readonly simplify?: (x: Tracer) => Tracer | undefined;
  /** See Primitive. */
  readonly expand?: (x: NdArray) => NdArray;
}

/** y[i] = f(x[i]). */
export function unary({ name, integers = false, jvp, vjp, simplify, expand }: UnarySpec): Unary {
  const primitive: Primitive<NoParams> = {
    name,
    elementwise: true,
    batching: sameSettings,
    outputType: ([x]) => elementwiseType(name, { x: x! }, integers),
    jvp: ([dx], [x], y) => (dx && jvp ? jvp(dx, x!, y) : null),
    vjp: (yBar, [x], y) => [vjp ? vjp(yBar, x!, y) : null],
    ...(simplify && { simplify: ([x]) => simplify(x!) }),
    ...(expand && { expand: ([x]) => expand(x!) }),
  };
  return Object.assign((x: ArrayLike) => bind(primitive, [asArray(x, name)], {}), { primitive });
}

type BinaryRule = (d: NdArray, x: NdArray, y: NdArray, z: NdArray) => NdArray;

interface BinarySpec {
  readonly name: string;
  readonly integers?: boolean;
  readonly commutative?: boolean;
  /** dz = jvp[0](dx, x, y, z) + jvp[1](dy, x, y, z). */
  readonly jvp: readonly [BinaryRule, BinaryRule];
  /** xBar = vjp[0](zBar, x, y, z), yBar = vjp[1](zBar, x, y, z). */
  readonly vjp: readonly [BinaryRule, BinaryRule];
  /** Adds the two contributions to a tangent; `add`, except for add itself. */
  readonly plus: () => (a: ArrayLike, b: ArrayLike) => NdArray;
  /** See Primitive. */
  readonly simplify?: (x: Tracer, y: Tracer) => Tracer | undefined;
  /** See Primitive. */
  readonly expand?: (x: NdArray, y: NdArray) => NdArray;
}

/** z[i] = f(x[i], y[i]). */
export function binary(spec: BinarySpec): Binary {
  const { name, integers = false, commutative = false, jvp, vjp, plus, simplify, expand } = spec;
  const primitive: Primitive<NoParams> = {
    name,
    elementwise: true,
    commutative,
    batching: sameSettings,
    outputType: ([x, y]) => elementwiseType(name, { x: x!, y: y! }, integers),
    jvp: ([dx, dy], [x, y], z) => {
      const fromX = dx ? jvp[0](dx, x!, y!, z) : null;
      const fromY = dy ? jvp[1](dy, x!, y!, z) : null;
      return fromX && fromY ? plus()(fromX, fromY) : (fromX ?? fromY);
    },
    vjp: (zBar, [x, y], z, _params, wanted): readonly Derivative[] => [
      wanted[0] ? vjp[0](zBar, x!, y!, z) : null,
      wanted[1] ? vjp[1](zBar, x!, y!, z) : null,
    ],
    ...(simplify && { simplify: ([x, y]) => simplify(x!, y!) }),
    ...(expand && { expand: ([x, y]) => expand(x!, y!) }),
  };
  const apply = (x: ArrayLike, y: ArrayLike): NdArray =>
    bind(primitive, broadcastTogether(name, { x, y }), {});
  return Object.assign(apply, { primitive });
}

/** The type of an elementwise result; its arguments must have the same shape and element type. */
export function elementwiseType(
  op: string,
  args: Readonly<Record<string, ArrayType>>,
  integers: boolean,
): ArrayType {
  const [first, ...others] = Object.values(args);
  if (first === undefined) return internal(`${op} without arguments`);
  if (others.some((other) => !sameShape(other.shape, first.shape))) {
    const shapes = Object.fromEntries(Object.entries(args).map(([name, { shape }]) => [name, shape]));
    throw new ShapeError(op, "a primitive takes arrays of the same shape", shapes, "Broadcast them first.");
  }
  if (others.some((other) => other.dtype !== first.dtype)) {
    const got = Object.entries(args).map(([name, { dtype }]) => `${name} ${dtype}`);
    throw new DTypeError(
      op,
      `element types must agree; got ${got.join(", ")}`,
      "Change one with convert(x, dtype).",
    );
  }
  if (!integers) requireFloat(op, first.dtype);
  return { shape: first.shape, dtype: first.dtype };
}

export function requireFloat(op: string, dtype: DType): void {
  if (dtype === "int32") {
    throw new DTypeError(op, "elements must be float64 or float32; got int32", 'Use convert(x, "float64").');
  }
}
