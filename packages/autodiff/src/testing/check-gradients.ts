import { refuseMoreThan } from "../arguments/refusals.ts";
import { array } from "../array/creation.ts";
import type { NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { flatten, unflatten } from "../array/tree.ts";
import type { Backend } from "../backends/backend.ts";
import { reference } from "../backends/reference/backend.ts";
import { wasm } from "../backends/wasm/index.ts";
import { DomainError, DTypeError, requireFunction, TreeError } from "../errors.ts";
import { dot } from "../functions/arithmetic.ts";
import { type Expected, flag, optionsOf, unchecked } from "../options.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { concat } from "../primitives/joining.ts";
import { fold, type Key, key } from "../random/key.ts";
import { fillNormal } from "../random/normal.ts";
import { argumentsAreLeftAlone, compiledRunsAgree, float32RunsAgree, mappedRunsAgree } from "./agreement.ts";
import {
  type ArrayFunction,
  type Arrays,
  derivativesAreLinear,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "./first-order.ts";
import { hessianIsSymmetric, hessianProductsAgree } from "./second-order.ts";
import { LawViolation } from "./violation.ts";

export interface GradientCheck {
  /** Seeds the random directions (default key(0)). */
  readonly key?: Key;
  /** Number of random directions to try, at least 1 (default 3). */
  readonly directions?: number;
  /** Relative tolerance between a derivative and its difference quotient (default 1e-7). */
  readonly relative?: number;
  /**
   * Absolute tolerance (default: 2^−40 times the largest value or slope, so that it does not depend on
   * units).
   */
  readonly absolute?: number;
  /** Whether second derivatives are checked too (default yes; no for functions with kinks). */
  readonly secondOrder?: boolean;
  /**
   * Tolerance in float32, relative to the largest element of a result (default 1e-4); false where float32 is
   * not expected to work, because the point is out of its range or digits cancel.
   */
  readonly float32?: number | false;
  /** Backends that run the compiled function (default: reference and wasm). */
  readonly backends?: readonly Backend[];
}

/** The largest discrepancy found for each law, relative to the largest element compared. */
export interface GradientReport {
  readonly jvp: number;
  readonly vjp: number;
  readonly hvp: number | undefined;
  readonly float32: number | undefined;
}

/**
 * Checks all derivatives of a function at a point. Arguments and result are any trees of float64 arrays.
 *
 *   checkGradients((theta, x) => sum(tanh(matmul(theta.weight, x))), [theta, x])
 *
 * It checks jvp against difference quotients and vjp against jvp, for all arguments together and for each
 * leaf alone; linearity of both; equal values under every transform; equal results when compiled, in float32,
 * under vmap and when repeated; and, for ⟨w, f⟩ with a random w, Hessian-vector products against each other
 * and against differences. A NaN is not accepted as a derivative. Throws a LawViolation that says what
 * disagreed, in which leaf and along which direction.
 */
export function checkGradients<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  args: Args,
  options: GradientCheck = {},
): GradientReport {
  const { key: seed, directions, secondOrder, float32, backends, differences } = checkedOptions(options);
  requireFunction("checkGradients", f);
  refuseMoreThan("checkGradients", f, args.length);
  const { structure, leaves, paths } = flatten(args, "checkGradients", "args");
  if (leaves.length === 0) {
    throw new TreeError(
      "checkGradients",
      "the arguments hold no array",
      "Pass the values to differentiate with respect to.",
    );
  }
  if (leaves.every(({ shape }) => sizeOf(shape) === 0)) {
    throw new TreeError(
      "checkGradients",
      "the arguments hold no number, so there is nothing to check",
      "Pass arrays that are not empty.",
    );
  }
  for (const [i, { dtype }] of leaves.entries()) {
    if (dtype === "float64") continue;
    throw new DTypeError(
      "checkGradients",
      `difference quotients need float64; ${paths[i]} is ${dtype}`,
      "Convert the arguments, and close over whole numbers.",
    );
  }
  const raveled: ArrayFunction = (...xs) =>
    concat(
      flatten(f(...unflatten<Args>(structure, xs)), "checkGradients").leaves.map((y) => reshape(y, [-1])),
    );
  const y = raveled(...leaves);
  requireNumbers(y);

  const reports: Report[] = Array.from({ length: directions }, (_, i) => {
    const [dxs, others] = [like(leaves, fold(seed, i, 0)), like(leaves, fold(seed, i, 1))];
    const [yBar, otherBar] = like([y, y], fold(seed, i, 2)) as [NdArray, NdArray]; // as many as were given
    const moving = leaves.length === 1 ? `in ${paths[0]}` : "all leaves moving";
    return naming(`${moving}, along random direction ${i} of ${directions}`, () => {
      argumentsAreLeftAlone(raveled, leaves, dxs, yBar);
      primalIsKept(raveled, leaves, dxs);
      const alone = eachLeaf(leaves, paths, `along random direction ${i} of ${directions}`, (x, at) => {
        const one: ArrayFunction = (moving) => raveled(...leaves.with(at, moving!));
        return {
          jvp: jvpMatchesDifferences(one, [x], [dxs[at]!], differences),
          vjp: vjpIsTransposeOfJvp(one, [x], [dxs[at]!], yBar, 1e-10),
        };
      });
      const jvp = jvpMatchesDifferences(raveled, leaves, dxs, differences);
      const vjp = vjpIsTransposeOfJvp(raveled, leaves, dxs, yBar, 1e-10);
      derivativesAreLinear(raveled, leaves, [dxs, others], [yBar, otherBar], 0.5, 1e-10);
      compiledRunsAgree(raveled, leaves, dxs, yBar, backends);
      mappedRunsAgree(raveled, leaves, dxs, yBar);
      const single =
        float32 === false ? [] : [float32RunsAgree(raveled, leaves, dxs, yBar, backends, float32)];
      const first = {
        jvp: [jvp, ...alone.map((one) => one.jvp)],
        vjp: [vjp, ...alone.map((one) => one.vjp)],
      };
      if (!secondOrder) return { ...first, hvp: [], float32: single };
      const weighted: ArrayFunction = (...xs) => dot(yBar, raveled(...xs));
      const hvp = hessianProductsAgree(weighted, leaves, dxs, others, { tolerance: 1e-10, differences });
      hessianIsSymmetric(weighted, leaves, dxs, others, 1e-10);
      return { ...first, hvp: [hvp], float32: single };
    });
  });
  const largest = (law: keyof Report): number => Math.max(...reports.flatMap((report) => report[law]));
  return {
    jvp: largest("jvp"),
    vjp: largest("vjp"),
    hvp: secondOrder ? largest("hvp") : undefined,
    float32: float32 === false ? undefined : largest("float32"),
  };
}

/** The discrepancies of each law, from one or several checks. */
type Report = Readonly<Record<keyof GradientReport, readonly number[]>>;

/** Runs a check for every leaf by itself; a violation names the leaf. */
function eachLeaf<T>(
  leaves: Arrays,
  paths: readonly string[],
  direction: string,
  check: (leaf: NdArray, at: number) => T,
): T[] {
  if (leaves.length === 1) return []; // the only leaf was checked already
  return leaves.map((leaf, at) => naming(`in ${paths[at]} alone, ${direction}`, () => check(leaf, at)));
}

/** Runs a check; a violation is extended by `where`, unless an inner call has named a place. */
function naming<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LawViolation) || error.problem.includes("random direction")) throw error;
    throw new LawViolation(error.op, `${error.problem}, ${where}`, error.repair);
  }
}

function requireNumbers({ data }: NdArray): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new LawViolation(
    "values are numbers",
    `element ${at} of the results is ${data[at]}, so its derivative cannot be checked`,
    "Move the point into the domain.",
  );
}

const known = {
  key: { words: "a key", holds: (value) => typeof value === "object" && value !== null && "k0" in value },
  directions: unchecked, // the numbers are checked below
  relative: unchecked,
  absolute: unchecked,
  secondOrder: flag,
  float32: unchecked,
  backends: { words: "a list of backends", holds: Array.isArray },
} as const satisfies Readonly<Record<keyof GradientCheck, Expected>>;

function checkedOptions(options: GradientCheck): Required<Omit<GradientCheck, "relative" | "absolute">> & {
  readonly differences: { readonly relative: number; readonly absolute?: number };
} {
  optionsOf("checkGradients", options, known);
  const { relative = 1e-7, absolute, directions = 3, float32 = 1e-4 } = options;
  if (!Number.isInteger(directions) || directions < 1) {
    throw new DomainError(
      "checkGradients",
      `directions must be a whole number of at least 1; got ${directions}`,
      "Without directions nothing is checked.",
    );
  }
  if (options.backends?.length === 0) {
    throw new DomainError(
      "checkGradients",
      "backends must name at least one",
      "Leave it out for the usual two.",
    );
  }
  for (const [name, value] of Object.entries({ relative, absolute, float32 })) {
    if (value === undefined || value === false || (Number.isFinite(value) && value >= 0)) continue;
    throw new DomainError(
      "checkGradients",
      `${name} must be a number of at least 0; got ${value}`,
      "Correct it.",
    );
  }
  return {
    key: options.key ?? key(0),
    directions,
    secondOrder: options.secondOrder ?? true,
    float32,
    backends: options.backends ?? [reference, wasm],
    differences: { relative: relative / 2, ...(absolute !== undefined && { absolute }) },
  };
}

/** Arrays of standard normal draws, of the same shapes. */
function like(xs: Arrays, seed: Key): Arrays {
  return xs.map(({ shape }, i) => {
    const draws = new Float64Array(sizeOf(shape));
    fillNormal(fold(seed, i), draws);
    return array(draws, shape);
  });
}
