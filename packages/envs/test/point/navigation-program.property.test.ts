/** The traced step of [eq:navigation-2d] beside the hand-written one. */
import { array, compile, jacobian, vmap } from "@sgmrl/autodiff";
import { key } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { expect, test } from "vitest";
import { navigation2D, navigationStep } from "../../src/index.ts";

const navigation = navigation2D();
const traced = compile(vmap(navigationStep));
const coordinate = fc.double({ min: -0.5, max: 0.5, noNaN: true });
const point = fc.tuple(coordinate, coordinate);
// Walls are reached, actions are clipped, and goals are hit.
const action = fc.tuple(
  fc.double({ min: -15, max: 15, noNaN: true }),
  fc.double({ min: -15, max: 15, noNaN: true }),
);
const near = fc.double({ min: -0.012, max: 0.012, noNaN: true });
const situation = fc.oneof(
  fc.record({ s: point, a: action, goal: point }),
  fc
    .record({ s: point, a: fc.constant([0, 0] as const), off: fc.tuple(near, near) })
    .map(({ s, a, off }) => ({
      s,
      a,
      goal: [s[0] + off[0], s[1] + off[1]] as const,
    })),
);

test("gives the hand-written step's state, reward and termination, to the bit, for many points at once", () => {
  let ended = 0;
  fc.assert(
    fc.property(fc.array(situation, { minLength: 1, maxLength: 8 }), (all) => {
      const [s, a, goal] = [all.map((x) => [...x.s]), all.map((x) => [...x.a]), all.map((x) => [...x.goal])];
      const many = traced(array(s), array(a), array(goal));
      all.forEach((each, i) => {
        const state = { values: Float64Array.from(each.s), key: key(1), time: 0 };
        const next = navigation.step(state, each.a, { goal: each.goal });
        // A move by 0 keeps the sign of zero here and drops it there.
        expect([...many.state.data.slice(2 * i, 2 * i + 2)].map((x) => x + 0)).toEqual(
          [...next.state.values].map((x) => x + 0),
        );
        expect(many.reward.data[i]).toBe(next.reward);
        expect(many.terminated.data[i]).toBe(next.terminated ? 1 : 0);
        ended += next.terminated ? 1 : 0;
      });
    }),
    { numRuns: 200, seed: 3 },
  );
  expect(ended).toBeGreaterThan(50);
});

test("has derivatives: a move is a hundredth of the action, and none into a wall", () => {
  const moved = jacobian(
    (a: ReturnType<typeof array>) => navigationStep(array([0, 0.5]), a, array([0, 0])).state,
  );
  const { data } = moved(array([1, 1]));
  expect(data[0]).toBeCloseTo(0.01, 15);
  expect([...data.slice(1)]).toEqual([0, 0, 0]);
});
