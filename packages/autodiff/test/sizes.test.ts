/** Programs of odd sizes give a result, or an error that says what is too much. */
import { describe, expect, it } from "vitest";
import {
  AutodiffError,
  array,
  compile,
  concat,
  cond,
  customFunction,
  flatten,
  grad,
  hessian,
  hvp,
  item,
  iterate,
  jacobian,
  jvp,
  linearize,
  mapTree,
  mul,
  type NdArray,
  ravel,
  ShapeError,
  type Structure,
  scan,
  show,
  stack,
  sum,
  type Tree,
  TreeError,
  unflatten,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
  zipTree,
} from "../src/index.ts";
import { checkGradients } from "../src/testing/index.ts";

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
  const one = array(1);
  const first = (tree: NdArray): NdArray => sum(leafOf(tree));
  const whole = (): NdArray[] => [one]; // a result that is a list
  /** Every public function that takes a tree, at each place where it does. */
  const uses: Readonly<Record<string, (tree: never) => unknown>> = {
    flatten: (tree) => flatten(tree),
    mapTree: (tree) => mapTree((x) => x, tree),
    zipTree: (tree) => zipTree((x) => x, tree, tree),
    ravel: (tree) => ravel(tree),
    show: (tree) => show(first, tree),
    grad: (tree) => grad(first)(tree),
    "grad, argnums": (tree) => grad((_x: NdArray, y: NdArray) => first(y), { argnums: [1] })(one, tree),
    "grad, aux": (tree) => grad((x: NdArray) => [x, tree] as const, { hasAux: true })(one),
    valueAndGrad: (tree) => valueAndGrad(first)(tree),
    hvp: (tree) => hvp(first)(tree, tree),
    "hvp, the vector": (tree) => hvp(first)(one, tree),
    hessian: (tree) => hessian(first)(tree),
    jacobian: (tree) => jacobian(first)(tree),
    "jacobian, of an output": (tree) => jacobian((): NdArray => tree)(one),
    jvp: (tree) => jvp(first)([tree], [tree]),
    "jvp, the tangent": (tree) => jvp(first)([one], [tree]),
    vjp: (tree) => vjp(first)(tree),
    "vjp, the cotangent": (tree) => vjp(first)(one)[1](tree),
    linearize: (tree) => linearize(first)(tree),
    "linearize, the tangent": (tree) => linearize(first)(one)[1](tree),
    vmap: (tree) => vmap(first)(tree),
    compile: (tree) => compile(first)(tree),
    "compile, of an output": (tree) => compile((): NdArray => tree)(),
    iterate: (tree) => iterate((x: NdArray) => x)(tree, one, 1),
    "iterate, what is given": (tree) => iterate((x: NdArray, _given: NdArray) => x)(one, tree, 1),
    scan: (tree) => scan((c: NdArray) => [c, undefined], tree, 1),
    "scan, xs": (tree) => scan((c: NdArray, _x: NdArray) => [c, undefined], one, tree),
    "scan, the next carry": (tree) => scan((): [NdArray, undefined] => [tree, undefined], one, 1),
    "scan, ys": (tree) => scan((c: NdArray) => [c, tree], one, 1),
    cond: (tree) => cond(1, first, first, tree),
    "cond, of an output": (tree) => cond(1, (): NdArray => tree, whole as never),
    whileLoop: (tree) =>
      whileLoop(
        () => false,
        (c: NdArray) => c,
        tree,
      ),
    "whileLoop, the next carry": (tree) =>
      whileLoop(
        () => false,
        (): NdArray => tree,
        one,
      ),
    checkGradients: (tree) => checkGradients(first, [tree]),
  };
  it.each(Object.entries(uses))("of 20,000 levels, or in itself, is refused by %s", (_name, use) => {
    expect(() => use(deep as never)).toThrow(TreeError);
    expect(() => use(deep as never)).toThrow(/a tree may be at most 1000 levels deep; there are more below/);
    expect(() => use(itself as never)).toThrow(TreeError);
  });

  it("where there is no place for one is refused too", () => {
    const shut = { inAxes: deep } as never;
    for (const mistake of [
      () => vmap(first, shut)(array([1])),
      () => grad(first, { argnums: deep } as never)(one),
      () => concat(deep as never),
      () => stack([itself] as never),
      () => ravel(one)[1](deep as never),
      () => mul(deep as never, 1),
    ]) {
      expect(mistake).toThrow(AutodiffError);
    }
  });

  it("of a structure that was made up", () => {
    let structure: Structure = { kind: "leaf" };
    for (let level = 0; level < 20_000; level++) structure = { kind: "list", items: [structure] };
    expect(() => unflatten(structure, [one])).toThrow(/^unflatten: a tree may be at most 2000 levels deep/);
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

  it("go through every transform", () => {
    const ends = (xs: readonly NdArray[]): NdArray => sum(mul(xs[0]!, xs[n - 1]!));
    expect(jvp(ends)([list], [list])[1].shape).toEqual([]);
    expect(scan((xs: readonly NdArray[]) => [xs, undefined], list, 1)[0]).toHaveLength(n);
    expect(
      whileLoop(
        () => false,
        (xs: readonly NdArray[]) => xs,
        list,
      ),
    ).toHaveLength(n);
    expect(
      cond(
        1,
        (xs) => sum(xs[0]!),
        (xs) => ends(xs),
        list,
      ).shape,
    ).toEqual([]);
  });

  it("as arguments of one call are refused", () => {
    expect(() => jvp((...xs: NdArray[]) => total(xs))(list, list)).toThrow(
      /^jvp: a function may take 10000 arguments; got 150000/,
    );
    const some = list.slice(0, 50_000);
    const add = (...xs: NdArray[]): NdArray => total(xs);
    const message = /: a function may take 10000 arguments; got 50000/;
    const own = customFunction({ name: "own", apply: add, vjp: (_bar, xs) => xs });
    for (const mistake of [
      () => grad(add)(...(some as [NdArray])),
      () => grad(add, { argnums: some.map((_, i) => i) })(...some),
      () => vjp(add)(...some),
      () => vmap(add)(...some),
      () => compile(add)(...some),
      () => own(...some),
      () => cond(1, add, add, ...some),
    ]) {
      expect(mistake).toThrow(message);
    }
  });
});
