import type { Softness, Vec3 } from "../model/robot.ts";
import { MjcfError, type XmlElement } from "./read-xml.ts";

/** Attributes that only describe, wherever they stand: how a thing looks, or a user's own notes. */
const descriptive = new Set([
  "name",
  "class",
  "childclass",
  "rgba",
  "material",
  "group",
  "user",
  "fitscale",
  "mesh",
]);

/**
 * The attributes of one element over those of its default classes, read by type. What nobody has read by the end is not
 * supported, and refused by name.
 */
export class Attributes {
  readonly element: XmlElement;
  /** What the model's defaults say of such an element; an element's own attributes come first. */
  readonly #defaults: ReadonlyMap<string, string>;
  readonly #read = new Set<string>();

  constructor(element: XmlElement, defaults: ReadonlyMap<string, string> = new Map()) {
    this.element = element;
    this.#defaults = defaults;
  }

  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    return this.element.attributes.get(name) ?? this.#defaults.get(name);
  }

  choice<const T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    return this.fail(
      name,
      `is "${text}", which is not supported (${choices.join(", ")} ${choices.length === 1 ? "is" : "are"})`,
    );
  }

  /** As many numbers as there are, between `least` and `most`. */
  numbers(name: string, least: number, most: number = least): number[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const words = text.trim().split(/\s+/);
    const values = words.map((word) => (numeral.test(word) ? Number(word) : Number.NaN));
    if (words.length >= least && words.length <= most && values.every(Number.isFinite)) return values;
    const count = least === most ? `${least}` : `${least} to ${most}`;
    return this.fail(name, `is "${text}"; expected ${count} finite number${most === 1 ? "" : "s"}`);
  }

  number(name: string, otherwise: number): number {
    return this.numbers(name, 1)?.[0] ?? otherwise;
  }

  vector(name: string, otherwise: Vec3): Vec3 {
    return (this.numbers(name, 3) as unknown as Vec3 | undefined) ?? otherwise; // three numbers
  }

  /** `values` over `otherwise`, as MJCF fills up a short list. */
  filled(name: string, otherwise: readonly number[]): number[] {
    const values = this.numbers(name, 1, otherwise.length) ?? [];
    return otherwise.map((value, i) => values[i] ?? value);
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.choice(name, ["true", "false"], otherwise ? "true" : "false") === "true";
  }

  /** Refuses an attribute unless it has the value that means nothing. */
  only(name: string, value: string | number, why: string): void {
    const text = this.text(name);
    const same = typeof value === "number" ? text !== undefined && Number(text) === value : text === value;
    if (text !== undefined && !same) this.fail(name, `is "${text}", which is not supported: ${why}`);
  }

  /** Refuses what has not been read, `ignored` aside. */
  close(ignored: readonly string[] = []): void {
    for (const name of [...this.element.attributes.keys(), ...this.#defaults.keys()]) {
      if (this.#read.has(name) || descriptive.has(name) || ignored.includes(name)) continue;
      this.fail(name, "is not supported");
    }
  }

  fail(attribute: string | undefined, problem: string): never {
    const { name, line } = this.element;
    const own = this.element.attributes.get("name");
    const at = own === undefined ? `<${name}>` : `<${name} name="${own}">`;
    throw new MjcfError(line, attribute === undefined ? at : `${at}, ${attribute}`, problem);
  }
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Refuses an element, by name. */
export function refuseElement({ name, line }: XmlElement, problem = "is not supported"): never {
  throw new MjcfError(line, `<${name}>`, problem);
}

/** A constraint's solref (time constant, damping ratio) and solimp. */
export function readSoftness(a: Attributes, solref: string, solimp: string): Softness {
  const [timeConstant, dampingRatio] = a.filled(solref, [0.02, 1]) as [number, number]; // as many as the default
  if (!(timeConstant > 0 && dampingRatio > 0)) {
    a.fail(solref, "must be two positive numbers; stiffness and damping in its place are not supported");
  }
  const impedance = a.filled(solimp, [0.9, 0.95, 0.001, 0.5, 2]);
  return { timeConstant, dampingRatio, impedance: impedance as unknown as Softness["impedance"] }; // five numbers
}
