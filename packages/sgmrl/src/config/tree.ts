/** Plain data as a tree of named fields, addressed by paths such as "experiment.inner.stepSize". */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Overrides `base` field by field. Fields never replace a value without fields, which the schema then
 * refuses.
 */
export function merge(base: Tree, changes: Tree): Tree {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(changes)) {
    const old = merged[name];
    if (!isTree(value) || old === undefined) merged[name] = value;
    else if (isTree(old)) merged[name] = merge(old, value);
  }
  return merged;
}

/** The tree that has only a value at a path. */
export function nested(path: string, value: unknown): Tree {
  return path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Tree; // a path has a name
}

/** The tree without the value at a path. */
export function without(tree: Tree, path: string): Tree {
  const [name, ...rest] = path.split(".");
  const { [name!]: below, ...others } = tree; // a path has a name
  return rest.length === 0 || !isTree(below)
    ? others
    : { ...others, [name!]: without(below, rest.join(".")) };
}

export function at(tree: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((node, name) => (node as Record<string, unknown> | null | undefined)?.[name], tree);
}

/** A leaf as a flag's text: "8,4" and "none" for lists. */
export function leafText(value: unknown): string {
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
}

/** The text of every leaf, by its path. */
export function leaves(value: unknown, path = ""): Map<string, string> {
  if (!isTree(value)) return new Map([[path, leafText(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leaves(inner, path === "" ? name : `${path}.${name}`),
    ]),
  );
}
