/** Drives a robot some steps on. */
import { hashOf } from "../live/hash.ts";
import { serveTasks } from "../live/worker-task.ts";
import { advance, type Motion } from "./drive.ts";
import type { Driven } from "./setting.ts";

export interface DriveRequest {
  readonly driven: Driven;
  readonly steps: number;
}
export interface DriveResult extends Motion {
  /** Of qpos and qvel, as little-endian float64. */
  readonly hash: string;
}

serveTasks<DriveRequest, DriveResult>(async ({ driven, steps }) => {
  const motion = advance(driven, steps);
  const { qpos = [], qvel = [] } = motion.driven.state ?? {};
  return { ...motion, hash: await hashOf([...qpos, ...qvel]) };
});
