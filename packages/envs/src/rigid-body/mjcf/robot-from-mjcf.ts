import { hypot } from "@sgmrl/autodiff/elementary";
import { compileModel } from "../compile/compile-model.ts";
import { RobotError } from "../model/errors.ts";
import type { Body, Contacts, Floor, MassProperties, Robot, Rotation, Shape } from "../model/robot.ts";
import { readActuators } from "./actuators.ts";
import { Attributes, refuseElement } from "./attributes.ts";
import { type DefaultClass, defaultClasses, defaultsFor } from "./defaults.ts";
import { readGeom, untouchable } from "./geoms.ts";
import { readInertial } from "./inertial.ts";
import { jointType, readFreeJoint, readJoint } from "./joints.ts";
import { Names } from "./names.ts";
import { type Compiler, type Options, readCompiler, readOptions } from "./options.ts";
import { compose, noRotation, orientationOf, type Quaternion, quaternionOf, rotate } from "./orientation.ts";
import { MjcfError, readXml, type XmlElement } from "./read-xml.ts";

/** Sections without effect on the motion. */
const silent = ["asset", "visual", "statistic", "custom", "size", "sensor", "keyframe"];
const sections = ["compiler", "option", "default", "worldbody", "actuator", "contact"];
const bodyParts = ["body", "joint", "freejoint", "geom", "inertial"];
const unseen = ["camera", "light", "site"];

/**
 * A robot from a model file of MuJoCo's format (MJCF).
 *
 * Supported: bodies on hinges, slides, ball and free joints; spheres and capsules, which collide with a floor, level
 * or not, and with each other; boxes, which collide with the floor and spheres; cylinders and ellipsoids for mass; motors,
 * position, velocity and affine actuators; default classes; the options of the simulator. Anything else is refused, by
 * name and line. Frames are made parallel to the world's, as in robot.ts; coordinates and velocities keep their meaning
 * in the file.
 *
 * Errors  `MjcfError` for text that is invalid, not supported, or describes no robot that `compileModel` takes
 * Source  MuJoCo documentation, "XML reference", release 3.3.8
 */
export function robotFromMjcf(text: string): Robot {
  const root = readXml(text);
  if (root.name !== "mujoco") throw new MjcfError(root.line, `<${root.name}>`, "is not a <mujoco> model");
  for (const child of root.children) {
    if (![...sections, ...silent].includes(child.name)) refuseElement(child);
  }
  const all = (name: string) => root.children.filter((child) => child.name === name);
  const compiler = readCompiler(all("compiler"));
  const options = readOptions(all("option"));
  const names = new Names([...all("worldbody"), ...all("actuator")]);
  const tree = new Tree(defaultClasses(root), compiler, names);
  for (const world of all("worldbody")) tree.readWorld(world);
  const motors = all("actuator").flatMap((section) =>
    readActuators(section, tree.classes, compiler.autolimits),
  );
  const excluded = all("contact").flatMap((section) => readExcluded(section, names));
  const robot = {
    ...robotOf(root, options, compiler, tree),
    motors,
    ...(excluded.length > 0 && { excluded }),
  };
  try {
    compileModel(robot);
  } catch (error) {
    if (!(error instanceof RobotError)) throw error;
    const motorLines = all("actuator").flatMap(({ children }) => children.map(({ line }) => line));
    throw new MjcfError(lineOf(error.part, robot, tree, motorLines) ?? root.line, error.part, error.problem);
  }
  return robot;
}

/** Where the part of a robot that `compileModel` refuses is described; undefined for the whole. */
function lineOf(
  part: string,
  { bodies, motors }: Robot,
  tree: Tree,
  motorLines: readonly number[],
): number | undefined {
  const motor = motors.findIndex((_, m) => part.startsWith(`motors[${m}]`));
  if (motor >= 0) return motorLines[motor];
  const described = bodies.flatMap(({ name, joints, shapes }, b) => [
    ...joints.map((joint, k) => [`joint "${joint.name}"`, tree.jointLines[b]![k]!] as const),
    ...shapes.map((shape, k) => [`shape "${shape.name}"`, tree.lines[b]![k]!] as const),
    ...shapes.map((shape, k) => [` and "${shape.name}"`, tree.lines[b]![k]!] as const), // of a contact
    [`body "${name}"`, tree.bodyLines[b]!] as const,
  ]);
  const b = bodies.findIndex((_, at) => part.startsWith(`bodies[${at}]`));
  const rest = b < 0 ? part : part.slice(`bodies[${b}] "${bodies[b]!.name}", `.length);
  return described.find(([what]) => rest.startsWith(what) || part.endsWith(what))?.[1] ?? tree.bodyLines[b];
}

/** The bodies of a model, in the order in which they are read. */
class Tree {
  readonly classes: ReadonlyMap<string, DefaultClass>;
  readonly bodies: Body[] = [];
  /** Lines of the geoms that became shapes, by body. */
  readonly lines: number[][] = [];
  readonly jointLines: number[][] = [];
  readonly bodyLines: number[] = [];
  floor: (Floor & { readonly contacts: Contacts }) | undefined;
  readonly #compiler: Compiler;
  readonly #names: Names;
  #joints = 0;

  constructor(classes: ReadonlyMap<string, DefaultClass>, compiler: Compiler, names: Names) {
    this.classes = classes;
    this.#compiler = compiler;
    this.#names = names;
  }

  /** Colliding geoms of the world, except the floor, go to a body that does not move. */
  readWorld(world: XmlElement): void {
    const childClass = world.attributes.get("childclass");
    const shapes: Shape[] = [];
    const lines: number[] = [];
    for (const child of world.children) {
      if (child.name === "body") this.#readBody(child, "world", noRotation, childClass);
      else if (child.name === "geom") {
        const a = new Attributes(child, defaultsFor(this.classes, child, childClass));
        const name = child.attributes.get("name") ?? this.#names.unused("geom", `world-geom${shapes.length}`);
        const geom = readGeom(a, { ...this.#geomFrame(name, noRotation), massive: false, inWorld: true });
        if (geom.kind === "floor") {
          if (this.floor !== undefined) a.fail(undefined, "is a second floor, which is not supported");
          this.floor = geom;
        } else if (geom.kind === "shape" && geom.shape.contacts !== untouchable) {
          shapes.push(geom.shape);
          lines.push(child.line);
        }
      } else if (!unseen.includes(child.name)) refuseElement(child, "is not supported in the world");
    }
    if (shapes.length > 0) {
      const name = this.#names.unused("body", "(fixed)");
      this.bodies.push({ name, parent: "world", position: [0, 0, 0], joints: [], shapes });
      this.lines.push(lines);
      this.jointLines.push([]);
      this.bodyLines.push(lines[0]!);
    }
  }

  #geomFrame(name: string, frame: Rotation) {
    return { name, frame, angles: this.#compiler, massive: true, inWorld: false };
  }

  #readBody(element: XmlElement, parent: string, around: Rotation, outerClass: string | undefined): void {
    const a = new Attributes(element);
    const childClass = a.text("childclass") ?? outerClass;
    const name = a.text("name") ?? this.#names.unused("body", `body${this.bodies.length}`);
    const position = rotate(around, a.vector("pos", [0, 0, 0]));
    const own = orientationOf(a, this.#compiler);
    a.only("mocap", "false", "bodies move by the laws of motion");
    a.only("gravcomp", 0, "gravity acts on all alike");
    a.close();
    for (const child of element.children) {
      if (![...bodyParts, ...unseen].includes(child.name)) refuseElement(child, "is not supported in a body");
    }
    const of = (part: string) => element.children.filter((child) => child.name === part);
    const joints = element.children
      .filter((child) => child.name === "joint" || child.name === "freejoint")
      .map((child) => {
        const free = child.name === "freejoint";
        return new Attributes(child, free ? new Map() : defaultsFor(this.classes, child, childClass));
      });
    const isFree = joints.some((joint) => joint.element.name === "freejoint" || jointType(joint) === "free");
    // A free joint's coordinates hold its body's orientation; the tree below is described in its frame.
    const frame = isFree ? noRotation : compose(around, own);
    const quat = a.numbers("quat", 4) as Quaternion | undefined;
    const start = own === noRotation ? undefined : (quat ?? quaternionOf(own));
    const orientation = start && (start.map((x) => x / hypot(...start)) as unknown as Quaternion);
    const ball = joints.findIndex((joint) => jointType(joint) === "ball");
    const after = joints.slice(ball + 1).find((joint) => jointType(joint) !== "slide");
    if (ball >= 0) after?.fail(undefined, "turns the body again after a ball joint, which is not supported");
    const inertials = of("inertial");
    const massive = this.#compiler.inertiaFromGeom === "true" || inertials.length === 0;
    if (this.#compiler.inertiaFromGeom === "false" && inertials.length === 0 && joints.length > 0) {
      a.fail(undefined, "moves and has no <inertial>, while inertiafromgeom is false");
    }
    const shapes: Shape[] = [];
    const lines: number[] = [];
    const masses: MassProperties[] = [];
    for (const child of of("geom")) {
      const geomAttributes = new Attributes(child, defaultsFor(this.classes, child, childClass));
      const geomName =
        child.attributes.get("name") ??
        this.#names.unused("geom", `${name}-geom${shapes.length + masses.length}`);
      const geom = readGeom(geomAttributes, { ...this.#geomFrame(geomName, frame), massive });
      if (geom.kind === "shape") {
        shapes.push(geom.shape);
        lines.push(child.line);
      }
      if (geom.kind === "mass") masses.push(geom.mass);
    }
    this.lines.push(lines);
    this.jointLines.push(joints.map((joint) => joint.element.line));
    this.bodyLines.push(element.line);
    if (!massive) masses.push(readInertial(inertials, frame, this.#compiler));
    this.bodies.push({
      name,
      parent,
      position,
      joints: joints.map((joint) => {
        const jointName =
          joint.element.attributes.get("name") ?? this.#names.unused("joint", `joint${this.#joints++}`);
        if (joint.element.name === "freejoint") return readFreeJoint(joint, jointName, orientation);
        const { radians, autolimits } = this.#compiler;
        return readJoint(joint, { name: jointName, frame, radians, autolimits, orientation });
      }),
      shapes,
      ...(masses.length > 0 && { masses }),
    });
    for (const child of of("body")) this.#readBody(child, name, frame, childClass);
  }
}

function readExcluded(section: XmlElement, names: Names): [string, string][] {
  return section.children.map((child) => {
    if (child.name !== "exclude") refuseElement(child, "is not supported among contacts");
    const a = new Attributes(child);
    const [first, second] = [a.text("body1"), a.text("body2")];
    a.close();
    if (first === undefined || second === undefined) return a.fail(undefined, "must name body1 and body2");
    names.requireBody(first, (problem) => a.fail("body1", problem));
    names.requireBody(second, (problem) => a.fail("body2", problem));
    return [first, second];
  });
}

/** States contacts per shape only where `floor` and `selfCollision` cannot express them. */
function robotOf(root: XmlElement, options: Options, compiler: Compiler, tree: Tree): Omit<Robot, "motors"> {
  const name = root.attributes.get("model") ?? "robot";
  const { floor } = tree;
  const contacts = tree.bodies.flatMap(({ shapes }) => shapes.map((shape) => shape.contacts!));
  const touch = (a: Contacts, b: Contacts) => (a.groups & b.touches) !== 0 || (b.groups & a.touches) !== 0;
  const onFloor = floor === undefined ? [] : contacts.map((one) => touch(floor.contacts, one));
  const links = contacts.flatMap((a, i) => contacts.slice(i + 1).map((b) => touch(a, b)));
  const uniform = (values: readonly boolean[]) => values.every((value) => value === values[0]);
  const plain = uniform(onFloor) && uniform(links);
  const touchesFloor = onFloor.some((value) => value);
  const bodies = tree.bodies.map((body) => ({
    ...body,
    shapes: body.shapes.map(({ contacts: own, ...shape }): Shape => {
      const touching = plain ? {} : { contacts: own! };
      if (shape.kind === "box") return { ...shape, ...touching };
      const { boxFrame, ...round } = shape;
      return { ...round, ...touching, ...(options.fluid && boxFrame && { boxFrame }) };
    }),
  }));
  return {
    name,
    ...options,
    ...(compiler.totalMass !== undefined && { totalMass: compiler.totalMass }),
    ...(touchesFloor && {
      floor: { ...groundOf(floor!), ...(!plain && { contacts: floor!.contacts }) },
    }),
    selfCollision: plain && links.some((value) => value),
    bodies,
  };
}

function groundOf({ height, normal, surface }: Floor): Floor {
  return { height, ...(normal && { normal }), surface };
}
