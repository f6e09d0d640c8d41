/** The adjoints of the robots' environment steps against differences of the steps themselves. */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { describe, expect, it } from "vitest";
import {
  antDirection,
  antDirection2D,
  antGoal,
  type Environment,
  halfCheetahDirection,
  halfCheetahVelocity,
  hopperParameters,
  rigidBody,
  robots,
  swimmerVelocity,
  walker2dDirection,
  walker2dVelocity,
  width,
} from "../../src/index.ts";

const environments: readonly Environment[] = [
  halfCheetahDirection(),
  halfCheetahVelocity(),
  swimmerVelocity(),
  hopperParameters(),
  walker2dDirection(),
  walker2dVelocity(),
].map((environment) => environment as Environment);

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(x, (value, i) => value * y[i]!).reduce((a, b) => a + b, 0);

/** (s̄, ā) of φ = ⟨w, s'⟩ + r̄ r + ⟨ō, o(s)⟩ at one state and action, with s' = (q', v'). */
function cotangents(
  environment: Environment,
  task: unknown,
  state: Float64Array,
  action: Float64Array,
  { w, r, o }: { readonly w: Float64Array; readonly r: number; readonly o: Float64Array },
  dtype?: "float32",
  contactDepth?: number,
): { readonly state: Float64Array; readonly action: Float64Array } {
  const adjoint = environment.differentiableDynamics!.adjoint(task, dtype, contactDepth);
  const next = environment.step({ values: state, key: key(0), time: 0 }, action, task).state.values;
  const states = Float64Array.of(...state, ...next);
  const [stateBar, actionBar] = [w.slice(), new Float64Array(action.length)];
  adjoint.pullSteps(
    states,
    Int32Array.of(0),
    action,
    Int32Array.of(0),
    stateBar,
    Float64Array.of(r),
    actionBar,
  );
  adjoint.pullObservation(states, 0, o, 0, stateBar, 0);
  return { state: stateBar, action: actionBar };
}

describe("[eq:locomotion-adjoint] is the derivative of step, reward and observation", () => {
  it.each(environments.map((environment) => ({ environment, name: environment.name })))(
    "$name",
    ({ environment }) => {
      const s = environment.differentiableDynamics!.cotangentSize;
      let compared = 0;
      for (let seed = 0; seed < 6; seed++) {
        const k = key(seed);
        const task = environment.family.sample(fold(k, 0));
        let start = environment.reset(fold(k, 1), task);
        // A few steps from the start, some actions beyond their bounds, and some velocities beyond those that are shown.
        const nu = width(environment.action);
        for (let t = 0; t < seed; t++)
          start = environment.step(
            start,
            normal(fold(k, 2, t), nu).map((z) => 7 * z),
            task,
          ).state;
        const action = normal(fold(k, 3), nu).map((z) => 8 * z);
        const state = start.values.map((value, i) => (i === s - 1 && seed % 2 === 0 ? value + 12 : value));
        const bars = {
          w: normal(fold(k, 4), s),
          r: 1 + uniform(fold(k, 5), 1)[0]!,
          o: normal(fold(k, 6), environment.observe(start, task).length),
        };
        const [ds, da] = [normal(fold(k, 7), s), normal(fold(k, 8), nu)].map((x) =>
          x.map((z) => 1e-3 * z),
        ) as [Float64Array, Float64Array];
        const { derivative, error } = differentiateByDifferences((t) => {
          const values = state.map((value, i) => value + t * (ds[i] ?? 0));
          const at = { values, key: key(0), time: 0 };
          const { state: next, reward } = environment.step(
            at,
            action.map((a, i) => a + t * da[i]!),
            task,
          );
          return Float64Array.of(
            dot(bars.w, next.values) + bars.r * reward + dot(bars.o, environment.observe(at, task)),
          );
        });
        const found = cotangents(environment, task, state, action, bars);
        const expected = derivative[0]!;
        // A contact that begins within the step of the differences: nothing can be said.
        if (error[0]! > 1e-7 * Math.abs(expected)) continue;
        compared += 1;
        expect(Math.abs(dot(found.state, ds) + dot(found.action, da) - expected)).toBeLessThan(
          1e-6 * Math.abs(expected),
        );
      }
      expect(compared).toBeGreaterThanOrEqual(4);
    },
  );
});

describe("[eq:softer-contacts] through softer contacts", () => {
  const own = halfCheetahDirection() as Environment;
  /** The half-cheetah whose contacts stiffen over another depth. */
  function softened(depth: number): Environment {
    const { floor, ...robot } = robots["half-cheetah"];
    const { surface } = floor!; // it has one, and all its shapes have this surface
    const [d0, dWidth, , midpoint, power] = surface.softness.impedance;
    const impedance = [d0, dWidth, depth, midpoint, power] as const;
    const soft = { ...surface, softness: { ...surface.softness, impedance } };
    return halfCheetahDirection({
      ...robot,
      floor: { ...floor!, surface: soft },
      bodies: robot.bodies.map((body) => ({
        ...body,
        shapes: body.shapes.map((shape) => ({ ...shape, surface: soft })),
      })),
    }) as Environment;
  }
  /** A state after some steps, with an action and cotangents. */
  function moment(seed: number) {
    const k = key(seed);
    const task = own.family.sample(fold(k, 0));
    let at = own.reset(fold(k, 1), task);
    for (let t = 0; t < 4 + seed; t++)
      at = own.step(
        at,
        normal(fold(k, 2, t), 6).map((z) => 7 * z),
        task,
      ).state;
    const bars = { w: normal(fold(k, 3), 18), r: 1, o: normal(fold(k, 4), 17) };
    return { k, task, state: at.values, action: normal(fold(k, 5), 6).map((z) => 5 * z), bars };
  }
  const apart = (x: Float64Array, y: Float64Array): number =>
    Math.hypot(...x.map((value, i) => value - y[i]!));

  it.each([0.02, 0.05])(
    "over %d m: the derivative of the step of the robot so softened, at the same state",
    (depth) => {
      const softer = softened(depth);
      let [compared, changed] = [0, 0];
      for (let seed = 0; seed < 8; seed++) {
        const { k, task, state, action, bars } = moment(seed);
        const found = cotangents(own, task, state, action, bars, undefined, depth);
        const direction = normal(fold(k, 6), 24).map((z) => 1e-3 * z);
        const { derivative, error } = differentiateByDifferences((t) => {
          const values = state.map((value, i) => value + t * (i < 18 ? direction[i]! : 0));
          const at = { values, key: key(0), time: 0 };
          const moved = action.map((a, i) => a + t * direction[18 + i]!);
          const { state: next, reward } = softer.step(at, moved, task);
          return Float64Array.of(dot(bars.w, next.values) + reward + dot(bars.o, softer.observe(at, task)));
        });
        const expected = derivative[0]!;
        // A contact that begins within the step of the differences: nothing can be said.
        if (error[0]! > 1e-7 * Math.abs(expected)) continue;
        compared += 1;
        const along = dot(found.state, direction) + dot(found.action, direction.subarray(18));
        expect(Math.abs(along - expected)).toBeLessThan(1e-6 * Math.abs(expected));
        const exact = cotangents(own, task, state, action, bars);
        if (apart(found.state, exact.state) > 0.1 * Math.hypot(...exact.state)) changed += 1;
      }
      expect(compared).toBeGreaterThanOrEqual(5);
      expect(changed).toBeGreaterThanOrEqual(3);
    },
  );

  it("in float32 it is the same to rounding", () => {
    for (let seed = 0; seed < 4; seed++) {
      const { task, state, action, bars } = moment(seed);
      const at = (dtype?: "float32") => cotangents(own, task, state, action, bars, dtype, 0.02).state;
      expect(apart(at("float32"), at())).toBeLessThan(1e-3 * Math.hypot(...at()));
    }
  });

  it("over its own depth or less it is that of the step itself, bit for bit", () => {
    const { task, state, action, bars } = moment(0);
    const exact = cotangents(own, task, state, action, bars);
    for (const depth of [0.01, 0.001])
      expect(cotangents(own, task, state, action, bars, undefined, depth)).toEqual(exact);
  });

  it.each(environments.map((environment) => ({ environment, name: environment.name })))(
    "is said to be possible where contacts begin without force: $name",
    ({ environment, name }) => {
      const depth = name.startsWith("half-cheetah") ? 0.01 : undefined;
      expect(environment.differentiableDynamics!.contactDepth!()).toBe(depth);
    },
  );

  it("changes nothing where no contact begins without force", () => {
    const environment = walker2dDirection() as Environment;
    const task = environment.family.sample(key(0));
    const { values } = environment.reset(key(1), task);
    const bars = { w: normal(key(2), 18), r: 1, o: normal(key(3), 17) };
    const at = (depth?: number) =>
      cotangents(environment, task, values, normal(key(4), 6), bars, undefined, depth);
    expect(at(0.02)).toEqual(at());
  });
});

describe.each(environments.map((environment) => ({ environment, name: environment.name })))(
  "$name in float32",
  ({ environment }) => {
    const size = (x: Float64Array) => Math.sqrt(dot(x, x));
    const less = (x: Float64Array, y: Float64Array) => x.map((value, i) => value - y[i]!);
    /** A state after some steps, with an action and cotangents. */
    function moment(seed: number) {
      const k = key(seed);
      const nu = width(environment.action);
      const task = environment.family.sample(fold(k, 0));
      let at = environment.reset(fold(k, 1), task);
      for (let t = 0; t < 5; t++) at = environment.step(at, scaled(5, normal(fold(k, 2, t), nu)), task).state;
      const bars = {
        w: normal(fold(k, 4), environment.differentiableDynamics!.cotangentSize),
        r: normal(fold(k, 5), 1)[0]!,
        o: normal(fold(k, 6), environment.observe(at, task).length),
      };
      return { task, state: at.values, action: scaled(5, normal(fold(k, 3), nu)), bars };
    }
    const scaled = (factor: number, x: Float64Array) => x.map((value) => factor * value);

    it("is that of float64 to 1e-3", () => {
      for (let seed = 0; seed < 5; seed++) {
        const { task, state, action, bars } = moment(seed);
        const [exact, found] = [undefined, "float32" as const].map((dtype) =>
          cotangents(environment, task, state, action, bars, dtype),
        ) as [ReturnType<typeof cotangents>, ReturnType<typeof cotangents>];
        for (const of of ["state", "action"] as const) {
          expect(size(less(found[of], exact[of]))).toBeLessThan(1e-3 * size(exact[of]));
          expect(found[of]).not.toEqual(exact[of]);
        }
      }
    });

    it("carries cotangents beyond the range of float32, as multiples of smaller ones", () => {
      const { task, state, action, bars } = moment(6);
      const none = { r: 0, o: scaled(0, bars.o) };
      const unit = cotangents(environment, task, state, action, { ...none, w: bars.w }, "float32");
      const w = scaled(2 ** 300, bars.w);
      const found = cotangents(environment, task, state, action, { ...none, w }, "float32");
      expect(found).toEqual({ state: scaled(2 ** 300, unit.state), action: scaled(2 ** 300, unit.action) });
    });

    it("leaves a state beyond its range to float64", () => {
      const { task, state, action, bars } = moment(7);
      const far = state.with(0, 1e39); // x, on which nothing depends
      const exact = cotangents(environment, task, far, action, bars);
      expect(cotangents(environment, task, far, action, bars, "float32")).toEqual(exact);
    });
  },
);

describe("at touch-down", () => {
  /** Falling at 0.5 m/s in the pose of rest, from height z: the velocities after one environment step. */
  function landing(environment: Environment) {
    const task = environment.family.sample(key(0));
    const { cotangentSize: s, adjoint } = environment.differentiableDynamics!;
    const n = s / 2;
    const still = new Float64Array(width(environment.action));
    const at = (z: number): Float64Array =>
      new Float64Array(environment.stateSize).fill(z, 1, 2).fill(-0.5, n + 1, n + 2);
    const velocities = (z: number): Float64Array =>
      environment.step({ values: at(z), key: key(0), time: 0 }, still, task).state.values.slice(n, s);
    /** ∂/∂z of all of them in one direction. */
    const slope = (z: number, w: Float64Array): number => {
      const stateBar = Float64Array.of(...new Float64Array(n), ...w);
      const states = Float64Array.of(...at(z), ...new Float64Array(environment.stateSize));
      const [row, none] = [Int32Array.of(0), Float64Array.of(0)];
      adjoint(task).pullSteps(states, row, still, row, stateBar, none, still.slice());
      return stateBar[1]!;
    };
    const flight = velocities(10);
    const change = (z: number): number => Math.max(...velocities(z).map((v, i) => Math.abs(v - flight[i]!)));
    // Where the last physics step begins to touch.
    let [touching, free] = [-2, 10];
    while (free - touching > 1e-9) {
      const middle = (touching + free) / 2;
      if (change(middle) < 1e-12) free = middle;
      else touching = middle;
    }
    // What a contact changes as it begins, and 2 mm deep.
    return { velocities, slope, touching, free, share: change(touching) / change(touching - 2e-3) };
  }

  it("derivatives are those of the side that the step is on", () => {
    const { velocities, slope, touching, free } = landing(halfCheetahDirection() as Environment);
    const w = normal(key(1), velocities(free).length);
    expect(slope(free, w)).toBe(0);
    for (const depth of [1e-6, 1e-5, 1e-4]) {
      const z = touching - depth;
      const [up, down] = [velocities(z + 1e-2 * depth), velocities(z - 1e-2 * depth)];
      const expected = dot(
        w,
        up.map((v, i) => (v - down[i]!) / (2e-2 * depth)),
      );
      expect(Math.abs(expected)).toBeGreaterThan(1);
      expect(Math.abs(slope(z, w) - expected)).toBeLessThan(1e-5 * Math.abs(expected));
    }
  });

  it("[eq:jump-distance] contacts of the half-cheetah begin softly; the hopper's and the walker's with a jump", () => {
    expect(landing(halfCheetahDirection() as Environment).share).toBeLessThan(5e-3);
    expect(landing(hopperParameters() as Environment).share).toBeGreaterThan(0.05);
    expect(landing(walker2dDirection() as Environment).share).toBeGreaterThan(0.05);
  });
});

describe("[eq:jump-distance] where the data jump", () => {
  /** Whether every contact and limit of a robot begins softly: with an impedance of 1e-4, the least that there is. */
  const soft = (name: keyof typeof robots): boolean => {
    const model = rigidBody.compileModel(robots[name]);
    const laws = [...model.pairs, ...model.limits].map(({ law }) => law);
    expect(laws.length).toBeGreaterThan(0);
    return laws.every(({ d0 }) => d0 <= 1e-4);
  };

  it.each([
    ["half-cheetah", halfCheetahDirection()],
    ["half-cheetah", halfCheetahVelocity()],
    ["swimmer", swimmerVelocity()],
    ["hopper", hopperParameters()],
    ["walker2d", walker2dDirection()],
    ["walker2d", walker2dVelocity()],
  ] as const)("is said unless all contacts begin softly: %s", (robot, environment) => {
    expect(environment.differentiableDynamics!.jumps === undefined).toBe(soft(robot));
  });

  it.each([antDirection(), antDirection2D(), antGoal()])(
    "$name shows contact forces, and is left out",
    (environment) => {
      expect(environment.differentiableDynamics).toBeUndefined();
    },
  );
});
