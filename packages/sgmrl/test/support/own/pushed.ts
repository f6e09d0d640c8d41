/** An environment with a picture in the plane, as a module. */
import { box, defineEnvironment, type Environment } from "@sgmrl/envs";

interface Mark {
  readonly mark: number;
}

const environment: Environment<Mark> = defineEnvironment<Mark>({
  name: "pushed",
  summary: "a point is pushed to a mark",
  observation: box(2, -10, 10),
  action: box(2, -1, 1),
  stateSize: 2,
  horizon: 5,
  discount: 0.9,
  family: { description: "the mark is 1", sample: () => ({ mark: 1 }) },
  picture: {
    position: [0, 1],
    scene: ({ mark }) => ({
      bounds: { x: [-2, 2], y: [-2, 2] },
      marks: [{ kind: "goal", x: mark, y: 0 }],
    }),
    strokes: ([x, y]) => [{ x1: 0, y1: 0, x2: x!, y2: y!, radius: 0.25 }],
  },
  dynamics: ({ mark }) => ({
    start: (_key, state, s) => void state.fill(0, s, s + 2),
    advance(state, s, action, a) {
      state[s]! += 0.1 * action[a]!;
      state[s + 1]! += 0.1 * action[a + 1]!;
      return -Math.abs(state[s]! - mark);
    },
    terminal: () => false,
    observe: (state, s, observation, o) => void observation.set(state.subarray(s, s + 2), o),
  }),
});

export default environment;
