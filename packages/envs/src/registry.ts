import type { Environment } from "./framework/environment.ts";
import { EnvironmentError } from "./framework/errors.ts";
import { antDirection, antDirection2D, antGoal } from "./locomotion/ant.ts";
import { antV5, halfCheetahV5, hopperV5, swimmerV5, walker2dV5 } from "./locomotion/gymnasium-v5.ts";
import { halfCheetahDirection, halfCheetahVelocity } from "./locomotion/half-cheetah.ts";
import { hopperParameters } from "./locomotion/hopper.ts";
import { swimmerVelocity } from "./locomotion/swimmer.ts";
import { walker2dDirection, walker2dVelocity } from "./locomotion/walker2d.ts";
import { corner2D } from "./point/corner-2d.ts";
import { momentum2D } from "./point/momentum-2d.ts";
import { navigation2D } from "./point/navigation-2d.ts";
import { toy1D } from "./point/toy-1d.ts";
import { walls2D } from "./point/walls-2d.ts";
import { bernoulliBandit, gaussianBandit, needleBandit, twoDoorsBandit } from "./tabular/bandit.ts";
import { treasureCorridor } from "./tabular/corridor.ts";
import { tabularDense, tabularSparse } from "./tabular/random-mdp.ts";

const all: readonly Environment[] = [
  navigation2D(),
  corner2D("sparse"),
  corner2D("dense"),
  corner2D("dense-squared"),
  momentum2D("sparse"),
  momentum2D("dense"),
  momentum2D("dense-squared"),
  walls2D("dense"),
  walls2D("sparse"),
  toy1D(),
  bernoulliBandit(5),
  bernoulliBandit(10),
  bernoulliBandit(50),
  gaussianBandit(5),
  gaussianBandit(10),
  gaussianBandit(50),
  needleBandit(),
  twoDoorsBandit(),
  treasureCorridor(),
  tabularDense(),
  tabularSparse(),
  halfCheetahDirection(),
  halfCheetahVelocity(),
  antDirection(),
  antDirection2D(),
  antGoal(),
  swimmerVelocity(),
  walker2dDirection(),
  walker2dVelocity(),
  hopperParameters(),
  halfCheetahV5(),
  swimmerV5(),
  hopperV5(),
  walker2dV5(),
  antV5(),
];

/**
 * Every environment by name. Tasks of one are invalid in another: take them from the same entry's `family`.
 * For typed tasks, use the functions that create these entries (`navigation2D`, `corner2D`, ...).
 */
export const environments: Readonly<Record<string, Environment>> = Object.fromEntries(
  all.map((environment) => [environment.name, environment]),
);

/**
 * The environment of the given name. The error for an unknown name lists the known ones.
 *
 * Errors  EnvironmentError for a name that is not in the registry
 */
export function findEnvironment(name: string): Environment {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (found !== undefined) return found;
  throw new EnvironmentError("environments", "name", name, `one of ${Object.keys(environments).join(", ")}`);
}
