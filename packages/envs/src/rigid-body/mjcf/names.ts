import { MjcfError, type XmlElement } from "./read-xml.ts";

/** Kinds of named parts; two parts of one kind need different names. */
const kindOf: Readonly<Record<string, string>> = {
  body: "body",
  joint: "joint",
  freejoint: "joint",
  geom: "geom",
  motor: "actuator",
  position: "actuator",
  velocity: "actuator",
  general: "actuator",
};

/**
 * The names stated in a model, and new ones for parts without. Refuses a name that two parts of one kind share,
 * at any depth; "world" is a body's.
 */
export class Names {
  readonly #taken = new Map<string, Map<string, number | undefined>>([
    ["body", new Map([["world", undefined]])],
  ]);

  constructor(sections: readonly XmlElement[]) {
    sections.forEach((section) => {
      this.#collect(section);
    });
  }

  #collect({ children }: XmlElement): void {
    for (const child of children) {
      const kind = Object.hasOwn(kindOf, child.name) ? kindOf[child.name]! : undefined;
      const name = child.attributes.get("name");
      if (kind !== undefined && name !== undefined) this.#take(kind, name, child);
      this.#collect(child);
    }
  }

  #take(kind: string, name: string, element: XmlElement): void {
    const taken = this.#of(kind);
    if (taken.has(name)) {
      const line = taken.get(name);
      const by = line === undefined ? "that of the world" : `that of another ${kind}, on line ${line}`;
      throw new MjcfError(element.line, `name of <${element.name}>`, `is "${name}", ${by}`);
    }
    taken.set(name, element.line);
  }

  /** `base`, or if a part of the kind has that name, `base` with as many underscores as it takes. */
  unused(kind: "body" | "joint" | "geom", base: string): string {
    const taken = this.#of(kind);
    let name = base;
    while (taken.has(name)) name += "_";
    taken.set(name, undefined);
    return name;
  }

  /** Refuses a reference to a body that the model does not have. */
  requireBody(name: string, refuse: (problem: string) => never): void {
    if (!this.#of("body").has(name)) refuse(`is "${name}", which is not a body of this model`);
  }

  #of(kind: string): Map<string, number | undefined> {
    const taken = this.#taken.get(kind) ?? new Map();
    this.#taken.set(kind, taken);
    return taken;
  }
}
