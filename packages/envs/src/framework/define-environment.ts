import { createBatch } from "./batch.ts";
import { assertAction, assertDefinition, assertLength, assertReward } from "./check.ts";
import type { Environment, EnvironmentDefinition } from "./environment.ts";
import { width } from "./space.ts";

/**
 * Makes the single and the batched form of an environment from its dynamics on rows.
 *
 * Errors  `EnvironmentError` for an invalid definition (spaces, sizes, horizon, discount), here; for an
 *         invalid action or a reward that is not finite, at the step. `checkEnvironment` checks the rest.
 */
export function defineEnvironment<Task>(definition: EnvironmentDefinition<Task>): Environment<Task> {
  assertDefinition(definition);
  const { name, stateSize } = definition;
  const observationSize = width(definition.observation);
  const actionSize = width(definition.action);

  return {
    ...definition,

    reset(key, task) {
      const values = new Float64Array(stateSize);
      definition.dynamics(task).start(key, values, 0);
      return { values, key, time: 0 };
    },

    observe(state, task) {
      const observation = new Float64Array(observationSize);
      definition.dynamics(task).observe(state.values, 0, observation, 0);
      return observation;
    },

    step({ values: before, key, time }, action, task) {
      const dynamics = definition.dynamics(task);
      const row = Float64Array.from(typeof action === "number" ? [action] : action);
      assertLength(name, "action", row.length, actionSize);
      assertAction(name, row, 0, definition.action, time);
      const values = before.slice();
      const reward = dynamics.advance(values, 0, row, 0, key, time);
      assertReward(name, reward, time);
      const observation = new Float64Array(observationSize);
      dynamics.observe(values, 0, observation, 0);
      const terminated = dynamics.terminal(values, 0);
      return { state: { values, key, time: time + 1 }, observation, reward, terminated };
    },

    batch: (task, size) => createBatch(definition, definition.dynamics(task), size),
  };
}
