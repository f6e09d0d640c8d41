/** Question: how many steps of an environment does a batch make per second, in one thread? */
import { fold, key, normal, split } from "@sgmrl/autodiff/random";
import { findEnvironment, width } from "@sgmrl/envs";
import { measure, standardBudget } from "../support/measure.ts";

export interface Throughput {
  readonly environment: string;
  readonly batch: number;
  readonly stepsPerSecond: number;
}

/** Environment steps per second of one thread, standard normal actions. */
export function environmentSteps(quick: boolean): Throughput[] {
  return [20, 1000].flatMap((size) => stepsInBatches(size, quick ? 20 : 100, quick));
}

function stepsInBatches(size: number, horizon: number, quick: boolean): Throughput[] {
  const names = [
    "half-cheetah-direction",
    "swimmer-velocity",
    "hopper-parameters",
    "walker2d-direction",
    "ant-direction",
  ];
  return names.map((name) => {
    const environment = findEnvironment(name);
    const batch = environment.batch(environment.family.sample(key(1)), size);
    const buffers = {
      observations: new Float64Array(size * width(environment.observation)),
      rewards: new Float64Array(size),
      terminated: new Uint8Array(size),
    };
    const actions = Array.from({ length: horizon }, (_, t) =>
      normal(fold(key(2), t), size * width(environment.action)),
    );
    let alive = 0;
    const rollOut = () => {
      batch.reset(split(key(3), size), buffers.observations);
      alive = 0;
      for (const action of actions) {
        alive += size - buffers.terminated.reduce((sum, done) => sum + done, 0);
        batch.step(action, buffers);
      }
      buffers.terminated.fill(0);
    };
    const [timing] = measure([{ name, run: rollOut }], { ...standardBudget, rounds: quick ? 3 : 9 });
    return { environment: name, batch: size, stepsPerSecond: Math.round((1000 * alive) / timing!.median) };
  });
}
