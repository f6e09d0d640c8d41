import type { Key } from "@sgmrl/autodiff/random";
import { assertAction, assertLength, assertReward, assertTerminal } from "./check.ts";
import type { Batch, Dynamics, EnvironmentDefinition } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import { width } from "./space.ts";

/** The batched form of an environment: the same `Dynamics`, applied to each row of one buffer. */
export function createBatch(
  {
    name,
    stateSize,
    observation,
    action,
  }: Pick<EnvironmentDefinition<unknown>, "name" | "stateSize" | "observation" | "action">,
  dynamics: Dynamics,
  size: number,
): Batch {
  if (!Number.isInteger(size) || size < 1) throw new EnvironmentError(name, "batch size", size, "1 or more");
  const observationSize = width(observation);
  const actionSize = width(action);
  const states = new Float64Array(size * stateSize);
  const ended = new Uint8Array(size);
  let keys: readonly Key[] | undefined;
  let time = 0;

  const running = new Int32Array(size);
  const actionRows = new Int32Array(size);
  const runningRewards = new Float64Array(size);
  const advanceTogether = (actions: Float64Array, rewards: Float64Array): void => {
    let count = 0;
    for (let i = 0; i < size; i++) {
      if (ended[i] === 1) continue;
      running[count] = i * stateSize;
      actionRows[count++] = i * actionSize;
    }
    const rows = running.subarray(0, count);
    dynamics.advanceRows!(states, rows, actions, actionRows.subarray(0, count), runningRewards);
    let next = 0;
    for (let i = 0; i < size; i++) rewards[i] = ended[i] === 1 ? 0 : runningRewards[next++]!;
  };

  return {
    size,
    states,

    reset(trajectoryKeys, observations) {
      assertLength(name, "keys", trajectoryKeys?.length, size);
      assertLength(name, "observations", observations?.length, size * observationSize);
      keys = trajectoryKeys;
      time = 0;
      ended.fill(0);
      for (let i = 0; i < size; i++) {
        dynamics.start(keys[i]!, states, i * stateSize);
        dynamics.observe(states, i * stateSize, observations, i * observationSize);
      }
    },

    step(actions, out) {
      if (keys === undefined) {
        throw new EnvironmentError(name, "batch", "step before reset", "reset before its first step");
      }
      assertLength(name, "actions", actions?.length, size * actionSize);
      assertLength(name, "observations", out?.observations?.length, size * observationSize);
      assertLength(name, "rewards", out.rewards?.length, size);
      assertLength(name, "terminated", out.terminated?.length, size);
      const { observations, rewards, terminated } = out;
      for (let i = 0; i < size; i++) {
        if (ended[i] === 0) assertAction(name, actions, i * actionSize, action, time);
      }
      if (dynamics.advanceRows === undefined) {
        for (let i = 0; i < size; i++) {
          rewards[i] =
            ended[i] === 1
              ? 0
              : dynamics.advance(states, i * stateSize, actions, i * actionSize, keys[i]!, time);
        }
      } else advanceTogether(actions, rewards);
      for (let i = 0; i < size; i++) {
        const s = i * stateSize;
        assertReward(name, rewards[i]!, time);
        if (ended[i] === 0) {
          const ends = dynamics.terminal(states, s);
          assertTerminal(name, ends, time);
          ended[i] = ends ? 1 : 0;
        }
        terminated[i] = ended[i]!;
        dynamics.observe(states, s, observations, i * observationSize);
      }
      time += 1;
    },
  };
}
