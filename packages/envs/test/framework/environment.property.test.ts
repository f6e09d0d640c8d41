import { fold, key, split } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { atTimeLimit, contains, type Environment, environments, type State, width } from "../../src/index.ts";
import { batchBuffers, randomAction } from "../support/rollout.ts";

// Laws that every environment of the registry keeps, for random tasks, keys and actions.
describe.each(Object.values(environments).map((environment) => ({ name: environment.name, environment })))(
  "$name",
  ({ environment }) => {
    const someTask = fc.nat().map((seed) => environment.family.sample(key(seed)));

    it("is the same in a batch as alone, bit for bit, terminated trajectories included", () => {
      fc.assert(
        fc.property(someTask, fc.nat(), fc.integer({ min: 1, max: 4 }), (task, seed, size) => {
          const keys = split(key(seed), size);
          const steps = Math.min(environment.horizon, 12);
          expect(inBatch(environment, task, keys, steps)).toEqual(alone(environment, task, keys, steps));
        }),
        { numRuns: runs(25) },
      );
    });

    it("is a function of key, task and action alone, and changes none of its arguments", () => {
      fc.assert(
        fc.property(someTask, fc.nat(), (task, seed) => {
          const before = structuredClone(task);
          const start = environment.reset(key(seed), task);
          const values = start.values.slice();
          const action = randomAction(environment, key(seed + 1));
          const first = environment.step(start, action, task);
          expect(environment.step(start, action, task)).toEqual(first);
          expect(environment.reset(key(seed), task)).toEqual(start);
          expect(start.values).toEqual(values);
          expect(task).toEqual(before);
          expect(first.state.time).toBe(1);
          expect(first.observation).toEqual(environment.observe(first.state, task));
        }),
        { numRuns: runs(25) },
      );
    });

    it("observes points of its observation space", () => {
      fc.assert(
        fc.property(someTask, fc.nat(), (task, seed) => {
          let state = environment.reset(key(seed), task);
          expect(contains(environment.observation, environment.observe(state, task))).toBe(true);
          while (!atTimeLimit(environment, state)) {
            const {
              state: next,
              observation,
              reward,
              terminated,
            } = environment.step(state, randomAction(environment, fold(key(seed), state.time)), task);
            expect(contains(environment.observation, observation)).toBe(true);
            expect(Number.isFinite(reward)).toBe(true);
            if (terminated) break;
            state = next;
          }
          expect(state.time).toBeLessThanOrEqual(environment.horizon);
        }),
        { numRuns: runs(5) },
      );
    });

    it("has tasks of plain data, the same for the same key, that survive JSON", () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const task = environment.family.sample(key(seed));
          expect(environment.family.sample(key(seed))).toEqual(task);
          const copy: unknown = JSON.parse(JSON.stringify(task));
          expect(copy).toEqual(task);
          const start = environment.reset(key(seed), task);
          const action = randomAction(environment, key(seed));
          expect(environment.step(start, action, copy)).toEqual(environment.step(start, action, task));
        }),
        { numRuns: runs(25) },
      );
    });

    it("draws tasks that differ, unless there are finitely many, whose probabilities sum to 1", () => {
      const drawn = new Set(split(key(1), 64).map((k) => JSON.stringify(environment.family.sample(k))));
      const { tasks } = environment.family;
      if (tasks === undefined) {
        expect(drawn.size).toBe(64);
      } else {
        expect(drawn).toEqual(new Set(tasks.map(({ task }) => JSON.stringify(task)))); // a miss has probability below 1e-7
        expect(tasks.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 14);
      }
    });

    it("refuses actions of the wrong length or kind, and non-finite ones, by name", () => {
      const task = environment.family.sample(key(0));
      const start = environment.reset(key(0), task);
      const size = width(environment.action);
      expect(() => environment.step(start, new Float64Array(size + 1), task)).toThrow(
        `${environment.name}: the length of action must be ${size}; got ${size + 1}`,
      );
      const batch = environment.batch(task, 2);
      const out = batchBuffers(environment, 2);
      expect(() => batch.step(out.actions, out)).toThrow(/step before reset/);
      batch.reset(split(key(0), 2), out.observations);
      out.actions[size] = Number.NaN; // the first number of the second trajectory's action
      expect(() => batch.step(out.actions, out)).toThrow(
        new RegExp(`${environment.name}: action.* at time 0 must be`),
      );
      expect(() => batch.step(out.actions, { ...out, rewards: new Float64Array(1) })).toThrow(
        /length of rewards must be 2; got 1/,
      );
      expect(() => batch.reset(split(key(0), 3), out.observations)).toThrow(
        /length of keys must be 2; got 3/,
      );
      expect(() => environment.batch(task, 0)).toThrow(/batch size must be 1 or more; got 0/);
    });

    it("refuses a task of another family", () => {
      expect(() => environment.reset(key(0), { nonsense: true })).toThrow(
        new RegExp(`^${environment.name}: `),
      );
    });
  },
);

interface Run {
  readonly observations: number[][];
  readonly rewards: number[];
  readonly terminated: boolean[];
}

/** Trajectory i takes actions drawn from fold(keys[i], 1000 + t), here and below. */
const actionAt = (environment: Environment, trajectory: State["key"], t: number): Float64Array =>
  randomAction(environment, fold(trajectory, 1000 + t));

function alone(environment: Environment, task: unknown, keys: readonly State["key"][], steps: number): Run[] {
  return keys.map((trajectory) => {
    let state = environment.reset(trajectory, task);
    let ended = false;
    const run: Run = { observations: [[...environment.observe(state, task)]], rewards: [], terminated: [] };
    for (let t = 0; t < steps; t++) {
      if (ended) {
        run.rewards.push(0); // as Batch.step documents
      } else {
        const {
          state: next,
          reward,
          terminated,
        } = environment.step(state, actionAt(environment, trajectory, t), task);
        state = next;
        ended = terminated;
        run.rewards.push(reward);
      }
      run.terminated.push(ended);
      run.observations.push([...environment.observe(state, task)]);
    }
    return run;
  });
}

function inBatch(
  environment: Environment,
  task: unknown,
  keys: readonly State["key"][],
  steps: number,
): Run[] {
  const size = keys.length;
  const batch = environment.batch(task, size);
  const out = batchBuffers(environment, size);
  const row = width(environment.observation);
  const observationOf = (i: number) => [...out.observations.subarray(i * row, (i + 1) * row)];
  batch.reset(keys, out.observations);
  const runs = keys.map((_, i): Run => ({ observations: [observationOf(i)], rewards: [], terminated: [] }));
  for (let t = 0; t < steps; t++) {
    for (const [i, trajectory] of keys.entries()) {
      out.actions.set(actionAt(environment, trajectory, t), i * width(environment.action));
    }
    batch.step(out.actions, out);
    runs.forEach((run, i) => {
      run.observations.push(observationOf(i));
      run.rewards.push(out.rewards[i]!);
      run.terminated.push(out.terminated[i] === 1);
    });
  }
  return runs;
}
