/** What is not supported, not MJCF or not safe is refused by name, with its line. */
import { describe, expect, test } from "vitest";
import { MjcfError, robotFromMjcf } from "../../../src/rigid-body/index.ts";

const model = (inside: string, before = "") => `<mujoco>
${before}
<worldbody><body name="b"><joint name="j"/>
<geom name="g" size="0.1"/>
${inside}</body></worldbody></mujoco>`;

const inertial = (moments: string) => `<inertial pos="0 0 0" mass="1" diaginertia="${moments}"/>`;

function refusal(text: string): MjcfError {
  try {
    robotFromMjcf(text);
  } catch (error) {
    if (error instanceof MjcfError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

type Case = [what: string, text: string, line: number, message: string];

const cases: Case[] = [
  ["a mesh", model(`<geom type="mesh" mesh="m"/>`), 5, `type of <geom> is "mesh"`],
  ["a height field", model(`<geom type="hfield" hfield="h"/>`), 5, `is "hfield"`],
  ...["mesh", "fitscale", "hfield"].map(
    (name): Case => [
      `${name} of a sphere`,
      model(`<geom size="1" ${name}="2"/>`),
      5,
      `${name} of <geom> is not supported`,
    ],
  ),
  ["half a group", model(`<geom size="1" group="1.5"/>`), 5, `group of <geom> is "1.5"`],
  ["a cylinder that collides", model(`<geom type="cylinder" size="1 1"/>`), 5, "a cylinder that collides"],
  ...[
    ["capsule", '<geom name="rod" type="capsule" size="0.1 1"/>', "rod"],
    ["box", '<geom name="slab" type="box" size="1 2 3"/>', "slab"],
  ].map(
    ([kind, other, name]): Case => [
      `a box that may touch a ${kind}`,
      model(
        "",
        `<worldbody><body><freejoint/>\n<geom name="crate" type="box" size="1 1 1"/></body><body><freejoint/>${other}</body></worldbody>`,
      ),
      3,
      `shape "crate" is a box that may touch the ${kind} "${name}"; a box collides with the floor and with spheres; put spheres in place of one`,
    ],
  ),
  [
    "an inertia beyond double precision",
    model(`<body name="far">\n<joint name="k"/><geom size="1e70" density="1e75"/></body>`),
    5,
    'bodies[1] "far" gives Infinity for the inertia; sizes, densities',
  ],
  [
    "a joint that moves next to nothing",
    model("", `<worldbody><body name="dust">\n<joint name="k"/><geom size="1e-80"/></body></worldbody>`),
    3,
    'joint "k" gives NaN for the inverse of the inertia that it moves',
  ],
  [
    "friction beyond double precision",
    `<mujoco><worldbody><geom type="plane" size="1 1 1"/><body><freejoint/>
    <geom name="d" size="0.1"/>
    <geom name="e" size="0.1" density="1e-5" friction="1e75"/></body>
    <body><freejoint/><geom name="f" size="0.1" density="1e-9"/></body></worldbody></mujoco>`,
    4,
    'contact of "e" and "f" gives Infinity for the regularisation of its constraint',
  ],
  ["a condim of 4", model(`<geom size="1" condim="4"/>`), 5, `condim of <geom> is "4"`],
  ["a gap", model(`<geom size="1" gap="0.01"/>`), 5, "gap"],
  ["a stiffness for solref", model(`<geom size="1" solref="-100 -2"/>`), 5, "solref"],
  [
    "no size",
    model(`<geom type="capsule" size="1"/>`),
    5,
    "size of <geom> must have 2 positive numbers for a capsule",
  ],
  ["an unknown attribute", model(`<geom size="1" colour="red"/>`), 5, "colour of <geom> is not supported"],
  ["two orientations", model(`<geom size="1" quat="1 0 0 0" euler="1 2 3"/>`), 5, "quat and euler"],
  ["a quaternion of no length", model(`<geom size="1" quat="0 0 0 0"/>`), 5, "no direction"],
  ["not a number", model(`<geom size="0x10"/>`), 5, `size of <geom> is "0x10"`],
  ["infinity", model(`<geom size="1e999"/>`), 5, "finite"],
  ["a tendon", model("", "<tendon/>"), 2, "<tendon> is not supported"],
  ["an equality", model("", "<equality/>"), 2, "<equality>"],
  ["an include", model("", `<include file="/etc/passwd"/>`), 2, "<include>"],
  ["a replicate", model(`<replicate count="3"/>`), 5, "<replicate>"],
  ["an implicit integrator", model("", `<option integrator="implicitfast"/>`), 2, `is "implicitfast"`],
  ["an elliptic cone", model("", `<option cone="elliptic"/>`), 2, "cone"],
  ["wind", model("", `<option wind="1 0 0"/>`), 2, "wind"],
  ["a disabled flag", model("", `<option>\n<flag gravity="disable"/></option>`), 3, "gravity"],
  ["dry friction", model(`<joint name="k" frictionloss="1"/>`), 5, "frictionloss"],
  [
    "a ball's range from an angle",
    model(`<body><joint type="ball" range="10 30"/><geom size="1"/></body>`),
    5,
    "range",
  ],
  [
    "a limited free joint",
    model("", `<worldbody><body>\n<joint type="free" range="0 1"/></body></worldbody>`),
    3,
    "range",
  ],
  ["an empty range", model(`<joint name="k" range="30 -30"/>`), 5, `range of <joint name="k"> is empty`],
  ["an unknown class", model(`<geom size="1" class="x"/>`), 5, `class of <geom> is "x", which is unknown`],
  ["a pair", model("", `<contact>\n<pair geom1="a" geom2="b"/></contact>`), 3, "<pair>"],
  ["a muscle", model("", `<actuator>\n<muscle joint="j"/></actuator>`), 3, "<muscle>"],
  [
    "an actuator's state",
    model("", `<actuator>\n<general joint="j" dyntype="filter"/></actuator>`),
    3,
    "dyntype",
  ],
  ["a site's motor", model("", `<actuator>\n<motor site="s"/></actuator>`), 3, "joint of <motor> is missing"],
  [
    "a second floor",
    "<mujoco><worldbody><geom type='plane' size='1 1 1' euler='10 0 0'/>\n<geom type='plane' size='1 1 1'/></worldbody></mujoco>",
    2,
    "second floor",
  ],
  ["another root", "<robot/>", 1, "<robot> is not a <mujoco> model"],
  ["a document type", `<!DOCTYPE m [<!ENTITY a "b">]>\n<mujoco/>`, 1, "document type"],
  ["an unknown entity", `<mujoco model="&bomb;"/>`, 1, "not well-formed"],
  ["words in CDATA", "<mujoco>\n<![CDATA[<worldbody/>]]></mujoco>", 2, `"<worldbody/>"`],
  ["an outermost class of another name", model("", `<default class="robot"/>`), 2, `is "robot"`],
  ["a geom's name twice", model(`<geom name="g" size="1"/>`), 5, `is "g", that of another geom, on line 4`],
  ["a joint's name twice", model(`<body><joint name="j"/></body>`), 5, "another joint, on line 3"],
  ["a body's name twice", model(`<body name="b"/>`), 5, "another body, on line 3"],
  ["a body called world", model(`<body name="world"/>`), 5, "that of the world"],
  [
    "an actuator's name twice",
    model("", `<actuator><motor name="m" joint="j"/>\n<velocity name="m" joint="j"/></actuator>`),
    3,
    "another actuator, on line 2",
  ],
  [
    "an exclusion of no body",
    model("", `<contact>\n<exclude body1="b" body2="c"/></contact>`),
    3,
    `body2 of <exclude> is "c"`,
  ],
  ["half a bit", model(`<geom size="1" contype="1.5"/>`), 5, "whole number of 32 bits"],
  ["more than 32 bits", model(`<geom size="1" conaffinity="4294967296"/>`), 5, "whole number of 32 bits"],
  ["a negative mass", model(`<geom size="1" mass="-1"/>`), 5, "mass of <geom> is negative"],
  [
    "a second <inertial>",
    model(`${inertial("1 1 1")}\n${inertial("1 1 1")}`),
    6,
    "<inertial> is the second of one body",
  ],
  ["moments of no body", model(inertial("1 1 2.1")), 5, "diaginertia of <inertial> is no body's"],
  [
    "an inertia of no body",
    model(`<inertial pos="0 0 0" mass="1" fullinertia="1 1 1 0.6 0 0"/>`),
    5,
    "fullinertia of <inertial>",
  ],
  ...["1.5", "-3", "0", "nan", "1e999"].map(
    (value): Case => [
      `iterations of ${value}`,
      model("", `<option iterations="${value}"/>`),
      2,
      `iterations of <option> is "${value}"`,
    ],
  ),
  [
    "a fraction of ls_iterations",
    model("", `<option ls_iterations="0.5"/>`),
    2,
    "a whole number of at least 1",
  ],
  ["a negative tolerance", model("", `<option tolerance="-1e-8"/>`), 2, "tolerance of <option> is negative"],
  ["no number for a tolerance", model("", `<option ccd_tolerance="tiny"/>`), 2, `is "tiny"`],
  ["an unknown jacobian", model("", `<option jacobian="full"/>`), 2, `jacobian of <option> is "full"`],
  ["half a magnet", model("", `<option magnetic="1 2"/>`), 2, "magnetic"],
  ["a timestep of 0", model("", `<option timestep="0"/>`), 2, "timestep of <option> is 0"],
  [
    "a negative density of the fluid",
    model("", `<option density="-1"/>`),
    2,
    "density of <option> is negative",
  ],
  ["a flag that is neither", model("", `<option>\n<flag warmstart="no"/></option>`), 3, `is "no"`],
  ["an empty number", model("", `<compiler boundmass=""/>`), 2, `boundmass of <compiler> is ""`],
  ["a thread that is neither", model("", `<compiler usethread="2"/>`), 2, `usethread of <compiler> is "2"`],
  ["a negative density", model(`<geom size="1" density="-1"/>`), 5, "density of <geom> is negative"],
  ["words for fluidcoef", model(`<geom size="1" fluidcoef="a b"/>`), 5, "fluidcoef"],
  ["words for solreffriction", model(`<joint name="k" solreffriction="soft"/>`), 5, "solreffriction"],
  [
    "a lengthrange of one",
    model("", `<actuator>\n<motor joint="j" lengthrange="1"/></actuator>`),
    3,
    "lengthrange",
  ],
  [
    "a body without mass",
    model(`<body name="c">\n<joint/></body>`),
    5,
    `bodies[1] "c" moves but has no mass`,
  ],
  ["no body", "<mujoco>\n<worldbody/></mujoco>", 1, "bodies is empty"],
  [
    "a free joint of an inner body",
    model(`<body name="c">\n<freejoint name="f"/><geom size="1"/></body>`),
    6,
    `joint "f" is free but its body's parent is "b"`,
  ],
  [
    "a motor of a ball joint",
    model(
      `<body><joint name="s" type="ball"/><geom size="1"/></body>`,
      `<actuator><motor joint="j"/>\n<motor joint="s"/></actuator>`,
    ),
    3,
    "motors[1].joint names the ball joint",
  ],
  [
    "a motor of nothing",
    model("", `<actuator>\n<motor joint="k"/></actuator>`),
    3,
    `names "k", which is not`,
  ],
  [
    "negative friction",
    model(`<geom name="h" size="1" friction="-1"/>`),
    5,
    `shape "h".surface.friction is -1`,
  ],
  ["a size beyond bounds", model(`<geom name="h" size="1e200"/>`), 5, `shape "h".radius is 1e+200`],
  ["damping beyond bounds", model(`\n<joint name="k" damping="1e300"/>`), 6, `joint "k".damping is 1e+300`],
  [
    "two shapes in a fluid",
    model(`<geom size="1"/>`, `<option density="1"/>`),
    3,
    `bodies[0] "b" has 2 shapes`,
  ],
  ["a tag left open", "<mujoco>\n<worldbody>", 2, "not well-formed"],
  ["words between elements", "<mujoco>\nhello</mujoco>", 2, `"hello"`],
  ["nothing", "", 1, "no"],
];

describe("robotFromMjcf refuses", () => {
  test.each(cases)("%s", (_what, text, line, message) => {
    const error = refusal(text);
    expect(error.message).toContain(message);
    expect(error.message).toContain(`MJCF line ${line}: ${error.part} `);
    expect(error.message.match(/: /g)).toHaveLength(1);
    expect(error.line).toBe(line);
  });

  test("what is too deep, too much or too long", () => {
    const deep = `<mujoco><worldbody>${"<body>".repeat(300)}`;
    expect(refusal(deep).message).toContain("more than 200 elements deep");
    expect(refusal(`<mujoco>${"<asset/>".repeat(100_001)}</mujoco>`).message).toContain("100000 elements");
    expect(refusal(" ".repeat(4_000_001)).message).toContain("4000001 characters");
  });

  test("an expansion of entities, without expanding it", () => {
    const bomb = `<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><mujoco model="&b;"/>`;
    expect(refusal(bomb).message).toContain("document type");
  });

  test("no name that it gave itself", () => {
    const nested = (name: string) =>
      `<body ${name}><joint/><geom size="0.1"/><body><joint name="joint0"/><geom name="body0-geom0" size="0.1"/></body></body>`;
    const robot = robotFromMjcf(
      `<mujoco><worldbody><geom size="1" pos="5 0 0"/>${nested("")}<body name="body0"/><body name="(fixed)"/></worldbody></mujoco>`,
    );
    expect(robot.bodies.map(({ name }) => name)).toEqual(["body0_", "body1", "body0", "(fixed)", "(fixed)_"]);
    expect(robot.bodies.flatMap(({ joints }) => joints.map(({ name }) => name))).toEqual([
      "joint0_",
      "joint0",
    ]);
    const shapes = robot.bodies.flatMap((body) => body.shapes.map(({ name }) => name));
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  test("nothing of what a plain model has", () => {
    expect(
      robotFromMjcf(model(`<site name="s"/><camera name="c"/>`, "<asset/><visual/>")).bodies,
    ).toHaveLength(1);
  });
});

test.each([undefined, 5, null])("%j in place of a text", (text) => {
  const { line, message } = refusal(text as never);
  expect(line).toBe(1);
  expect(message).toBe(`MJCF line 1: the text is ${text}; expected a string`);
});
