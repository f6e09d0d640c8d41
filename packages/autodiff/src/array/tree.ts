import { describe, requireFunction, requireList, TreeError } from "../errors.ts";
import { scalar } from "./creation.ts";
import { isArray, type NdArray } from "./ndarray.ts";

/** A parameter tree: arrays in nested records and lists, such as { layers: [{ weight, bias }], logStd }. */
export type Tree = NdArray | readonly Tree[] | { readonly [name: string]: Tree };

/** The arguments accepted for a T: its arrays, or numbers in their place. */
export type Argument<T> = T extends NdArray
  ? NdArray | number
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: Argument<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: Argument<T[K]> }
      : T;

/** What a function receives when called with a T: arrays in place of numbers. */
export type Received<T> = T extends NdArray | number
  ? NdArray
  : T extends object
    ? { -readonly [K in keyof T]: Received<T[K]> }
    : T;

/** The structure of a tree without its arrays, enough to rebuild it from a list of leaves. */
export type Structure =
  | { readonly kind: "leaf" }
  | { readonly kind: "list"; readonly items: readonly Structure[] }
  | { readonly kind: "record"; readonly fields: readonly (readonly [string, Structure])[] };

export interface Flattened {
  readonly leaves: NdArray[];
  readonly paths: string[];
  readonly structure: Structure;
}

/** Maximum depth of a tree; a deeper one is not a parameter tree, and would exhaust the stack. */
const deepest = 1000;

/**
 * The leaves in a fixed order (lists by index, records by key in alphabetical order), and the structure.
 *
 * Errors  TreeError for a leaf that is no array or number, with its path
 */
export function flatten(tree: unknown, op = "flatten", root = ""): Flattened {
  const leaves: NdArray[] = [];
  const paths: string[] = [];
  const visit = (node: unknown, path: string, depth: number): Structure => {
    if (typeof node === "number" || isArray(node)) {
      leaves.push(typeof node === "number" ? scalar(node) : node);
      paths.push(path);
      return { kind: "leaf" };
    }
    if (depth === deepest) throw tooDeep(op, `${path.slice(0, 40)}…`);
    if (Array.isArray(node)) {
      return { kind: "list", items: node.map((child, i) => visit(child, `${path}[${i}]`, depth + 1)) };
    }
    if (isPlainRecord(node)) {
      const names = Object.keys(node).sort();
      return {
        kind: "record",
        fields: names.map((name) => [name, visit(node[name], path ? `${path}.${name}` : name, depth + 1)]),
      };
    }
    throw new TreeError(
      op,
      `leaves must be arrays or numbers; got ${describe(node)}${path ? ` at ${path}` : ""}`,
      "Pass arrays as arguments, and close over anything else.",
    );
  };
  return { structure: visit(tree, root, 0), leaves, paths };
}

function tooDeep(op: string, place: string, most = deepest): TreeError {
  return new TreeError(
    op,
    `a tree may be at most ${most} levels deep; there are more below ${place}`,
    "Put the parts into one list.",
  );
}

/**
 * Rebuilds a tree from its structure and its leaves.
 *
 * Errors  TreeError for anything but a structure made by `flatten`, and for a list of another number of leaves
 */
export function unflatten<T = Tree>(structure: Structure, leaves: readonly NdArray[]): T {
  requireList("unflatten", leaves, "the leaves", "Pass those that flatten found.");
  let next = 0;
  const build = (node: Structure, depth: number): unknown => {
    if (node?.kind === "leaf") return leaves[next++];
    // Twice the depth: the tree of a derivative is a tree of trees.
    if (depth === 2 * deepest) throw tooDeep("unflatten", "the structure's first levels", 2 * deepest);
    const child = (inner: Structure): unknown => build(inner, depth + 1);
    if (node?.kind === "list" && Array.isArray(node.items)) return node.items.map(child);
    if (node?.kind === "record" && Array.isArray(node.fields))
      return Object.fromEntries(node.fields.map(([name, inner]) => [name, child(inner)]));
    throw new TreeError(
      "unflatten",
      `this is not a structure: ${describe(node)}`,
      "Take the one of flatten(tree).",
    );
  };
  // The structure was read off a value of type T, so what it rebuilds has that type.
  const tree = build(structure, 0) as T;
  if (next === leaves.length) return tree;
  throw new TreeError(
    "unflatten",
    `the structure holds ${next} leaves; got ${leaves.length}`,
    "Pass as many as flatten found, in its order.",
  );
}

/** The outer structure with each leaf replaced by the inner one. */
export function nestStructures(outer: Structure, inner: Structure): Structure {
  switch (outer.kind) {
    case "leaf":
      return inner;
    case "list":
      return { kind: "list", items: outer.items.map((item) => nestStructures(item, inner)) };
    case "record":
      return {
        kind: "record",
        fields: outer.fields.map(([name, field]) => [name, nestStructures(field, inner)]),
      };
  }
}

/** The number of leaves in a structure. */
export function leavesIn(structure: Structure): number {
  switch (structure.kind) {
    case "leaf":
      return 1;
    case "list":
      return structure.items.reduce((total, item) => total + leavesIn(item), 0);
    case "record":
      return structure.fields.reduce((total, [, field]) => total + leavesIn(field), 0);
  }
}

export function sameStructure(a: Structure, b: Structure): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Applies a function to every array of a tree.
 *
 * Errors  TreeError for a leaf that is no array or number, with its path
 */
export function mapTree<T>(f: (leaf: NdArray, path: string) => NdArray, tree: T): T {
  requireFunction("mapTree", f);
  const { leaves, paths, structure } = flatten(tree, "mapTree");
  return unflatten<T>(
    structure,
    leaves.map((leaf, i) => f(leaf, paths[i]!)),
  );
}

/**
 * Applies a function to matching arrays of two trees of one structure.
 *
 * Errors  TreeError if the structures differ, with the path
 */
export function zipTree<T>(f: (a: NdArray, b: NdArray, path: string) => NdArray, a: T, b: T): T {
  requireFunction("zipTree", f);
  const left = flatten(a, "zipTree");
  const right = flatten(b, "zipTree");
  if (!sameStructure(left.structure, right.structure)) {
    throw new TreeError(
      "zipTree",
      `trees must have the same structure; got leaves ${left.paths.join(", ")} and ${right.paths.join(", ")}`,
      "Build both trees the same way.",
    );
  }
  return unflatten<T>(
    left.structure,
    left.leaves.map((leaf, i) => f(leaf, right.leaves[i]!, left.paths[i]!)),
  );
}

function isPlainRecord(node: unknown): node is Readonly<Record<string, unknown>> {
  if (typeof node !== "object" || node === null) return false;
  const prototype = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
