/** Programs of odd sizes give a result, or an error that says what is too much. */
import { describe, expect, it } from "vitest";
import {
  array,
  compile,
  concat,
  flatten,
  grad,
  item,
  jvp,
  mapTree,
  type NdArray,
  ravel,
  ShapeError,
  show,
  sum,
  type Tree,
  TreeError,
  vmap,
} from "../src/index.ts";

/** An array below `depth` lists and records. */
function nested(depth: number, leaf: NdArray): Tree {
  let tree: Tree = leaf;
  for (let level = 0; level < depth; level++) tree = level % 2 === 0 ? [tree] : { below: tree };
  return tree;
}

function leafOf(tree: Tree): NdArray {
  let at = tree;
  while (!("dtype" in at)) at = Object.values(at)[0] as Tree;
  return at as NdArray;
}

describe("a tree", () => {
  const slope = grad((tree: NdArray) => sum(leafOf(tree)));

  it("of 900 levels is like any other", () => {
    const tree = nested(900, array([1, 2]));
    expect([...leafOf(slope(tree as never)).data]).toEqual([1, 1]);
    expect([...leafOf(compile(slope)(tree as never)).data]).toEqual([1, 1]);
  });

  const deep = nested(20_000, array([1, 2]));
  const itself: Record<string, unknown> = {};
  itself.again = itself;
  const uses: Readonly<Record<string, (tree: never) => unknown>> = {
    flatten: (tree) => flatten(tree),
    mapTree: (tree) => mapTree((x) => x, tree),
    grad: slope,
    jvp: (tree) => jvp((t: NdArray) => leafOf(t))([tree], [tree]),
    vmap: (tree) => vmap((t: NdArray) => leafOf(t))(tree),
    compile: (tree) => compile((t: NdArray) => leafOf(t))(tree),
    "compile, of an output": (tree) => compile((): NdArray => tree)(),
    ravel: (tree) => ravel(tree),
    show: (tree) => show((t: NdArray) => leafOf(t), tree),
  };
  it.each(Object.entries(uses))("of 20,000 levels, or in itself, is refused by %s", (_name, use) => {
    expect(() => use(deep as never)).toThrow(TreeError);
    expect(() => use(deep as never)).toThrow(/a tree may be 1000 levels deep; there are more below/);
    expect(() => use(itself as never)).toThrow(TreeError);
  });

  it("of numbers likewise", () => {
    let numbers: unknown = 1;
    for (let level = 0; level < 20_000; level++) numbers = [numbers];
    expect(() => array(numbers as never)).toThrow(ShapeError);
  });
});

describe("150,000 operands", () => {
  const n = 150_000;
  const list = Array.from({ length: n }, (_, i) => array([i % 7]));
  const total = (xs: readonly NdArray[]): NdArray => sum(concat(xs));

  it("are joined and differentiated", () => {
    expect(item(total(list))).toBe(list.reduce((sofar, { data }) => sofar + data[0]!, 0));
    const slopes = grad(total)(list);
    expect(slopes).toHaveLength(n);
    expect(slopes.every(({ data }) => data[0] === 1)).toBe(true);
  });

  it("as arguments of one call are refused", () => {
    expect(() => jvp((...xs: NdArray[]) => total(xs))(list, list)).toThrow(
      /^jvp: a function may take 10000 arguments; got 150000/,
    );
  });
});
