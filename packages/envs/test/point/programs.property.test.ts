/** The step of each point environment as a program beside the hand-written one, and taken apart where its data jump. */
import { add, array, compile, grad, mul, type NdArray, sum, vmap } from "@sgmrl/autodiff";
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import {
  type Box,
  corner2D,
  type Environment,
  environments,
  momentum2D,
  navigation2D,
  type StepResult,
  toy1D,
  walls2D,
  width,
} from "../../src/index.ts";

const walking: readonly Environment[] = [
  navigation2D(),
  navigation2D({ terminates: false }),
  navigation2D({ actionScale: 0.1 }),
  corner2D("sparse"),
  corner2D("dense"),
  corner2D("dense-squared"),
  momentum2D("sparse"),
  momentum2D("dense"),
  momentum2D("dense-squared"),
  walls2D("dense"),
  walls2D("sparse"),
  toy1D(),
];

const labelled = walking.map((environment) => ({
  label: `${environment.name}${environment.differentiable?.jumps === undefined ? "" : ", which jumps"}`,
  environment,
}));

it("every environment of points in the registry has a program", () => {
  const points = Object.values(environments).filter(
    ({ name }) => /-[12]d/.test(name) && !name.startsWith("ant"),
  );
  expect(points.length).toBe(10);
  expect(points.every(({ differentiable }) => differentiable !== undefined)).toBe(true);
});

/** Walks of random lengths of step, that meet bounds, goals, walls and borders. */
function walk(environment: Environment, seed: number) {
  const k = key(seed);
  const task = environment.family.sample(fold(k, 0));
  const spread = environment.name === "toy-1d" ? 2 : [0.3, 1, 5, 30][seed % 4]!;
  const a = width(environment.action);
  const drawn = normal(fold(k, 1), 60 * a);
  const drift = normal(fold(k, 2), a);
  let state = environment.reset(fold(k, 3), task);
  return Array.from({ length: 60 }, (_, h) => {
    const action = Array.from({ length: a }, (_, i) => spread * (drawn[h * a + i]! + 0.5 * drift[i]!));
    // Half of the walks on the arena stay beside the goal, so that it is reached.
    if (environment.name === "navigation-2d" && seed % 2 === 0) {
      const { goal } = task as { goal: [number, number] };
      const off = uniform(fold(k, 4, h), 2).map((u) => 0.03 * (2 * u - 1));
      state = { ...state, values: Float64Array.of(goal[0] + off[0]!, goal[1] + off[1]!) };
    }
    const before = state;
    const next = environment.step(before, action, task);
    state = next.state;
    return { before, action, next, task };
  });
}

describe.each(labelled)("the program of $label", ({ environment }) => {
  const program = environment.differentiable!;
  const steps = Array.from({ length: 40 }, (_, seed) => walk(environment, seed)).flat();
  const states = array(steps.map(({ before }) => [...before.values]));
  const actions = array(steps.map(({ action }) => action));
  const tasks = array(steps.map(({ task }) => [...program.parameters(task)]));

  it("gives the hand-written step's state, reward and end, bit for bit", () => {
    const { state, reward, terminated } = compile(vmap(program.step))(states, actions, tasks);
    const size = environment.stateSize;
    steps.forEach(({ next }, i) => {
      // A move by 0 keeps the sign of zero here and may drop it there.
      expect([...state.data.slice(size * i, size * (i + 1))].map((x) => x + 0)).toEqual(
        [...next.state.values].map((x) => x + 0),
      );
      expect(reward.data[i]! + 0).toBe(next.reward + 0);
      expect(terminated.data[i]).toBe(next.terminated ? 1 : 0);
    });
  });

  it("is for states that the policy sees", () => {
    const { before, task } = steps[5]!;
    expect([...environment.observe(before, task)]).toEqual([...before.values]);
  });

  const { jumps } = program;
  it("has finite slopes where a distance is 0 or a bound is met", () => {
    const { family, stateSize, action } = environment;
    const sampled: unknown[] = [0, 1, 2].map((seed) => family.sample(key(seed)));
    const corner = environment.name === "navigation-2d" ? [{ goal: [0.5, 0.5] }] : []; // of the arena
    const cases = [...sampled, ...corner].flatMap((task) => {
      const parameters = [...program.parameters(task)];
      const dimensions = width(action);
      const places = [Array.from({ length: dimensions }, () => 0)]; // the walls' center, goals and gaps
      for (let k = 0; k < parameters.length; k += dimensions)
        places.push(parameters.slice(k, k + dimensions));
      return places.flatMap((place) =>
        [0, 1, -1, 10, -10].map((size) => ({
          state: Array.from({ length: stateSize }, (_, i) => place[i] ?? 0),
          action: Array.from({ length: dimensions }, () => size * (action as Box).high[0]!),
          parameters,
        })),
      );
    });
    const columns = [
      array(cases.map(({ state }) => state)),
      array(cases.map((one) => one.action)),
      array(cases.map(({ parameters }) => parameters)),
    ] as const;
    const slopes = (f: StepOutput) => compile(vmap(grad(f, { argnums: [0, 1, 2] })))(...columns);
    const outputs: StepOutput[] = [
      (...inputs) => program.step(...inputs).reward,
      (...inputs) => sum(program.step(...inputs).state),
    ];
    if (jumps !== undefined) outputs.push((s, a, task) => jumps.distance(s, jumps.move(s, a), task));
    for (const output of outputs)
      for (const slope of slopes(output)) expect(slope.data.every(Number.isFinite)).toBe(true);
  });

  if (jumps === undefined) return;
  it("[eq:jump-distance] jumps only where its distance from a jump is 0", () => {
    const { move, arrive, distance } = jumps;
    const [radius, n] = [0.008, 20_000];
    /** A step whose aim is moved by `off`, another one after it, and how far the aims are from jumps. */
    const two = compile(
      vmap((s: NdArray, a: NdArray, off: NdArray, later: NdArray, task: NdArray) => {
        const aim = add(move(s, a), off);
        const first = arrive(s, aim, task);
        const aimLater = move(first.state, later);
        const second = arrive(first.state, aimLater, task);
        return { first, second, d: distance(s, aim, task), dLater: distance(first.state, aimLater, task) };
      }),
    );
    const beside = environment.name === "navigation-2d";
    const range = beside ? 0.03 : 1;
    const all = Array.from({ length: n }, (_, i) => [
      ...program.parameters(environment.family.sample(key(i))),
    ]);
    const places = uniform(key(5), 2 * n).map((u) => range * (2 * u - 1));
    const states = array(
      all.map(([gx, gy], i) => {
        const [x, y] = [places[2 * i]!, places[2 * i + 1]!];
        // Beside the goal, around the origin, or on a ring beside one of the walls.
        if (beside) return [gx! + x, gy! + y];
        const onRing = (1 + (i % 2) + 0.1 * x) / Math.hypot(x, y);
        return environment.name.startsWith("walls") ? [onRing * x, onRing * y] : [x, y];
      }),
    );
    const push = beside ? 0.01 : 10;
    const actions = array(
      Array.from(normal(key(6), 2 * n), (z) => push * z),
      [n, 2],
    );
    const tasks = array(all);
    const angles = uniform(key(7), n).map((u) => 2 * Math.PI * u);
    const off = array(Array.from(angles, (angle) => [radius * Math.cos(angle), radius * Math.sin(angle)]));
    const later = array(
      Array.from(normal(key(8), 2 * n), (z) => push * z),
      [n, 2],
    );
    const [here, there] = [mul(0, off), off].map((by) => two(states, actions, by, later, tasks)) as [
      Two,
      Two,
    ];

    const whole = compile(vmap(program.step))(states, actions, tasks);
    expect(here.first.state.data).toEqual(whole.state.data);
    expect(here.first.reward.data).toEqual(whole.reward.data);
    expect(here.first.terminated.data).toEqual(whole.terminated.data);

    const moved = (stage: "first" | "second", i: number): number =>
      here[stage].terminated.data[i] !== there[stage].terminated.data[i]
        ? 1
        : Math.max(
            Math.abs(here[stage].reward.data[i]! - there[stage].reward.data[i]!),
            ...[0, 1].map((k) =>
              Math.abs(here[stage].state.data[2 * i + k]! - there[stage].state.data[2 * i + k]!),
            ),
          );
    let [jumped, far] = [0, 0];
    for (let i = 0; i < n; i++) {
      const [d, dThere] = [here.d.data[i]!, there.d.data[i]!];
      expect(d).toBeGreaterThanOrEqual(0);
      // 1-Lipschitz, up to the norms in which it is measured.
      expect(Math.abs(dThere - d)).toBeLessThanOrEqual(1.5 * radius);
      if (moved("first", i) > 2 * radius) {
        jumped += 1;
        expect(d).toBeLessThan(1.5 * radius);
      } else if (moved("second", i) > 6 * radius) {
        // Because of where the first step led, or by a border that only the second meets.
        expect(Math.min(d, here.dLater.data[i]!, there.dLater.data[i]!)).toBeLessThan(3 * radius);
      }
      far += d > 1.5 * radius ? 1 : 0;
    }
    expect(jumped).toBeGreaterThan(3);
    expect(far).toBeGreaterThan(n / 8);
  });
});

type StepOutput = (state: NdArray, action: NdArray, task: NdArray) => NdArray;

interface Two {
  readonly first: StepResult;
  readonly second: StepResult;
  readonly d: NdArray;
  readonly dLater: NdArray;
}
