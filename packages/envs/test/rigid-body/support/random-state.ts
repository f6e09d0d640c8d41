import { fold, type Key, normal, uniform } from "@sgmrl/autodiff/random";
import type { RobotState } from "../../../src/rigid-body/dynamics/step.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import type { RobotName } from "../../../src/rigid-body/robots/index.ts";

export const regimes = ["free flight", "limits", "contacts", "contacts and limits"] as const;
export type Regime = (typeof regimes)[number];

/** Heights of the root [m]: far from the floor, and around and into it. */
const heights: Record<RobotName, { high: [number, number]; low: [number, number] } | undefined> = {
  "half-cheetah": { high: [2, 4], low: [-0.6, 0.3] },
  hopper: { high: [3, 5], low: [0.2, 1.4] },
  walker2d: { high: [3, 5], low: [0.2, 1.3] },
  ant: { high: [3, 5], low: [0.1, 0.9] },
  swimmer: undefined,
};

/**
 * A wild state: anywhere within 50 m, any orientation (one in five free orientations not of unit length), joints
 * inside their ranges or up to 10% beyond, speeds of a few m/s and rad/s, controls up to 30% beyond their range,
 * a warm start that may be far off.
 */
export function randomCase(
  model: Model,
  robot: RobotName,
  regime: Regime,
  key: Key,
): { state: RobotState; control: Float64Array } {
  const u = uniform(fold(key, 0), model.nq + model.nu + 6);
  const n = normal(fold(key, 1), model.nv + 4);
  let next = 0;
  const between = (low: number, high: number) => low + (high - low) * u[next++]!;
  const touching = regime === "contacts" || regime === "contacts and limits";
  const beyond = regime === "limits" || regime === "contacts and limits" ? 0.1 : -0.01;
  const height = heights[robot]?.[touching ? "low" : "high"] ?? [-1, 1];

  const qpos = model.qpos0.slice();
  const ranges = new Map(model.limits.map((limit) => [limit.qposAddress, limit]));
  for (const { kind, qposAddress: a } of model.coordinates) {
    const limit = ranges.get(a);
    if (kind === "free") {
      qpos[a] = between(-50, 50);
      qpos[a + 1] = between(-50, 50);
      qpos[a + 2] = between(...height);
      const quaternion = n.subarray(model.nv, model.nv + 4);
      const size = u[next++]! < 0.2 ? 1 + 0.5 * u[next]! : 1;
      const norm = Math.hypot(...quaternion) / size;
      for (let k = 0; k < 4; k++) qpos[a + 3 + k] = quaternion[k]! / norm;
    } else if (limit !== undefined) {
      const slack = beyond * (limit.high - limit.low);
      qpos[a] = between(limit.low - slack, limit.high + slack);
    } else if (a === 1) {
      qpos[a] = between(...height);
    } else {
      qpos[a] = a === 0 ? between(-50, 50) : between(-Math.PI, Math.PI);
    }
  }
  const speed = between(1, 5);
  const qvel = Float64Array.from({ length: model.nv }, (_, i) => speed * n[i]!);
  const control = Float64Array.from({ length: model.nu }, () => between(-1.3, 1.3));
  // Half start the solver from nothing, half from noise of size 1e-2 to 1e4.
  const noise = between(0, 1) < 0.5 ? 0 : 10 ** between(-2, 4);
  const warmstart = normal(fold(key, 2), model.nv).map((x) => noise * x);
  return { state: { qpos, qvel, warmstart }, control };
}
