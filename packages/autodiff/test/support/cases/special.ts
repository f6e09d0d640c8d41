import { oneMinusSquare, overRoot } from "../../../src/functions/circular.ts";
import { gaussian } from "../../../src/functions/error-function.ts";
import { polygammaPrimitive } from "../../../src/functions/gamma.ts";
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cosh,
  digamma,
  erf,
  erfc,
  erfinv,
  lgamma,
  sinh,
} from "../../../src/index.ts";
import type { Unary } from "../../../src/primitives/elementwise.ts";
import { type Edge, edge } from "../setting.ts";
import { anything, type Domain, eighths } from "../values.ts";
import type { DefinedCase } from "./defined.ts";
import { at, unaryCase } from "./elementwise.ts";

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
const inside = eighths(-3 / 4, 3 / 4);

function special(name: string, f: Unary, domain: Domain, edges: readonly Edge[]): DefinedCase {
  return {
    primitive: f.primitive as unknown as DefinedCase["primitive"],
    ...unaryCase(name, f, domain, edges),
  };
}

/** Elementary and special functions that are compositions with rules of their own. */
export const specialCases: Readonly<Record<string, DefinedCase>> = {
  // [eq:asin] [eq:acos] [eq:atan]
  asin: special("asin", asin, inside, [
    edge("at the end of the domain", at(asin), [[1, -1]], [Math.PI / 2, -Math.PI / 2], [[inf, inf]]),
    edge("outside", at(asin), [1.5], nan, [nan]),
  ]),
  acos: special("acos", acos, inside, [
    edge("at the ends of the domain", at(acos), [[1, -1]], [0, Math.PI], [[minusInf, minusInf]]),
    edge("outside", at(acos), [-1.5], nan, [nan]),
  ]),
  atan: special("atan", atan, anything, [
    edge(
      "far out",
      at(atan),
      [[inf, minusInf, 1e200]],
      [Math.PI / 2, -Math.PI / 2, Math.PI / 2],
      [[0, 0, 0]],
    ),
    edge("NaN", at(atan), [nan], nan, [nan]),
  ]),
  // [eq:one-minus-square]
  oneMinusSquare: special("oneMinusSquare", oneMinusSquare, anything, [
    edge("near 1", (x) => oneMinusSquare(x!), [1 - 2 ** -52], 2 ** -51 - 2 ** -104, [-2 + 2 ** -51]),
    edge("near 0", (x) => oneMinusSquare(x!), [2 ** -70], 1, [-(2 ** -69)]),
  ]),
  // [eq:over-root]
  overRoot: special("overRoot", overRoot, anything, [
    edge("far out", (x) => overRoot(x!), [[-1e300, 1e9]], [1e-300, 1e-9], [[0, -1e-18]]),
  ]),
  // [eq:sinh] [eq:cosh] [eq:asinh] [eq:acosh] [eq:atanh]
  sinh: special("sinh", sinh, anything, [
    edge("near 0", at(sinh), [1e-20], 1e-20, [1]),
    edge("near overflow", at(sinh), [[710.4, 800]], [Math.sinh(710.4), inf], [[Math.cosh(710.4), inf]]),
  ]),
  cosh: special("cosh", cosh, anything, [edge("at infinity", at(cosh), [minusInf], inf, [minusInf])]),
  asinh: special("asinh", asinh, anything, [
    edge("near 0, far out", at(asinh), [[1e-20, -1e300]], [1e-20, -Math.asinh(1e300)], [[1, 1e-300]]),
    edge("NaN", at(asinh), [nan], nan, [nan]),
  ]),
  acosh: special("acosh", acosh, eighths(5 / 4, 3), [
    edge("at 1, and outside", at(acosh), [[1, 1 / 2, -2]], [0, nan, nan], [[inf, nan, nan]]),
    edge("far out", at(acosh), [[1e300, 1.7e308]], [Math.acosh(1e300), Math.acosh(1.7e308)], [[1e-300, 0]]),
  ]),
  atanh: special("atanh", atanh, inside, [
    edge("at the ends, and outside", at(atanh), [[1, -1, 2]], [inf, minusInf, nan], [[inf, inf, nan]]),
  ]),

  // [eq:gaussian] [eq:erf] [eq:erfc] [eq:erfinv]
  gaussian: special("gaussian", gaussian, anything, [
    edge("far out", (x) => gaussian(x!), [[minusInf, 1e300]], [0, 0], [[nan, 0]]),
  ]),
  erf: special("erf", erf, anything, [
    edge("at infinity", at(erf), [[inf, minusInf]], [1, -1], [[0, 0]]),
    edge("NaN", at(erf), [nan], nan, [nan]),
  ]),
  erfc: special("erfc", erfc, anything, [edge("at infinity", at(erfc), [[inf, minusInf]], [0, 2], [[0, 0]])]),
  erfinv: special("erfinv", erfinv, inside, [
    edge("at the ends, and outside", at(erfinv), [[1, -1, 1.5]], [inf, minusInf, nan], [[inf, inf, nan]]),
    edge("near 0", at(erfinv), [1e-20], (1e-20 * Math.sqrt(Math.PI)) / 2, [Math.sqrt(Math.PI) / 2]),
  ]),

  // [eq:lgamma] [eq:polygamma]
  lgamma: special("lgamma", lgamma, eighths(1 / 4, 3), [
    edge("left of 0", at(lgamma), [-0.5], Math.log(2 * Math.sqrt(Math.PI)), [0.03648997397857652]),
    edge("at infinity", at(lgamma), [inf], inf, [inf]),
  ]),
  polygamma: {
    primitive: polygammaPrimitive as unknown as DefinedCase["primitive"], // its settings are its own
    ...unaryCase("digamma", digamma, eighths(1 / 4, 3), [
      edge("left of 0", at(digamma), [-0.5], 0.03648997397857652, [4 + Math.PI ** 2 / 2]),
    ]),
  },
};
