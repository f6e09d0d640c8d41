import type { Softness, Vec3 } from "../model/robot.ts";
import { MjcfError, type XmlElement } from "./read-xml.ts";

/** Attributes without effect on the motion unless they are read: names, appearance, a user's notes. */
const descriptive = new Set(["name", "class", "childclass", "rgba", "material", "group", "user"]);

/**
 * The attributes of one element, read by type, with those of its default classes where it states none.
 * `close` refuses, by name, any that were never read: they are not supported.
 */
export class Attributes {
  readonly element: XmlElement;
  /** The model's defaults for such an element; the element's own attributes take precedence. */
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

  /** The attribute's numbers, `least` to `most` of them. */
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

  /** A number of at least 0; 0 where it is absent. */
  notNegative(name: string): number {
    const value = this.number(name, 0);
    return value >= 0 ? value : this.fail(name, "is negative");
  }

  /** 32 bits, as a whole number. */
  bits(name: string, otherwise: number): number {
    const value = this.number(name, otherwise);
    if (value === (value | 0)) return value;
    return this.fail(name, `is "${this.text(name)}"; expected a whole number of 32 bits`);
  }

  vector(name: string, otherwise: Vec3): Vec3 {
    return (this.numbers(name, 3) as unknown as Vec3 | undefined) ?? otherwise; // three numbers
  }

  /** The attribute's numbers, completed from `otherwise` as MJCF completes a short list. */
  filled(name: string, otherwise: readonly number[]): number[] {
    const values = this.numbers(name, 1, otherwise.length) ?? [];
    return otherwise.map((value, i) => values[i] ?? value);
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.choice(name, ["true", "false"], otherwise ? "true" : "false") === "true";
  }

  /** Refuses an attribute unless it is absent or has the one supported value. */
  only(name: string, value: string | number, why: string): void {
    const text = this.text(name);
    const same = typeof value === "number" ? this.number(name, value) === value : text === value;
    if (text !== undefined && !same) this.fail(name, `is "${text}", which is not supported; ${why}`);
  }

  /** Refuses any attribute that has not been read, except those in `ignored`. */
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
    throw new MjcfError(line, attribute === undefined ? at : `${attribute} of ${at}`, problem);
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
