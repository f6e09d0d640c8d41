import type { Robot, Vec3 } from "../model/robot.ts";
import { Attributes, refuseElement } from "./attributes.ts";
import type { Angles } from "./orientation.ts";
import type { XmlElement } from "./read-xml.ts";

/** Settings of <compiler>: how the rest of the model is read. */
export interface Compiler extends Angles {
  readonly autolimits: boolean;
  readonly inertiaFromGeom: "true" | "false" | "auto";
  readonly totalMass: number | undefined;
}

export function readCompiler(elements: readonly XmlElement[]): Compiler {
  const a = attributesOf(elements, "compiler");
  const degrees = a.choice("angle", ["degree", "radian"], "degree") === "degree";
  const eulerOrder = a.text("eulerseq") ?? "xyz";
  if (!/^[xyzXYZ]{3}$/.test(eulerOrder)) a.fail("eulerseq", `is "${eulerOrder}"; expected three of x, y, z`);
  a.only("coordinate", "local", "frames are relative to their parents'");
  a.only("boundmass", 0, "masses are as stated");
  a.only("boundinertia", 0, "inertias are as stated");
  a.only("balanceinertia", "false", "inertias are as stated");
  a.only("inertiagrouprange", "0 5", "geoms of the groups 0 to 5 have mass");
  a.only("alignfree", "false", "the body's frame stays where it is");
  const total = a.number("settotalmass", -1);
  const autolimits = a.flag("autolimits", true);
  const inertiaFromGeom = a.choice("inertiafromgeom", ["true", "false", "auto"], "auto");
  for (const name of ["discardvisual", "usethread", "strippath", "fusestatic"]) a.flag(name, false);
  a.close(["assetdir", "meshdir", "texturedir"]);
  return {
    radians: degrees ? (angle) => (angle * Math.PI) / 180 : (angle) => angle,
    eulerOrder,
    autolimits,
    inertiaFromGeom,
    totalMass: total > 0 ? total : undefined,
  };
}

export type Options = Pick<Robot, "timestep" | "integrator" | "gravity" | "fluid">;

/** Flags that do not affect the motion here, so any value is accepted. */
const freeFlags = ["warmstart", "energy", "fwdinv", "sensor", "nativeccd", "island", "midphase", "multiccd"];
const offByDefault = ["override", "invdiscrete", "sleep"];

export function readOptions(elements: readonly XmlElement[]): Options {
  const a = attributesOf(elements, "option");
  for (const child of elements.flatMap(({ children }) => children)) {
    if (child.name !== "flag") refuseElement(child, "is not supported among the options");
    const flag = new Attributes(child);
    for (const name of child.attributes.keys()) {
      if (freeFlags.includes(name)) flag.choice(name, ["enable", "disable"], "enable");
      else
        flag.only(
          name,
          offByDefault.includes(name) ? "disable" : "enable",
          "the flag is as it is by default",
        );
    }
  }
  const timestep = a.number("timestep", 0.002);
  if (!(timestep > 0)) a.fail("timestep", `is ${timestep}; expected a positive number of seconds`);
  const integrator = a.choice("integrator", ["Euler", "RK4"], "Euler") === "Euler" ? "euler" : "rk4";
  const gravity = a.vector("gravity", [0, 0, -9.81]);
  const [density, viscosity] = [a.notNegative("density"), a.notNegative("viscosity")];
  a.choice("cone", ["pyramidal"], "pyramidal");
  a.choice("solver", ["Newton", "CG", "PGS"], "Newton"); // all converge to the one solution
  a.only("impratio", 1, "the friction cone is not made stiffer");
  a.only("noslip_iterations", 0, "there is no second solve");
  const wind: Vec3 = a.vector("wind", [0, 0, 0]);
  if (wind.some((x) => x !== 0)) a.fail("wind", "is not supported; the fluid is at rest");
  readPrecision(a);
  a.close();
  return {
    timestep,
    integrator,
    gravity,
    ...((density > 0 || viscosity > 0) && { fluid: { density, viscosity } }),
  };
}

/** How the official engine computes; checked, but of no effect here, where every solution is exact. */
function readPrecision(a: Attributes): void {
  a.choice("jacobian", ["dense", "sparse", "auto"], "auto");
  a.vector("magnetic", [0, 0, 0]);
  for (const name of ["tolerance", "ls_tolerance", "ccd_tolerance", "noslip_tolerance"]) a.notNegative(name);
  for (const name of ["iterations", "ls_iterations", "ccd_iterations", "sdf_iterations", "sdf_initpoints"]) {
    const count = a.number(name, 1);
    if (!(Number.isSafeInteger(count) && count > 0))
      a.fail(name, `is "${a.text(name)}"; expected a whole number of at least 1`);
  }
}

/** The attributes of a section that may occur several times; the last value counts. */
function attributesOf(elements: readonly XmlElement[], name: string): Attributes {
  const merged = new Map(elements.flatMap(({ attributes }) => [...attributes]));
  const line = elements.at(-1)?.line ?? 1;
  return new Attributes({ name, line, attributes: merged, children: [] });
}
