import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fold, type Key, normal, uniform } from "@sgmrl/autodiff/random";
import type { RobotState } from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";

const folder = fileURLToPath(new URL("../mjcf/models/", import.meta.url));

/** The models written in MJCF for the tests. */
export const modelNames: readonly string[] = readdirSync(folder).map((file) => file.replace(".xml", ""));

export function modelXml(name: string): string {
  return readFileSync(`${folder}${name}.xml`, "utf8");
}

/** Near the described pose, so that what can touch does; joints up to 10% beyond their ranges. */
export function nearStart(model: Model, k: Key): { state: RobotState; control: Float64Array } {
  const u = uniform(fold(k, 0), model.nq + model.nu + 2);
  const n = normal(fold(k, 1), model.nv + model.nq);
  const qpos = model.qpos0.slice();
  const ranges = new Map(model.limits.map((limit) => [limit.qposAddress, limit]));
  for (const { kind, qposAddress: a } of model.coordinates) {
    const limit = ranges.get(a);
    if (kind === "free") for (let i = 0; i < 3; i++) qpos[a + i]! += 0.3 * (u[a + i]! - 0.5);
    const quaternion = kind === "free" ? a + 3 : a;
    if (kind !== "axial") for (let i = 0; i < 4; i++) qpos[quaternion + i] = n[model.nv + quaternion + i]!;
    else if (limit === undefined) qpos[a]! += 2 * u[a]! - 1;
    else qpos[a] = limit.low + (limit.high - limit.low) * (1.2 * u[a]! - 0.1);
  }
  const speed = 3 * u[model.nq]!;
  const control = Float64Array.from({ length: model.nu }, (_, m) => 3 * u[model.nq + 1 + m]! - 1.5);
  const qvel = Float64Array.from({ length: model.nv }, (_, i) => speed * n[i]!);
  return { state: { qpos, qvel, warmstart: new Float64Array(model.nv) }, control };
}
