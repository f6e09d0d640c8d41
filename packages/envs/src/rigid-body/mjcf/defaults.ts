import { refuseElement } from "./attributes.ts";
import { MjcfError, type XmlElement } from "./read-xml.ts";

/** A default class: the attributes of each kind of element, including those inherited from parent classes. */
export type DefaultClass = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The kinds of actuators. */
export const actuatorKinds: readonly string[] = ["motor", "position", "velocity", "general"];

const known = new Set(["geom", "joint", ...actuatorKinds]);
const visual = new Set(["site", "camera", "light", "mesh", "material"]);

/** The default classes of a model by name; the outermost is called main. */
export function defaultClasses(root: XmlElement): ReadonlyMap<string, DefaultClass> {
  const classes = new Map<string, DefaultClass>([["main", new Map()]]);
  const walk = (element: XmlElement, parent: DefaultClass, name: string) => {
    const own = new Map(parent);
    for (const child of element.children) {
      if (child.name === "default" || visual.has(child.name)) continue;
      if (!known.has(child.name)) refuseElement(child, "is not supported among the defaults");
      // MJCF's actuators share one set of defaults; here each kind keeps its own: see actuators.ts.
      const merged = new Map([...(own.get(child.name) ?? []), ...child.attributes]);
      own.set(child.name, merged);
    }
    classes.set(name, own);
    for (const child of element.children) {
      if (child.name !== "default") continue;
      const nested = child.attributes.get("class");
      if (nested === undefined) throw new MjcfError(child.line, "<default>", "has no class");
      if (classes.has(nested))
        throw new MjcfError(child.line, "class of <default>", `is "${nested}", which is already defined`);
      walk(child, own, nested);
    }
  };
  for (const child of root.children) {
    if (child.name !== "default") continue;
    const name = child.attributes.get("class") ?? "main";
    if (name !== "main")
      throw new MjcfError(child.line, "class of <default>", `is "${name}"; the outermost is called main`);
    walk(child, classes.get("main")!, "main");
  }
  return classes;
}

/** The defaults for an element, from its own class or else the nearest enclosing childclass. */
export function defaultsFor(
  classes: ReadonlyMap<string, DefaultClass>,
  element: XmlElement,
  childClass: string | undefined,
): ReadonlyMap<string, string> {
  const name = element.attributes.get("class") ?? childClass ?? "main";
  const found = classes.get(name);
  if (found === undefined)
    throw new MjcfError(element.line, `class of <${element.name}>`, `is "${name}", which is unknown`);
  return found.get(element.name) ?? new Map();
}
