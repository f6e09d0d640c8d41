import { expect, it } from "vitest";
import {
  array,
  dot,
  grad,
  type NdArray,
  ravel,
  ShapeError,
  sum,
  TreeError,
  toNested,
} from "../../src/index.ts";

interface Parameters {
  readonly layers: readonly { readonly weight: NdArray; readonly bias: NdArray }[];
  readonly scale: NdArray;
}
const tree: Parameters = {
  scale: array(7),
  layers: [
    {
      weight: array([
        [3, 4],
        [5, 6],
      ]),
      bias: array([1, 2]),
    },
  ],
};

it("puts the leaves one after the other, in the order of flatten, and back", () => {
  const [vector, unravel] = ravel<Parameters>(tree);
  expect(toNested(vector)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(unravel(vector)).toEqual(tree);
});

it("is differentiable both ways", () => {
  const squares = (p: Parameters): NdArray => {
    const [vector] = ravel<Parameters>(p);
    return dot(vector, vector);
  };
  expect(toNested(grad(squares)(tree).layers[0]!.weight)).toEqual([
    [6, 8],
    [10, 12],
  ]);
  const [vector, unravel] = ravel<Parameters>(tree);
  const ofWeights = (flat: NdArray): NdArray => sum(unravel(flat).layers[0]!.weight);
  expect(toNested(grad(ofWeights)(vector))).toEqual([0, 0, 1, 1, 1, 1, 0]);
});

it("refuses an empty tree and a vector of another length", () => {
  expect(() => ravel([])).toThrow(TreeError);
  const [, unravel] = ravel<Parameters>(tree);
  expect(() => unravel(array([1, 2]))).toThrow(ShapeError);
});
