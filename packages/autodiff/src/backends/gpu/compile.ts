/**
 * Graph -> kernels, each built from source text and chained on the device; only the outputs are read back.
 */

import { ConcreteArray, type DType, type NdArray, typedArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { DomainError, IndexError, UnsupportedError } from "../../errors.ts";
import { inDType } from "../../expand.ts";
import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import {
  type Equation,
  type Graph,
  outputTypes,
  type Ref,
  refOfEquation,
  typeOf,
} from "../../trace/graph.ts";
import { evaluatePrimitive } from "../reference/kernels.ts";
import type { Buffer, Device } from "./device.ts";
import { loopPrinters } from "./kernels.ts";
import { layoutOf } from "./layout.ts";
import { ownElements } from "./place.ts";
import { placements, storedValues } from "./plan.ts";
import { Resident, Rows, type Waiting } from "./resident.ts";
import { KernelText } from "./text.ts";

type Values = Map<Ref, Resident>;

/** The arrays that each loop or conditional returned. */
type Bundles = Map<Ref, readonly Resident[]>;

/** Computes one stored value from those before it, or checks some of them. */
type Step = (values: Values, bundles: Bundles) => Waiting<void>;

/** A graph as a list of steps on one device. */
export class Program {
  readonly #device: Device;
  readonly #graph: Graph;
  readonly #steps: readonly Step[];
  readonly #constants: readonly Resident[];

  constructor(device: Device, given: Graph) {
    const graph = inFloat32(given);
    const stored = storedValues(graph, device);
    this.#device = device;
    this.#graph = graph;
    this.#constants = graph.constants.map((constant) => this.#resident(constant));
    const steps = graph.equations.flatMap((equation, i): Step[] => {
      const ref = refOfEquation(graph, i);
      if (!stored.has(ref)) return [];
      const { name } = equation.primitive;
      if (name === "scan") return [loopStep(device, ref, equation)];
      if (name === "whileLoop") return [whileStep(device, ref, equation)];
      if (name === "cond") return [condStep(device, ref, equation)];
      if (name === "part") return [partStep(ref, equation)];
      const compute =
        placements[equation.primitive.name as PrimitiveName] === "host"
          ? hostStep(device, graph, ref, equation)
          : kernelStep(device, graph, stored, ref, equation);
      return [...indexChecks(graph, equation), compute];
    });
    // The indices of a gather that is inlined into another kernel are checked at the end of the run.
    const inlined = graph.equations.flatMap((equation, i) =>
      stored.has(refOfEquation(graph, i)) ? [] : indexChecks(graph, equation),
    );
    this.#steps = [...steps, ...inlined];
  }

  /** Computes outputs from inputs, both in host memory. */
  *run(inputs: readonly NdArray[]): Waiting<NdArray[]> {
    const values = inputs.map((input) => this.#resident(input));
    const outputs = yield* this.evaluate(values);
    return yield* this.#read(outputs, values);
  }

  /** x_{t+1} = f(x_t, c, t): the carried x are read back only after the last step. */
  *loop(inputs: readonly NdArray[], steps: number): Waiting<NdArray[]> {
    const count = this.#graph.outputs.length;
    const given = inputs.slice(count).map((input) => this.#resident(input));
    let carried = inputs.slice(0, count).map((input) => this.#resident(input));
    for (let t = 0; t < steps; t++) {
      const time = new Resident(this.#device, layoutOf([], this.#device), { numbers: Float32Array.of(t) });
      const next = yield* this.evaluate([...carried, ...given, time]);
      releaseAll([...carried, time], [...next, ...given]);
      carried = next;
    }
    return yield* this.#read(carried, given);
  }

  /** Computes outputs from inputs, both on the device. */
  *evaluate(inputs: readonly Resident[]): Waiting<Resident[]> {
    const values: Values = new Map([...inputs, ...this.#constants].entries());
    const bundles: Bundles = new Map();
    for (const step of this.#steps) yield* step(values, bundles);
    const outputs = this.#graph.outputs.map((ref) => values.get(ref)!);
    releaseAll(
      [...values.values(), ...[...bundles.values()].flat()],
      [...outputs, ...inputs, ...this.#constants],
    );
    return outputs;
  }

  /** Reads the outputs, then releases their device memory and that of the inputs. */
  *#read(outputs: readonly Resident[], inputs: readonly Resident[]): Waiting<NdArray[]> {
    const arrays: NdArray[] = [];
    for (const [i, output] of outputs.entries()) {
      arrays.push(toArray(this.#graph, this.#graph.outputs[i]!, yield* output.numbers()));
    }
    releaseAll([...outputs, ...inputs], this.#constants);
    return arrays;
  }

  #resident(array: NdArray): Resident {
    return new Resident(this.#device, layoutOf(array.shape, this.#device), { numbers: toNumbers(array) });
  }
}

function releaseAll(
  values: readonly Resident[],
  kept: readonly Resident[],
  others: ReadonlySet<Resident> = new Set(),
): void {
  const keep = new Set(kept.flatMap(({ pieces }) => pieces));
  for (const piece of values.flatMap(({ pieces }) => pieces)) {
    if (!keep.has(piece) && !others.has(piece)) piece.release();
  }
}

function kernelStep(
  device: Device,
  graph: Graph,
  stored: ReadonlySet<Ref>,
  ref: Ref,
  equation: Equation,
): Step {
  const { shape } = equation.type;
  const layout = layoutOf(shape, device);
  if (sizeOf(shape) === 0) {
    // biome-ignore lint/correctness/useYield: a step like the others, with nothing to wait for
    return function* (values) {
      values.set(ref, new Resident(device, layout, { numbers: new Float32Array(0) }));
    };
  }
  const others = new Set(stored);
  others.delete(ref); // this kernel computes the value, so it must not read it
  const text = new KernelText({ graph, stored: others, packs: device.packs });
  const indices = ownElements(text, shape, layout);
  const loop = loopPrinters[equation.primitive.name as PrimitiveName];
  const results = loop?.(text, equation, indices, graph) ?? indices.map((index) => text.value(ref, index));
  const result = results.length === 1 ? results[0] : `[${results.join(", ")}]`;
  const source = `function (${text.reads.map((_, i) => `v${i}`).join(", ")}) {\n${text.text}\nreturn ${result};\n}`;
  const inputs = text.reads.map((read) => layoutOf(typeOf(graph, read).shape, device));
  const kernel = device.kernel(source, layout, inputs);
  return function* (values) {
    const args: Buffer[] = [];
    for (const read of text.reads) args.push(yield* values.get(read)!.buffer());
    const buffer = yield kernel(...args);
    values.set(ref, new Resident(device, layout, { buffer }));
  };
}

/** A scan: carried values and the outputs of every step stay on the device. */
function loopStep(device: Device, ref: Ref, { inputs, params }: Equation): Step {
  const { body, length, carries, rows, reverse } = params as ParamsOf<"scan">; // the settings of a scan
  const program = new Program(device, body.graph);
  const rowTypes = body.graph.inputs.slice(carries, carries + rows);
  const collected = body.graph.outputs.slice(carries).map((output) => typeOf(body.graph, output));
  return function* (values, bundles) {
    const given = inputs.map((input) => values.get(input)!);
    const over = given.slice(carries, carries + rows);
    const ys: Resident[][] = collected.map(() => []);
    const kept = new Set(given.flatMap(({ pieces }) => pieces));
    let carried = given.slice(0, carries);
    for (let step = 0; step < length; step++) {
      const t = reverse ? length - 1 - step : step;
      const row: Resident[] = [];
      for (const [i, x] of over.entries()) {
        const { shape } = rowTypes[i]!;
        row.push(yield* x.row(t, layoutOf(shape, device), sizeOf(shape)));
      }
      const outputs = yield* program.evaluate([...carried, ...row, ...given.slice(carries + rows)]);
      outputs.slice(carries).forEach((y, i) => {
        ys[i]![t] = y;
      });
      for (const y of outputs.slice(carries)) for (const piece of y.pieces) kept.add(piece);
      releaseAll([...carried, ...row], outputs, kept);
      carried = outputs.slice(0, carries);
    }
    const stacks = collected.map(({ shape }, i) => {
      const whole = [length, ...shape];
      return new Rows(device, layoutOf(whole, device), ys[i]!, sizeOf(whole));
    });
    bundles.set(ref, [...carried, ...stacks]);
  };
}

/** A while loop: the host reads the condition before each step; carried values stay on the device. */
function whileStep(device: Device, ref: Ref, { inputs, params }: Equation): Step {
  const { body, carries } = params as ParamsOf<"whileLoop">; // the settings of such a loop
  const program = new Program(device, body.graph);
  return function* (values, bundles) {
    const given = inputs.map((input) => values.get(input)!);
    const fixed = given.slice(carries);
    let carried = given.slice(0, carries);
    while ((yield* carried[0]!.numbers())[0] !== 0) {
      const next = yield* program.evaluate([...carried, ...fixed]);
      releaseAll(carried, [...next, ...given]);
      carried = next;
    }
    bundles.set(ref, carried);
  };
}

/** A conditional: the host chooses the branch. */
function condStep(device: Device, ref: Ref, { inputs, params }: Equation): Step {
  const { onTrue, onFalse } = params as ParamsOf<"cond">; // the settings of a conditional
  const programs = { onTrue: new Program(device, onTrue.graph), onFalse: new Program(device, onFalse.graph) };
  return function* (values, bundles) {
    const [p, ...operands] = inputs.map((input) => values.get(input)!);
    const branch = (yield* p!.numbers())[0] === 0 ? programs.onFalse : programs.onTrue;
    bundles.set(ref, yield* branch.evaluate(operands));
  };
}

function partStep(ref: Ref, { inputs, params }: Equation): Step {
  const { index } = params as ParamsOf<"part">; // the settings of a part
  // biome-ignore lint/correctness/useYield: a step like the others, with nothing to wait for
  return function* (values, bundles) {
    values.set(ref, bundles.get(inputs[0]!)![index]!);
  };
}

function hostStep(
  device: Device,
  graph: Graph,
  ref: Ref,
  { primitive, inputs, params, type }: Equation,
): Step {
  return function* (values) {
    const arrays: NdArray[] = [];
    for (const input of inputs) arrays.push(toArray(graph, input, yield* values.get(input)!.numbers()));
    const numbers = toNumbers(evaluatePrimitive(primitive, arrays, params));
    values.set(ref, new Resident(device, layoutOf(type.shape, device), { numbers }));
  };
}

/** A kernel cannot report an index outside its axis, so the host checks the indices. */
function indexChecks(graph: Graph, { primitive: { name }, inputs: [x, indices], params }: Equation): Step[] {
  if (name !== "gather" && name !== "scatterAdd") return [];
  // Both primitives have an axis; scatterAdd gives its length.
  const { axis, size } = params as { readonly axis: number; readonly size?: number };
  const n = size ?? typeOf(graph, x!).shape[axis]!;
  const check: Step = function* (values) {
    (yield* values.get(indices!)!.numbers()).forEach((index, position) => {
      if (index >= 0 && index < n) return;
      throw new IndexError(
        name,
        `indices must be from 0 to ${n - 1}; got ${index} at position ${position}`,
        "Check the indices.",
      );
    });
  };
  return [check];
}

/**
 * The graph in float32. What is float64 only inside the program, as where factors are multiplied, is less accurate;
 * arguments and results in float64 are refused.
 */
function inFloat32(graph: Graph): Graph {
  const types = [...graph.inputs, ...outputTypes(graph)];
  if (!types.some(({ dtype }) => dtype === "float64")) return inDType(graph, "float32");
  throw new UnsupportedError(
    "gpu",
    "graphics cards compute in float32; arguments or results of the program are float64",
    'Compile with dtype: "float32".',
  );
}

/** float32 represents every integer up to this magnitude exactly. */
const exactIntegers = 2 ** 24;

function toNumbers({ data, dtype }: NdArray): Float32Array {
  if (dtype === "int32" && data.some((value) => Math.abs(value) > exactIntegers)) throw inexact();
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function inexact(): DomainError {
  return new DomainError(
    "gpu",
    `whole numbers are float32 on the device, exact up to ${exactIntegers}`,
    "Use the wasm backend.",
  );
}

const wholeArithmetic: ReadonlySet<string> = new Set(["add", "sub", "mul", "sum", "cumsum", "scatterAdd"]);

/** Integer sums and products would lose digits here, where others wrap; converting floats is exact. */
function requireExact(graph: Graph, numbers: Float32Array): void {
  const isWhole = ({ primitive, type }: Equation): boolean =>
    type.dtype === "int32" && wholeArithmetic.has(primitive.name);
  if (numbers.some((value) => Math.abs(value) > exactIntegers) && graph.equations.some(isWhole))
    throw inexact();
}

function toArray(graph: Graph, ref: Ref, numbers: Float32Array): NdArray {
  const { shape, dtype } = typeOf(graph, ref);
  const data = typedArray(dtype satisfies DType, sizeOf(shape));
  if (dtype === "int32") requireExact(graph, numbers);
  // In float32 the largest int32 rounds to 2^31, which would wrap around.
  data.set(dtype === "int32" ? Float64Array.from(numbers, (value) => Math.min(value, 2 ** 31 - 1)) : numbers);
  return new ConcreteArray(data, shape, dtype);
}
