import { describe, expect, test } from "vitest";
import { animationPage } from "../../../src/render/animation.ts";
import { filmStrip } from "../../../src/render/film-strip.ts";
import {
  compileModel,
  drawMotion,
  initialState,
  type Model,
  type Motion,
  robotFromMjcf,
  step,
} from "../../../src/rigid-body/index.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";

/** A robot that falls to the floor and lies still, 2 s. */
function rest(name: RobotName, title: string = name): Motion {
  return motionOf(compileModel(robots[name]), title);
}

function motionOf(model: Model, title: string): Motion {
  const control = new Float64Array(model.nu);
  const every = Math.round(0.05 / model.timestep);
  let state = initialState(model);
  const moments = [];
  for (let t = 0; t <= 2 / model.timestep; t++) {
    if (t % every === 0) moments.push({ ...state, control });
    state = step(model, state, control);
  }
  return { title, model, moments, dt: every * model.timestep };
}

describe("a drawn motion", () => {
  test.each(["half-cheetah", "hopper", "walker2d"] as const)(
    "%s: limbs attached, feet on the floor",
    (name) => {
      const motion = rest(name);
      const { moments } = drawMotion(motion);
      const last = moments.at(-1)!;
      const bottom = Math.min(...last.strokes.map(({ y1, y2, radius }) => Math.min(y1, y2) - radius));
      expect(Math.abs(bottom - last.ground![0])).toBeLessThan(0.02);
      // Every limb overlaps another one.
      const gap = (a: (typeof last.strokes)[number], b: typeof a) => {
        const points = (s: typeof a) =>
          Array.from({ length: 41 }, (_, k) => [
            s.x1 + (k / 40) * (s.x2 - s.x1),
            s.y1 + (k / 40) * (s.y2 - s.y1),
          ]);
        return Math.min(
          ...points(a).flatMap(([x, y]) => points(b).map(([u, v]) => Math.hypot(x! - u!, y! - v!))),
        );
      };
      for (const limb of last.strokes) {
        const nearest = Math.min(
          ...last.strokes.filter((other) => other !== limb).map((other) => gap(limb, other) - other.radius),
        );
        expect(nearest).toBeLessThan(limb.radius);
      }
    },
  );

  test.each([-1.8, 2.5])("the floor reaches a goal at y = %d", (y) => {
    const { moments, goals } = drawMotion({ ...rest("ant"), goals: [{ place: [0.3, y] }] });
    const goal = goals[0] as { readonly y: number };
    for (const { ground } of moments) {
      const [near, far] = ground!;
      expect(Math.min(goal.y - near, far - goal.y)).toBeGreaterThan(-1e-9);
    }
  });

  test("a crate lies on a slope: twelve edges, the lowest on the ground", () => {
    const robot = robotFromMjcf(`<mujoco><option timestep="0.005"/><worldbody>
      <geom type="plane" size="1 1 1" euler="0 20 0"/>
      <body pos="0 0 0.3" euler="0 20 0"><freejoint/><geom type="box" size="0.2 0.1 0.1"/></body></worldbody></mujoco>`);
    const { moments } = drawMotion(motionOf(compileModel(robot), "crate"));
    const last = moments.at(-1)!;
    expect(last.ground).toBeUndefined();
    expect(last.strokes).toHaveLength(13);
    const [ground, ...edges] = last.strokes;
    const slope = (ground!.y2 - ground!.y1) / (ground!.x2 - ground!.x1);
    expect(slope).toBeCloseTo(-Math.tan(Math.PI / 9), 12);
    const heights = edges.flatMap(({ x1, y1, x2, y2 }) =>
      [
        [x1, y1],
        [x2, y2],
      ].map(([x, y]) => (y! - ground!.y1 - slope * (x! - ground!.x1)) * Math.cos(Math.PI / 9)),
    );
    // Corners at y = ±0.1 are drawn to the side of those at y = 0, where the line is.
    const aside = (0.1 / 3) * Math.SQRT1_2 * (1 - slope) * Math.cos(Math.PI / 9);
    expect(Math.min(...heights) + aside).toBeCloseTo(0, 2);
    expect(Math.max(...heights) - aside).toBeCloseTo(0.2, 2);
  });

  // [eq:contact-force]
  test("the contact forces at rest carry the robot's weight", () => {
    const { moments } = drawMotion(rest("half-cheetah"));
    const lift = moments.at(-1)!.forces.reduce((sum, { fy }) => sum + fy, 0);
    expect(lift).toBeGreaterThan(0.97 * 14 * 9.81);
    expect(lift).toBeLessThan(1.03 * 14 * 9.81);
  });
});

describe("the film strip", () => {
  test("is one SVG document with as many pictures as asked for, the last one last", () => {
    const strip = filmStrip(drawMotion(rest("ant", "<rest>")), { frames: 5 });
    expect(strip.match(/<svg /g)).toHaveLength(6);
    expect(strip).toContain("<title>&lt;rest&gt;</title>");
    expect(strip).toContain("2.00 s");
    expect(strip.match(/stroke="hsl/g)).toHaveLength(5 * 13);
    expect(strip).not.toMatch(/NaN|Infinity/);
  });
});

describe("the animation page", () => {
  test("holds every moment of every motion, and fetches nothing", () => {
    const page = animationPage(
      "Two </script> rests",
      [rest("swimmer", "one"), rest("hopper", "two")].map(drawMotion),
    );
    const data = JSON.parse(page.match(/<script type="application\/json" id="data">(.*)<\/script>/)![1]!);
    expect(data).toHaveLength(2);
    expect(data[0].frames).toHaveLength(41);
    expect(data[0].frames[0]).toHaveLength(3 + 5 * 3);
    expect(data[1].frames[0]).toHaveLength(3 + 5 * 4);
    expect(data[0].window).toEqual(data[1].window);
    expect(page).toContain("<h1>Two &lt;/script&gt; rests</h1>");
    expect(page).not.toMatch(/https?:|src=|import\(|fetch\(/);
    expect(page).not.toMatch(/NaN|Infinity/);
  });
});
