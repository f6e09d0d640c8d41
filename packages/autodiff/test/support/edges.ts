import { full, type NdArray, scalar, sum } from "../../src/index.ts";
import { type Arrays, cotangentsOf, tangentOf } from "../../src/testing/index.ts";
import { requireCloseArrays } from "../../src/testing/violation.ts";
import { arraysOf, type Edge } from "./setting.ts";

const tolerance = 1e-12;

/** A stated derivative holds in both modes, for all arguments together and for each alone. */
export function edgeHolds({ what, f, at, value, gradients }: Edge): void {
  const xs = arraysOf(at);
  const stated = arraysOf(gradients);
  const y = f(...xs);
  requireCloseArrays(what, "the value", [y], arraysOf([value]), tolerance);

  slopesAre(`${what}: all arguments`, f, xs, stated);
  if (xs.length === 1) return;
  xs.forEach((x, i) => {
    slopesAre(`${what}: argument ${i}`, (moving) => f(...xs.with(i, moving!)), [x], [stated[i]!]);
  });
}

function slopesAre(law: string, f: Edge["f"], xs: Arrays, stated: Arrays): void {
  const y = f(...xs);
  requireCloseArrays(`${law}, in reverse`, "gradient", cotangentsOf(f, xs, filled(y, 1)), stated, tolerance);

  // Forward, all elements at once gives the sum of the slopes; where one is infinite, 0 · ∞ would hide the rest.
  const moved = sum(
    tangentOf(
      f,
      xs,
      xs.map((x) => filled(x, 1)),
    ),
  );
  const slopes = stated.flatMap(({ data }) => [...data]);
  const total = scalar(slopes.reduce((sofar, slope) => sofar + slope, 0));
  requireCloseArrays(`${law}, forward`, "slope", [moved], [total], tolerance);

  // Finite slopes take nothing to nothing: no 0 · ∞ is hidden in the rules.
  if (!slopes.every(Number.isFinite)) return;
  const still = sum(
    tangentOf(
      f,
      xs,
      xs.map((x) => filled(x, 0)),
    ),
  );
  requireCloseArrays(`${law}, forward`, "slope of nothing", [still], [scalar(0)], 0);
  const nothing = cotangentsOf(f, xs, filled(y, 0)).map((xBar) => sum(xBar));
  requireCloseArrays(
    `${law}, in reverse`,
    "cotangent of nothing",
    nothing,
    xs.map(() => scalar(0)),
    0,
  );
}

function filled({ shape }: NdArray, value: number): NdArray {
  return full(shape, value);
}
