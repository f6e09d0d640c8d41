import { requireLike } from "../arguments/differentiated.ts";
import { refuseTooMany } from "../arguments/refusals.ts";
import { type ArrayLike, type ArrayType, isFloat, type NdArray } from "../array/ndarray.ts";
import { DomainError, requireList, TraceLeakError, TreeError } from "../errors.ts";
import { aFunction, type Expected, flag, optionsOf } from "../options.ts";
import { asArray, broadcastTo } from "../primitives/broadcasting.ts";
import { zerosLike } from "../primitives/comparison.ts";
import type { NoParams, Primitive } from "../primitives/primitive.ts";
import { bind } from "../trace/bind.ts";
import { typeOf } from "../trace/graph.ts";
import { traceArrays } from "../trace/trace-function.ts";
import { requireSound } from "../trace/tracer.ts";
import { vjp } from "./vjp.ts";
import { vmap } from "./vmap.ts";

/** A function of arrays with custom derivative rules. At least one rule is required. */
export interface CustomFunction {
  /** The name used in errors and by `show`; any name is allowed, even that of a function of this library. */
  readonly name: string;
  /** Whether f(x, y) = f(y, x), so that both are computed only once (default no); for two arguments only. */
  readonly commutative?: boolean;
  /** The function itself, from arrays to one array, written with the functions of this library. */
  readonly apply: (...inputs: NdArray[]) => NdArray;
  /** The output's tangent from those of the inputs; must be linear in them. */
  readonly jvp?: (tangents: readonly NdArray[], inputs: readonly NdArray[], output: NdArray) => NdArray;
  /** The inputs' cotangents from that of the output; must be linear in it. */
  readonly vjp?: (cotangent: NdArray, inputs: readonly NdArray[], output: NdArray) => readonly NdArray[];
}

const parts = {
  name: { words: "a text", holds: (value) => typeof value === "string", required: true },
  commutative: flag,
  apply: { ...aFunction, required: true },
  jvp: aFunction,
  vjp: aFunction,
} as const satisfies Readonly<Record<keyof CustomFunction, Expected>>;

/**
 * A function that is differentiated by a custom rule instead of through its definition.      [eq:custom]
 *
 * If only one rule is given, the other is its transpose, since a linear map's vjp is its transpose at every
 * point:   vjp rule = transpose of (dx ↦ jvp(dx)),   jvp rule = transpose of (yBar ↦ vjp(yBar)).
 *
 * Under vmap the function and its rules are mapped together.
 *
 * Errors  DomainError if there is no rule; DTypeError if `apply` or a rule returns no array; TreeError if a vjp rule does not
 *         return one cotangent per input, or a commutative function is not given two
 */
export function customFunction(spec: CustomFunction): (...inputs: ArrayLike[]) => NdArray {
  const primitive = customPrimitive(optionsOf("customFunction", spec, parts));
  return (...inputs) => {
    if (primitive.commutative && inputs.length !== 2) throw notOfTwo(spec.name, inputs.length);
    return bind(
      primitive,
      inputs.map((x, i) => asArray(x, spec.name, `argument ${i}`)),
      {},
    );
  };
}

function customPrimitive(spec: CustomFunction): Primitive<NoParams> {
  const { jvp: forward, vjp: reverse } = spec;
  const apply = (...inputs: readonly NdArray[]): NdArray =>
    asArray(spec.apply(...inputs), spec.name, "what apply returns");
  if (forward === undefined && reverse === undefined) {
    throw new DomainError(
      spec.name,
      "a custom function needs a jvp or a vjp rule",
      "Without one, call it directly.",
    );
  }
  let mapped: Primitive<NoParams> | undefined;
  return {
    name: spec.name,
    elementwise: false,
    commutative: spec.commutative ?? false,
    batching: {
      apply: (inputs, isMapped, params, size) => {
        mapped ??= customPrimitive(mappedSpec(spec)); // one object, so that equal applications compare equal
        return bind(
          mapped,
          inputs.map((x, i) => (isMapped[i] ? x : broadcastTo(x, [size, ...x.shape]))),
          params,
        );
      },
    },
    outputType: (inputs) => {
      refuseTooMany(spec.name, inputs.length);
      const { graph, captured } = traceArrays(spec.name, (xs) => apply(...xs), inputs);
      if (captured[0] !== undefined) throw closesOver(spec.name, captured[0]);
      return typeOf(graph, graph.outputs[0]!);
    },
    expand: (inputs) => apply(...inputs),
    jvp: (tangents, inputs, y) => {
      const dxs = tangents.map((dx, i) => dx ?? zerosLike(inputs[i]!));
      if (forward) {
        const dy = asArray(forward(dxs, inputs, y), `${spec.name}: jvp rule`, "the tangent of the output");
        requireSound(`${spec.name}: jvp rule`, [dy], ["the tangent of the output"]);
        requireLike(`${spec.name}: jvp rule`, "the tangent of the output", dy, y);
        return dy;
      }
      const cotangentsOf = (yBar: NdArray): readonly NdArray[] => floating(pullBack(yBar, inputs, y), inputs);
      return transposed(cotangentsOf, zerosLike(y), floating(dxs, inputs));
    },
    vjp: (yBar, inputs, y) => {
      if (reverse) return pullBack(yBar, inputs, y);
      const tangentOf = (dxs: readonly NdArray[]): NdArray => {
        const given = dxs.values();
        // One per floating-point input; the others have zero tangents.
        const all = inputs.map((x) => (isFloat(x.dtype) ? given.next().value! : zerosLike(x)));
        return forward!(all, inputs, y);
      };
      const origin = floating(inputs, inputs).map((x) => zerosLike(x));
      const xBars = transposed<readonly NdArray[], NdArray>(tangentOf, origin, yBar).values();
      return inputs.map((x) => (isFloat(x.dtype) ? xBars.next().value! : null));
    },
  };

  function pullBack(yBar: NdArray, inputs: readonly NdArray[], y: NdArray): readonly NdArray[] {
    const found = reverse!(yBar, inputs, y);
    requireList(`${spec.name}: vjp rule`, found, "the cotangents", "Return one per input.");
    const xBars = found.map((xBar, i) => asArray(xBar, `${spec.name}: vjp rule`, `cotangent ${i}`));
    if (xBars.length !== inputs.length) {
      throw new TreeError(
        `${spec.name}: vjp rule`,
        `one cotangent per input is needed; got ${xBars.length} for ${inputs.length} inputs`,
        "Return zerosLike(x) for an input that does not matter.",
      );
    }
    const names = xBars.map((_, i) => `cotangent ${i}`);
    requireSound(`${spec.name}: vjp rule`, xBars, names);
    xBars.forEach((xBar, i) => {
      requireLike(`${spec.name}: vjp rule`, names[i]!, xBar, inputs[i]!);
    });
    return xBars;
  }
}

/** The function and its rules, mapped along a new first axis of every array. */
function mappedSpec({ name, commutative = false, apply, jvp, vjp }: CustomFunction): CustomFunction {
  return {
    name,
    commutative,
    apply: vmap((...inputs: NdArray[]) => apply(...inputs)),
    // Rules may omit parameters they do not use.
    ...(jvp && { jvp: vmap((...given: Parameters<typeof jvp>) => jvp(...given)) }),
    ...(vjp && { vjp: vmap((...given: Parameters<typeof vjp>) => vjp(...given)) }),
  };
}

/** Equal up to the order of three arguments does not mean that all orders are equal. */
function notOfTwo(name: string, count: number): TreeError {
  return new TreeError(
    name,
    `a commutative function has two arguments; got ${count}`,
    "Omit commutative, which says that f(x, y) = f(y, x).",
  );
}

/** A rule sees only the arguments, so the derivative with respect to anything else would be lost. */
function closesOver(name: string, { dtype, shape }: ArrayType): TraceLeakError {
  return new TraceLeakError(
    name,
    `a custom function must not close over traced values; it uses ${dtype}[${shape.join(", ")}]`,
    "Pass it as an argument.",
  );
}

/** The values for the floating-point inputs: integers have no derivative. */
function floating(values: readonly NdArray[], inputs: readonly NdArray[]): NdArray[] {
  return values.filter((_, i) => isFloat(inputs[i]!.dtype));
}

/** Applies the transpose of a linear map; `at` is any point of its domain. */
function transposed<X, Y>(map: (x: X) => Y, at: X, cotangent: Y): X {
  const [, pullback] = vjp<readonly [X], Y>(map)(...([at] as never));
  return pullback(cotangent as never)[0];
}
