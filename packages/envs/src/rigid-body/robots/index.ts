import type { Robot } from "../model/robot.ts";
import { ant } from "./ant.ts";
import { halfCheetah } from "./half-cheetah.ts";
import { hopper } from "./hopper.ts";
import { swimmer } from "./swimmer.ts";
import { walker2d } from "./walker2d.ts";

/** The robots that come with the package. */
export type RobotName = "half-cheetah" | "swimmer" | "hopper" | "walker2d" | "ant";

/** The robots as data, by name. */
export const robots: Readonly<Record<RobotName, Robot>> = {
  "half-cheetah": halfCheetah,
  swimmer,
  hopper,
  walker2d,
  ant,
};
