import type { Motor, Vec3 } from "../model/robot.ts";
import { Attributes, refuseElement } from "./attributes.ts";
import { actuatorKinds, type DefaultClass, defaultsFor } from "./defaults.ts";
import { isLimited } from "./joints.ts";
import type { XmlElement } from "./read-xml.ts";

/** The actuators of a model, each acting on one slide or hinge. */
export function readActuators(
  section: XmlElement,
  classes: ReadonlyMap<string, DefaultClass>,
  autolimits: boolean,
): Motor[] {
  return section.children.map((element) => {
    if (!actuatorKinds.includes(element.name)) refuseElement(element, "is an actuator that is not supported");
    const a = new Attributes(element, actuatorDefaults(classes, element));
    const joint = a.text("joint");
    if (joint === undefined)
      return a.fail("joint", "is missing; actuators of anything else are not supported");
    const gear = a.filled("gear", [1, 0, 0, 0, 0, 0]);
    if (gear.slice(1).some((x) => x !== 0))
      a.fail("gear", "has more than one number, which is not supported");
    const control = a.numbers("ctrlrange", 2);
    const force = a.numbers("forcerange", 2);
    const range = isLimited(a, "ctrllimited", control !== undefined, autolimits)
      ? limits(a, "ctrlrange", control)
      : unlimited;
    const forceRange = isLimited(a, "forcelimited", force !== undefined, autolimits)
      ? limits(a, "forcerange", force)
      : unlimited;
    const { gain, bias } = law(a);
    a.numbers("lengthrange", 2);
    a.number("cranklength", 0);
    a.close();
    const plain = gain === 1 && bias.every((x) => x === 0) && forceRange === unlimited;
    return { joint, gear: gear[0]!, range, ...(plain ? {} : { servo: { gain, bias, forceRange } }) };
  });
}

const unlimited: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** force = gain · control + bias_0 + bias_1 · length + bias_2 · velocity */
function law(a: Attributes): { gain: number; bias: Vec3 } {
  if (a.element.name === "motor") return { gain: 1, bias: [0, 0, 0] };
  if (a.element.name === "position") {
    const [kp, kv] = [a.number("kp", 1), a.number("kv", 0)];
    a.only("timeconst", 0, "actuators have no state");
    return { gain: kp, bias: [0, -kp, -kv] };
  }
  if (a.element.name === "velocity") {
    const kv = a.number("kv", 1);
    return { gain: kv, bias: [0, 0, -kv] };
  }
  a.choice("dyntype", ["none"], "none");
  a.choice("gaintype", ["fixed"], "fixed");
  const affine = a.choice("biastype", ["none", "affine"], "none") === "affine";
  const gain = (a.numbers("gainprm", 1, 10) ?? [1])[0]!;
  const [b0 = 0, b1 = 0, b2 = 0] = a.numbers("biasprm", 1, 10) ?? [];
  a.numbers("dynprm", 1, 10);
  return { gain, bias: affine ? [b0, b1, b2] : [0, 0, 0] };
}

function limits(a: Attributes, name: string, range: number[] | undefined): readonly [number, number] {
  if (range === undefined) return a.fail(name, "is missing from a limited actuator");
  if (!(range[0]! < range[1]!)) a.fail(name, "is empty; expected low < high");
  return [range[0]!, range[1]!];
}

/** In MJCF all kinds of actuator share their defaults; here those of another kind are refused. */
function actuatorDefaults(
  classes: ReadonlyMap<string, DefaultClass>,
  element: XmlElement,
): ReadonlyMap<string, string> {
  const name = element.attributes.get("class") ?? "main";
  const others = actuatorKinds.filter(
    (kind) => kind !== element.name && (classes.get(name)?.get(kind)?.size ?? 0) > 0,
  );
  if (others.length > 0) {
    refuseElement(element, `is in a class with defaults for <${others[0]}>, which is not supported`);
  }
  return defaultsFor(classes, element, undefined);
}
