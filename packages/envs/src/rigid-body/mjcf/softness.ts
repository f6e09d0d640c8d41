import type { Softness } from "../model/robot.ts";
import type { Attributes } from "./attributes.ts";

/** A constraint's solref (time constant, damping ratio) and solimp. */
export function readSoftness(a: Attributes, solref: string, solimp: string): Softness {
  const [timeConstant, dampingRatio] = a.filled(solref, [0.02, 1]) as [number, number]; // as many as the default
  if (!(timeConstant > 0 && dampingRatio > 0)) {
    a.fail(solref, "must be two positive numbers; stiffness and damping in its place are not supported");
  }
  const impedance = a.filled(solimp, [0.9, 0.95, 0.001, 0.5, 2]);
  return { timeConstant, dampingRatio, impedance: impedance as unknown as Softness["impedance"] }; // five numbers
}
