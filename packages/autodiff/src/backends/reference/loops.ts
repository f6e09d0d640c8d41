import { Bundle } from "../../array/bundle.ts";
import { type ArrayType, ConcreteArray, copied, emptyLike, type NdArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { internal } from "../../errors.ts";
import type { ParamsOf } from "../../primitives/table.ts";
import { typeOf } from "../../trace/graph.ts";
import { sumsOf } from "../sums.ts";
import type { Kernel, KernelTable } from "./kernels.ts";
import { stored } from "./totals.ts";

/**
 * Applies the body at every step to the carried values, row t of each scanned array, and the fixed operands.
 */
const scan: Kernel<ParamsOf<"scan">> = (inputs, params, _type, run) => {
  const { body, length, carries, rows, reverse } = params;
  const { graph, isSum } = sumsOf(body.graph, carries);
  const over = inputs.slice(carries, carries + rows);
  const fixed = inputs.slice(carries + rows);
  const stacks = graph.outputs.slice(carries).map((ref): NdArray => {
    const { shape, dtype } = typeOf(graph, ref);
    return emptyLike({ shape: [length, ...shape], dtype });
  });
  let carry = inputs.slice(0, carries);
  const totals = carry.map(({ data }, i) => (isSum[i] ? Float64Array.from(data) : undefined));
  for (let step = 0; step < length; step++) {
    const t = reverse ? length - 1 - step : step;
    const results = run(graph, [...carry, ...over.map((x) => row(x, t)), ...fixed]);
    carry = carry.map((start, i) => (isSum[i] ? start : results[i]!));
    totals.forEach((total, i) => {
      if (total !== undefined) addTo(total, results[i]!);
    });
    stacks.forEach((stack, i) => {
      row(stack, t).data.set(results[carries + i]!.data);
    });
  }
  const ends = carry.map((value, i) => (totals[i] === undefined ? copied(value) : stored(value, totals[i])));
  return new Bundle([...ends, ...stacks]); // copied, as a carried value may be an input, or a row of one
};

/** total = total + x */
function addTo(total: Float64Array, { data }: NdArray): void {
  for (let i = 0; i < total.length; i++) total[i]! += data[i]!;
}

const whileLoop: Kernel<ParamsOf<"whileLoop">> = (inputs, { body, carries }, _type, run) => {
  const fixed = inputs.slice(carries);
  let carry = inputs.slice(0, carries);
  while (carry[0]!.data[0] !== 0) carry = run(body.graph, [...carry, ...fixed]);
  return new Bundle(carry.map(copied));
};

const cond: Kernel<ParamsOf<"cond">> = ([p, ...operands], { onTrue, onFalse }, _type, run) => {
  const branch = p!.data[0] === 0 ? onFalse : onTrue;
  return new Bundle(run(branch.graph, operands).map(copied)); // it may return an operand
};

/** Row t of an array, in the same memory. */
function row({ data, shape, dtype }: NdArray, t: number): NdArray {
  const type: ArrayType = { shape: shape.slice(1), dtype };
  const size = sizeOf(type.shape);
  return new ConcreteArray(data.subarray(t * size, (t + 1) * size), type.shape, dtype);
}

export const loopKernels: KernelTable<"scan" | "whileLoop" | "cond" | "part"> = {
  scan,
  whileLoop,
  cond,
  part: ([bundle], { index }) =>
    (bundle instanceof Bundle ? bundle.parts[index] : undefined) ?? internal("a part of what is no bundle"),
};
