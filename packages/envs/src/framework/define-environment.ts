import { createBatch } from "./batch.ts";
import {
  assertAction,
  assertDefinition,
  assertDynamics,
  assertLength,
  assertReward,
  assertTerminal,
} from "./check.ts";
import type { Dynamics, Environment, EnvironmentDefinition } from "./environment.ts";
import { width } from "./space.ts";

/**
 * Makes the single and the batched form of an environment from its dynamics on rows.
 *
 * Errors  `EnvironmentError` for an invalid definition (spaces, sizes, horizon, discount), here; for an invalid
 *         action, a reward that is not finite or a `terminal` that answers otherwise than true or false, at the
 *         step. `checkEnvironment` checks the rest.
 */
export function defineEnvironment<Task>(definition: EnvironmentDefinition<Task>): Environment<Task> {
  assertDefinition(definition);
  const { name, stateSize } = definition;
  const observationSize = width(definition.observation);
  const actionSize = width(definition.action);
  const dynamicsOf = (task: Task): Dynamics => assertDynamics(name, definition.dynamics(task));

  return {
    ...definition,

    reset(key, task) {
      const values = new Float64Array(stateSize);
      dynamicsOf(task).start(key, values, 0);
      return { values, key, time: 0 };
    },

    observe(state, task) {
      const observation = new Float64Array(observationSize);
      assertLength(name, "state.values", state?.values?.length, stateSize);
      dynamicsOf(task).observe(state.values, 0, observation, 0);
      return observation;
    },

    step(state, action, task) {
      assertLength(name, "state.values", state?.values?.length, stateSize);
      const { values: before, key, time } = state;
      const dynamics = dynamicsOf(task);
      const row = Float64Array.from(typeof action === "number" ? [action] : (action ?? []));
      assertLength(name, "action", row.length, actionSize);
      assertAction(name, row, 0, definition.action, time);
      const values = before.slice();
      const reward = dynamics.advance(values, 0, row, 0, key, time);
      assertReward(name, reward, time);
      const observation = new Float64Array(observationSize);
      dynamics.observe(values, 0, observation, 0);
      const terminated = dynamics.terminal(values, 0);
      assertTerminal(name, terminated, time);
      return { state: { values, key, time: time + 1 }, observation, reward, terminated };
    },

    batch: (task, size) => createBatch(definition, dynamicsOf(task), size),
  };
}
