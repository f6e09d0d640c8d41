import fc from "fast-check";
import { expect, it } from "vitest";
import { sameStructure } from "../../src/array/tree.ts";
import {
  array,
  flatten,
  mapTree,
  mul,
  type NdArray,
  type Tree,
  toNested,
  unflatten,
  zipTree,
} from "../../src/index.ts";

const { tree } = fc.letrec<{
  tree: Tree;
  leaf: NdArray;
  list: readonly Tree[];
  record: { [name: string]: Tree };
}>((tie) => ({
  leaf: fc.array(fc.integer({ min: -8, max: 8 }), { maxLength: 3 }).map((values) => array(values)),
  list: fc.array(tie("tree"), { maxLength: 3 }),
  record: fc.dictionary(fc.constantFrom("b", "a", "weight", "0"), tie("tree"), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  tree: fc.oneof({ maxDepth: 3 }, tie("leaf"), tie("list"), tie("record")),
}));

it("unflatten undoes flatten", () => {
  fc.assert(
    fc.property(tree, (t) => {
      const { leaves, structure, paths } = flatten(t);
      expect(paths).toHaveLength(leaves.length);
      expect(new Set(paths).size).toBe(paths.length);
      expect(unflatten(structure, leaves)).toEqual(t);
    }),
  );
});

it("the order of a record's keys does not matter", () => {
  const [one, other] = [flatten({ a: array([1]), b: array([2]) }), flatten({ b: array([2]), a: array([1]) })];
  expect(sameStructure(one.structure, other.structure)).toBe(true);
  expect(one.leaves.map(toNested)).toEqual(other.leaves.map(toNested));
});

it("mapTree and zipTree work leaf by leaf", () => {
  fc.assert(
    fc.property(tree, (t) => {
      const doubled = mapTree((leaf) => mul(2, leaf), t);
      const squares = zipTree((a, b) => mul(a, b), t, t);
      flatten(t).leaves.forEach((leaf, i) => {
        expect([...flatten(doubled).leaves[i]!.data]).toEqual([...leaf.data].map((value) => 2 * value));
        expect([...flatten(squares).leaves[i]!.data]).toEqual([...leaf.data].map((value) => value * value));
      });
    }),
  );
});
