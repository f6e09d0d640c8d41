import { refuseElement } from "./attributes.ts";
import { MjcfError, type XmlElement } from "./read-xml.ts";

/** What a default class says of each kind of element, its parent classes' words included. */
export type DefaultClass = ReadonlyMap<string, ReadonlyMap<string, string>>;

const actuators = ["motor", "position", "velocity", "general"];
const known = new Set(["geom", "joint", ...actuators]);
const visual = new Set(["site", "camera", "light", "mesh", "material"]);

/** The default classes of a model by name; the outermost is called main. */
export function defaultClasses(root: XmlElement): ReadonlyMap<string, DefaultClass> {
  const classes = new Map<string, DefaultClass>([["main", new Map()]]);
  const walk = (element: XmlElement, parent: DefaultClass, name: string) => {
    const own = new Map(parent);
    for (const child of element.children) {
      if (child.name === "default" || visual.has(child.name)) continue;
      if (!known.has(child.name)) refuseElement(child, "is not supported among the defaults");
      // Actuators share one set of defaults: what is said of one kind holds for all.
      const merged = new Map([...(own.get(child.name) ?? []), ...child.attributes]);
      own.set(child.name, merged);
    }
    classes.set(name, own);
    for (const child of element.children) {
      if (child.name !== "default") continue;
      const nested = child.attributes.get("class");
      if (nested === undefined) throw new MjcfError(child.line, "<default>", "has no class");
      if (classes.has(nested)) throw new MjcfError(child.line, "<default>, class", `"${nested}" is taken`);
      walk(child, own, nested);
    }
  };
  for (const child of root.children) {
    if (child.name === "default") walk(child, classes.get("main")!, "main");
  }
  return classes;
}

/** What the defaults say of an element: of its own class, or of the nearest childclass around it. */
export function defaultsFor(
  classes: ReadonlyMap<string, DefaultClass>,
  element: XmlElement,
  childClass: string | undefined,
): ReadonlyMap<string, string> {
  const name = element.attributes.get("class") ?? childClass ?? "main";
  const found = classes.get(name);
  if (found === undefined)
    throw new MjcfError(element.line, `<${element.name}>, class`, `"${name}" is unknown`);
  return found.get(element.name) ?? new Map();
}
