/** What an environment's picture draws, and that a picture which cannot be shown is refused by the part that is wrong. */
import { describe, expect, it } from "vitest";
import {
  animationPage,
  box,
  checkEnvironment,
  type Drawing,
  type DrawnMoment,
  defineEnvironment,
  drawTrajectory,
  type Environment,
  type EnvironmentDefinition,
  filmStrip,
  type Picture,
  type PlanePicture,
  rigidBody,
} from "../../src/index.ts";

interface Mark {
  readonly mark: number;
}

/** A pendulum's tip: position and a number beside it. */
const definition: EnvironmentDefinition<Mark> = {
  name: "tip",
  summary: "a point is pushed to a mark",
  observation: box(3, -10, 10),
  action: box(1, -1, 1),
  stateSize: 3,
  horizon: 4,
  discount: 0.9,
  family: { description: "the mark is 1", sample: () => ({ mark: 1 }) },
  dynamics: () => ({
    start: (_key, state, s) => void state.set([0, 0.5, 7], s),
    advance(state, s, action, a) {
      state[s]! += action[a]!;
      return 0;
    },
    terminal: () => false,
    observe: (state, s, observation, o) => void observation.set(state.subarray(s, s + 3), o),
  }),
};

const plane: PlanePicture<Mark> = {
  position: [0, 1],
  scene: ({ mark }) => ({
    bounds: { x: [-2, 2], y: [-1, 1] },
    marks: [
      { kind: "goal", x: mark, y: 0 },
      {
        kind: "path",
        points: [
          [-1, -1],
          [0, 0],
          [-1, 1],
        ],
      },
    ],
  }),
  strokes: (state) => [{ x1: 0, y1: 0, x2: state[0]!, y2: state[1]!, radius: 0.01 * state[2]! }],
};

const walk = {
  title: "a walk",
  task: { mark: 1 },
  states: [Float64Array.of(0, 0.5, 7), Float64Array.of(0.25, 0.5, 7)],
  actions: [Float64Array.of(0.25)],
};
const drawn = (picture: Picture<Mark>) =>
  drawTrajectory(defineEnvironment({ ...definition, picture }) as Environment, walk);

describe("a picture in the plane", () => {
  it("draws the point last, its own strokes before it, and the marks", () => {
    const { moments, goals, leavesTrail } = drawn(plane);
    expect(leavesTrail).toBe(true);
    expect(moments[1]!.strokes.at(-1)).toMatchObject({ x1: 0.25, y1: 0.5, x2: 0.25, y2: 0.5 });
    expect(moments[1]!.strokes.at(-2)).toEqual({ x1: 0, y1: 0, x2: 0.25, y2: 0.5, radius: 0.07 });
    expect(moments[0]!.strokes).toHaveLength(4 + 2);
    expect(goals.map(({ kind }) => kind)).toEqual(["goal", "path"]);
  });

  it("is shown as a page and a strip, paths included", () => {
    const drawing = drawn(plane);
    expect(animationPage("tip", [drawing])).toContain('"points":[[-1,-1],[0,0],[-1,1]]');
    expect(filmStrip(drawing).match(/<polyline /g)).toHaveLength(2);
  });

  it("is checked with the environment", () => {
    checkEnvironment(defineEnvironment({ ...definition, picture: plane }));
    const strokes = (state: Float64Array) => {
      state[0] = 9;
      return [];
    };
    const changing = defineEnvironment({ ...definition, picture: { ...plane, strokes } });
    expect(() => checkEnvironment(changing)).toThrow(/the state at time 0, once drawn, number 0, must be/);
  });
});

describe("a definition is refused for", () => {
  it.each<[string, unknown, RegExp]>([
    ["a picture that is none", 5, /^tip: picture must be either \{ scene, position \}.*got 5$/],
    ["no picture but null", null, /picture must be either \{ scene, position \}/],
    ["both kinds at once", { ...plane, draw: () => sound }, /picture must be either .* or \{ draw \}/],
    ["a scene that is none beside a drawing", { draw: () => sound, scene: 5 }, /picture must be either/],
    ["a drawing that is none beside a scene", { ...plane, draw: 5 }, /picture must be either/],
    [
      "a scene without a position",
      { scene: plane.scene },
      /picture.position must be two whole numbers from 0 to 2/,
    ],
    [
      "a position outside the state",
      { ...plane, position: [0, 3] },
      /picture.position must be .*got \[0,3\]$/,
    ],
    ["strokes that are not a function", { ...plane, strokes: [] }, /picture.strokes must be a function/],
  ])("%s", (_, picture, message) => {
    expect(() => defineEnvironment({ ...definition, picture: picture as Picture<Mark> })).toThrow(message);
  });
});

const still: DrawnMoment = {
  strokes: [{ x1: 0, y1: 0, x2: 1, y2: 1, radius: 0.1 }],
  forces: [],
  focus: [0, 0],
  caption: "",
  ground: undefined,
};
const sound: Drawing = {
  title: "",
  dt: 0.1,
  isTimed: true,
  moments: [still, still],
  goals: [],
  leavesTrail: false,
};

describe("a drawing is refused for", () => {
  const own = (changes: object): Picture<Mark> => ({ draw: () => ({ ...sound, ...changes }) });
  const second = (changes: object) => own({ moments: [still, { ...still, ...changes }] });
  const scene = (changes: object): Picture<Mark> => ({
    ...plane,
    scene: (task) => ({ ...plane.scene(task), ...changes }),
  });

  it("nothing, if it is sound", () => expect(drawn(own({}))).toEqual(sound));

  it("nothing, where the scene is explicitly absent", () => {
    expect(drawn({ ...own({}), scene: undefined } as never)).toEqual(sound);
  });

  it.each<[string, Picture<Mark>, string]>([
    ["not being there", { draw: () => undefined as never }, "the drawing's dt must be"],
    [
      "a time that stands still",
      own({ dt: 0 }),
      "the drawing's dt must be a positive number of seconds; got 0",
    ],
    ["a moment too few", own({ moments: [still] }), "number of moments must be 2, one for each state; got 1"],
    [
      "a stroke too few",
      second({ strokes: [] }),
      "number of strokes at time 1 must be 1, as at time 0; got 0",
    ],
    [
      "a stroke at no place",
      second({ strokes: [{ ...still.strokes[0], x2: Number.NaN }] }),
      "the drawing's strokes at time 1[0] must be { x1, y1, x2, y2, radius }",
    ],
    ["a negative radius", second({ strokes: [{ ...still.strokes[0], radius: -1 }] }), "radius at least 0"],
    [
      "a moment that is none",
      own({ moments: [still, null] }),
      "strokes at time 1 must be a list of strokes; got undefined",
    ],
    [
      "a first moment that is none",
      own({ moments: [null, still] }),
      "strokes at time 0 must be a list of strokes; got undefined",
    ],
    ["a stroke that is none", second({ strokes: [null] }), "strokes at time 1[0] must be { x1, y1"],
    [
      "a force that is none",
      second({ forces: [null] }),
      "forces at time 1 must be a list of { x, y, fx, fy }",
    ],
    ["a title of nothing", own({ title: undefined }), "title must be a text; got undefined"],
    ["a mark that is none", own({ goals: [null] }), "goals[0] must be a goal"],
    [
      "a mark of a scene that is none",
      scene({ marks: [null] }),
      "picture.scene(task).marks[0] must be a goal",
    ],
    ["no scene", { ...plane, scene: () => undefined as never }, "picture.scene(task).bounds.x must be"],
    ["no focus", second({ focus: undefined }), "focus at time 1 must be [x, y], finite; got undefined"],
    ["a caption of a number", second({ caption: 4 }), "caption at time 1 must be a string; got 4"],
    ["half a ground", second({ ground: [0] }), "ground at time 1 must be [near, far]"],
    [
      "a force without end",
      second({ forces: [{ x: 0, y: 0, fx: Infinity, fy: 0 }] }),
      "forces at time 1 must be",
    ],
    ["no goals", own({ goals: undefined }), "the drawing's goals must be a list of marks; got undefined"],
    [
      "an unknown mark",
      own({ goals: [{ kind: "flag" }] }),
      "goals[0] must be a goal, other-goal, circle, path, pace, heading, with finite numbers",
    ],
    ["a circle without a radius", scene({ marks: [{ kind: "circle", x: 0, y: 0 }] }), "marks[0] must be"],
    ["a pace of no number", own({ goals: [{ kind: "pace", x: 0, v: Number.NaN }] }), "goals[0] must be"],
    ["a heading to nowhere", own({ goals: [{ kind: "heading", x: 0 }] }), "goals[0] must be"],
    ["a path to nowhere", scene({ marks: [{ kind: "path", points: [[0]] }] }), "marks[0] must be"],
    [
      "empty bounds",
      scene({ bounds: { x: [1, 1], y: [0, 1] } }),
      "picture.scene(task).bounds.x must be [low, high]",
    ],
    ["no bounds", scene({ bounds: undefined }), "picture.scene(task).bounds.x must be"],
    ["no marks", scene({ marks: undefined }), "picture.scene(task).marks must be a list of marks"],
    [
      "strokes of a state that are none",
      { ...plane, strokes: () => 3 as never },
      "picture.strokes(state) at time 0",
    ],
  ])("%s", (_, picture, message) => {
    expect(() => drawn(picture)).toThrow(`tip: `);
    expect(() => drawn(picture)).toThrow(message);
  });
});

describe("the picture of a robot", () => {
  const model = rigidBody.compileModel(
    rigidBody.robotFromMjcf(`<mujoco model="roller"><option timestep="0.01"/><worldbody>
      <geom type="plane" size="1 1 1"/>
      <body pos="0 0 0.1"><joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 0 1"/><joint axis="0 1 0" name="axle"/>
        <geom type="sphere" size="0.1"/><geom type="box" size="0.2 0.01 0.01" contype="0" conaffinity="0"/>
      </body></worldbody><actuator><motor joint="axle" gear="2"/></actuator></mujoco>`),
  );
  const state = Float64Array.of(0.3, -0.01, 0, 0, 0, 0, 0, 0, 0);
  const rolling = { title: "rolls", task: 0.5, states: [state, state], actions: [Float64Array.of(1)] };
  const picture = rigidBody.robotPicture<number>({
    model: () => model,
    frameSkip: 3,
    goals: (velocity) => [{ velocity }],
  });

  it("draws its shapes, boxes included, the ground, contact forces under the controls, and the goal", () => {
    const { dt, isTimed, goals, moments } = picture.draw(rolling);
    expect([dt, isTimed]).toEqual([0.03, true]);
    expect(goals).toEqual([{ kind: "pace", x: 0.3, v: 0.5 }]);
    expect(moments[0]!.strokes).toHaveLength(1 + 12);
    const [near, far] = moments[0]!.ground!;
    expect(near).toBe(far); // it moves in a plane, and is seen from the side
    // The motor turns the ball forwards, so the floor pushes it forwards and up; in the last state there is no control.
    const [force] = moments[0]!.forces;
    expect(force!.fy).toBeGreaterThan(0);
    expect(force!.fx).toBeGreaterThan(0);
    expect(moments[1]!.forces).toEqual([]);
  });

  it.each<[string, Partial<rigidBody.RobotPictureOptions<number>>, object, string]>([
    ["half a step", { frameSkip: 0.5 }, {}, 'robot "roller", robotPicture, frameSkip: is 0.5'],
    [
      "a short state",
      {},
      { states: [state.slice(0, 5), state] },
      "state: has 5 numbers; expected 3 coordinates",
    ],
    [
      "a control too many",
      { control: () => new Float64Array(2) },
      {},
      "control: has 2 numbers for an action; the robot takes 1",
    ],
    ["goals that are none", { goals: () => null as never }, {}, "goals(task): is null; expected a list"],
    ["no goal", { goals: () => [null as never] }, {}, "goals(task)[0]: is null; expected { place: [x, y] }"],
    [
      "a heading in words",
      { goals: () => [{ heading: "north" as never }] },
      {},
      'goals(task)[0]: is {"heading":"north"}; expected',
    ],
    ["a velocity of NaN", { goals: () => [{ velocity: Number.NaN }] }, {}, "goals(task)[0]: is"],
    ["a place in space", { goals: () => [{ place: [1, 2, 3] as never }] }, {}, "goals(task)[0]: is"],
    ["two goals in one", { goals: () => [{ velocity: 1, place: [1, 2] }] }, {}, "goals(task)[0]: is"],
  ])("refuses %s", (_, changes, of, message) => {
    const changed = rigidBody.robotPicture<number>({ model: () => model, frameSkip: 3, ...changes });
    expect(() => changed.draw({ ...rolling, ...of })).toThrow(message);
  });

  it("refuses a state that is not finite", () => {
    const lost = { ...rolling, states: [state, state.with(0, Number.NaN)] };
    const environment = { name: "rolling", picture } as unknown as Environment;
    expect(() => drawTrajectory(environment, lost)).toThrow(
      /^rolling: the drawing's strokes at time 1\[0\] must be/,
    );
  });
});
