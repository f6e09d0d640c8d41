import { coefficientStudy } from "./coefficient/coefficient.ts";
import { contestStudies } from "./contest/contests.ts";
import { convergenceStudy } from "./convergence.ts";
import { corridorStudy } from "./corridor.ts";
import { frontierStudy } from "./frontier/frontier.ts";
import { gaitStudy } from "./gait/gait.ts";
import { gaitBiasStudy } from "./gait/gait-bias.ts";
import { growthStudy } from "./gait/robots.ts";
import { jumpsStudy } from "./jumps.ts";
import { needleStudy } from "./needle.ts";
import { paperStudy } from "./paper/paper.ts";
import { quieterStudy } from "./quieter.ts";
import { simulatorStudy } from "./simulator.ts";
import type { Study } from "./study.ts";
import { twoDoorsStudy } from "./two-doors/two-doors.ts";
import { varianceStudy } from "./variance.ts";

export const studies: readonly Study[] = [
  needleStudy,
  twoDoorsStudy,
  corridorStudy,
  convergenceStudy,
  frontierStudy,
  jumpsStudy,
  simulatorStudy,
  quieterStudy,
  gaitStudy,
  gaitBiasStudy,
  growthStudy,
  coefficientStudy,
  varianceStudy,
  ...contestStudies,
  paperStudy,
];
