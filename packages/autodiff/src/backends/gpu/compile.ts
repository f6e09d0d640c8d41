/** Graph -> kernels, each from its source text, chained on the device; only the outputs are read back. */

import { ConcreteArray, type DType, type NdArray, typedArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { DomainError, IndexError, UnsupportedError } from "../../errors.ts";
import type { PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, type Ref, refOfEquation, typeOf } from "../../trace/graph.ts";
import type { Executable } from "../backend.ts";
import { evaluatePrimitive } from "../reference/kernels.ts";
import { type Buffer, type Device, type DeviceKernel, numbersOf } from "./device.ts";
import { loopPrinters } from "./kernels.ts";
import { placements, storedValues } from "./plan.ts";
import { KernelText, unravel } from "./printer.ts";

/** Fills in one stored value, given those before it. */
type Step = (buffers: Map<Ref, Buffer>) => void;

export function compileGraph(device: Device, graph: Graph): Executable {
  refuseFloat64(graph);
  const stored = storedValues(graph);
  const constants = graph.constants.map(
    (constant, i) => [graph.inputs.length + i, toDevice(constant)] as const,
  );
  const steps = graph.equations.flatMap((equation, i): Step[] => {
    const ref = refOfEquation(graph, i);
    if (!stored.has(ref)) return [];
    const checks = indexChecks(graph, equation);
    const compute =
      placements[equation.primitive.name as PrimitiveName] === "host"
        ? hostStep(graph, ref, equation)
        : kernelStep(device, graph, stored, ref, equation);
    return [...checks, compute];
  });
  // A gather that is written into another kernel is checked too, before anything runs past it.
  const inlined = graph.equations.flatMap((equation, i) =>
    stored.has(refOfEquation(graph, i)) ? [] : indexChecks(graph, equation),
  );

  return (inputs) => {
    const buffers = new Map<Ref, Buffer>(constants);
    inputs.forEach((input, ref) => {
      buffers.set(ref, toDevice(input));
    });
    for (const step of steps) step(buffers);
    for (const check of inlined) check(buffers);
    return graph.outputs.map((ref) => fromDevice(graph, ref, buffers.get(ref)!));
  };
}

function kernelStep(
  device: Device,
  graph: Graph,
  stored: ReadonlySet<Ref>,
  ref: Ref,
  equation: Equation,
): Step {
  const { shape } = equation.type;
  const size = sizeOf(shape);
  if (size === 0) {
    return (buffers) => {
      buffers.set(ref, new Float32Array(0));
    };
  }
  const others = new Set(stored);
  others.delete(ref); // its own value is what is written out here
  const text = new KernelText(graph, others);
  const index = unravel(text, text.name("this.thread.x"), shape);
  const loop = loopPrinters[equation.primitive.name as PrimitiveName];
  const result = loop === undefined ? text.value(ref, index) : loop(text, equation, index, graph);
  const source = `function (${text.reads.map((read) => `v${read}`).join(", ")}) {\n${text.text}\nreturn ${result};\n}`;
  let kernel: DeviceKernel | undefined;
  return (buffers) => {
    kernel ??= device.kernel(source, size);
    buffers.set(ref, kernel(...text.reads.map((read) => buffers.get(read)!)));
  };
}

function hostStep(graph: Graph, ref: Ref, { primitive, inputs, params }: Equation): Step {
  return (buffers) => {
    const arrays = inputs.map((input) => fromDevice(graph, input, buffers.get(input)!));
    buffers.set(ref, toDevice(evaluatePrimitive(primitive, arrays, params)));
  };
}

/** An index outside its axis cannot be reported from inside a kernel, so indices are looked at here. */
function indexChecks(graph: Graph, { primitive: { name }, inputs: [x, indices], params }: Equation): Step[] {
  if (name !== "gather" && name !== "scatterAdd") return [];
  // Both primitives have an axis; scatterAdd says how long it is.
  const { axis, size } = params as { readonly axis: number; readonly size?: number };
  const n = size ?? typeOf(graph, x!).shape[axis]!;
  return [
    (buffers) => {
      numbersOf(buffers.get(indices!)!).forEach((index, position) => {
        if (index >= 0 && index < n) return;
        throw new IndexError(
          name,
          `indices must be from 0 to ${n - 1}; got ${index} at position ${position}`,
          "Check the indices.",
        );
      });
    },
  ];
}

function refuseFloat64(graph: Graph): void {
  const types = [...graph.inputs, ...graph.constants, ...graph.equations.map(({ type }) => type)];
  if (!types.some(({ dtype }) => dtype === "float64")) return;
  throw new UnsupportedError(
    "gpu",
    "graphics cards compute in float32; the program has float64 values",
    'Compile with dtype: "float32".',
  );
}

/** Whole numbers that float32 holds exactly. */
const exactIntegers = 2 ** 24;

function toDevice({ data, dtype }: NdArray): Buffer {
  if (dtype === "int32" && data.some((value) => Math.abs(value) > exactIntegers)) {
    throw new DomainError(
      "gpu",
      `whole numbers are float32 on the device, exact up to ${exactIntegers}`,
      "Use the wasm backend.",
    );
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function fromDevice(graph: Graph, ref: Ref, buffer: Buffer): NdArray {
  const { shape, dtype } = typeOf(graph, ref);
  const data = typedArray(dtype satisfies DType, sizeOf(shape));
  data.set(numbersOf(buffer));
  return new ConcreteArray(data, shape, dtype);
}
