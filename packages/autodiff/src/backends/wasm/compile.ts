/**
 * Graph -> plan -> module -> executable.
 *
 *   lowerings     every primitive becomes a view or a node                          lowering/table.ts
 *   schedule      nodes become steps; elementwise neighbours become one loop        plan/schedule.ts
 *   planMemory    every buffer gets a fixed address                                 plan/memory.ts
 *   emit          one function per step, and `run`, which calls them in order       emit/, kernels/
 */

import { ConcreteArray, type NdArray, type TypedArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { internal, UnsupportedError } from "../../errors.ts";
import type { Primitive } from "../../primitives/primitive.ts";
import type { PrimitiveName } from "../../primitives/table.ts";
import type { Graph } from "../../trace/graph.ts";
import type { Executable } from "../backend.ts";
import { FunctionBuilder } from "./assembler/function.ts";
import { assembleModule } from "./assembler/module.ts";
import type { Arithmetic } from "./elementary/lanes.ts";
import { countElementary, emitSteps, scratchBytes } from "./emit/steps.ts";
import { createMemory, growMemory, instantiate, type Memory } from "./host.ts";
import { type Lowering, lowerings } from "./lowering/table.ts";
import { type MemoryPlan, planMemory } from "./plan/memory.ts";
import {
  type Addresses,
  type FaultReport,
  type LowerGraph,
  type Node,
  PlanBuilder,
  type SourceNode,
} from "./plan/nodes.ts";
import { type Step, schedule } from "./plan/schedule.ts";
import type { View } from "./plan/view.ts";

/** Bytes at the start of memory where a run reports a fault. */
const faultBytes = 64;

export interface Plan {
  readonly steps: readonly Step[];
  /** How many of the steps, the first ones, compute from known inputs alone; what they compute lasts. */
  readonly once: number;
  readonly inputs: readonly Node[];
  readonly constants: readonly (SourceNode & { readonly constant: NdArray })[];
  readonly outputs: readonly View[];
  readonly memory: MemoryPlan;
  readonly faults: ReadonlyMap<number, FaultReport>;
}

/** Addresses and loop bounds are signed 32-bit integers. */
const mostBytes = 2 ** 31 - 65536;

/** `known`: how many of the inputs, the first ones, are known before the others; by default all come at once. */
export function planGraph(graph: Graph, arithmetic: Arithmetic = "strict", known?: number): Plan {
  const builder = new PlanBuilder(arithmetic, lowerGraph);
  const inputs = graph.inputs.map((type) => builder.source(type));
  const outputs = builder.lowerGraph(builder, graph, inputs).map((output) => builder.contiguous(output));
  const sources = [...inputs, ...builder.constants].map(({ node }) => node);
  const late = new Set<Node>(inputs.slice(known).map(({ node }) => node));
  const { once, steps } =
    known === undefined
      ? schedule(builder.nodes, outputs)
      : schedule(builder.nodes, outputs, (node) => late.has(node), { cheapAgain: true });
  const all = [...once, ...steps];
  return {
    steps: all,
    once: once.length,
    inputs: inputs.map(({ node }) => node),
    constants: builder.constants.map(({ node }) => node as SourceNode & { readonly constant: NdArray }), // by construction
    outputs,
    memory: planMemory(all, sources, outputs, faultBytes + scratchBytes(all), once.length),
    faults: builder.faults,
  };
}

const lowerGraph: LowerGraph = (plan, graph, inputs) => {
  const values = [...inputs, ...graph.constants.map((constant) => plan.constant(constant))];
  for (const { primitive, inputs: refs, params, type } of graph.equations) {
    const lowering = loweringOf(primitive);
    values.push(
      lowering(
        plan,
        refs.map((ref) => values[ref]!),
        params,
        type,
      ),
    );
  }
  return graph.outputs.map((ref) => values[ref]!);
};

function loweringOf(primitive: Primitive): Lowering {
  if (primitive.expand !== undefined || !(primitive.name in lowerings)) {
    throw new UnsupportedError(
      primitive.name,
      "the wasm backend knows only autodiff's own primitives",
      "Lower the graph first.",
    );
  }
  // An equation carries the settings of its primitive, which are those its row of the table takes.
  return lowerings[primitive.name as PrimitiveName] as Lowering;
}

/**
 * Elementary functions are inlined in programs with up to this many uses of them; beyond that they are
 * called.
 */
const mostInlined = 64;

/** Emits the plan as the bytes of a module that exports `run`. */
export function emitPlan(plan: Plan): Uint8Array {
  const shared = new Map<string, FunctionBuilder>();
  const addresses: Addresses = {
    fault: 0,
    scratch: faultBytes,
    inlinesElementary: countElementary(plan.steps) <= mostInlined,
    of: (node) => plan.memory.addressOf.get(node) ?? internal("a value without a buffer was read"),
    shared: (key, make) => {
      const known = shared.get(key) ?? make();
      shared.set(key, known);
      return known;
    },
  };
  const run = new FunctionBuilder("run", []);
  emitSteps(run, plan.steps, addresses);
  return assembleModule({ exports: [run], memoryPages: 1 });
}

/**
 * Memory that several executables share. A run copies its inputs in and its outputs out before it returns, so that
 * nothing of it needs to survive the next. Sharing matters because hosts reserve gigabytes of address space for every
 * memory, and so allow few.
 */
export interface Arena {
  readonly memory: Memory;
  /** Whose constants, and known inputs with what was computed from them, are in memory. */
  owner: object | undefined;
}

export function createArena(): Arena {
  return { memory: createMemory(0), owner: undefined };
}

export function compileGraph(graph: Graph, arena: Arena, arithmetic: Arithmetic): Executable {
  const plan = planGraph(graph, arithmetic);
  const buffers = buffersOf(plan, arena);
  const run = moduleOf(plan, plan.steps, arena);

  return (arrays) => {
    const { inputs, outputs } = buffers(plan);
    write(inputs, arrays);
    run();
    return outputs.map((read) => read());
  };
}

/** A function that runs these steps of the plan, and throws what they report. */
export function moduleOf(plan: Plan, steps: readonly Step[], { memory }: Arena): () => void {
  const { run } = instantiate(emitPlan({ ...plan, steps }), memory);
  return () => {
    run!();
    const fault = new Int32Array(memory.buffer, 0, 3);
    if (fault[0] !== 0) throw takeFault(fault, plan.faults);
  };
}

/** The plan's buffers, with its constants in them; `owner` is whose they are from now on. */
export function buffersOf(plan: Plan, arena: Arena): (owner: object) => Buffers {
  const { totalBytes } = plan.memory;
  if (totalBytes > mostBytes) throw tooLarge(totalBytes, "the wasm backend reaches 2.0 GiB");
  let buffers: Buffers | undefined;
  return (owner) => {
    if (!growMemory(arena.memory, totalBytes)) throw tooLarge(totalBytes, "the host gives no more memory");
    if (buffers?.memoryBuffer !== arena.memory.buffer) buffers = viewBuffers(plan, arena.memory);
    if (arena.owner !== owner) {
      write(
        buffers.constants,
        plan.constants.map(({ constant }) => constant),
      );
      buffers.fault.fill(0);
      arena.owner = owner;
    }
    return buffers;
  };
}

export function write(buffers: readonly TypedArray[], arrays: readonly NdArray[]): void {
  arrays.forEach(({ data }, i) => {
    buffers[i]!.set(data);
  });
}

function tooLarge(bytes: number, reason: string): UnsupportedError {
  return new UnsupportedError(
    "wasm",
    `this program's arrays take ${(bytes / 2 ** 30).toFixed(1)} GiB at once, and ${reason}`,
    "Work on fewer rows at a time.",
  );
}

/** Typed arrays over the current memory buffer. */
interface Buffers {
  readonly memoryBuffer: ArrayBuffer;
  readonly inputs: readonly TypedArray[];
  readonly constants: readonly TypedArray[];
  /** Copies of the results. */
  readonly outputs: readonly (() => NdArray)[];
  readonly fault: Int32Array;
}

function viewBuffers(plan: Plan, memory: Memory): Buffers {
  const bufferOf = (node: Node): TypedArray => {
    const address = plan.memory.addressOf.get(node);
    return viewMemory(memory, node, address ?? internal("an input without a buffer"));
  };
  return {
    memoryBuffer: memory.buffer,
    inputs: plan.inputs.map(bufferOf),
    constants: plan.constants.map(bufferOf),
    outputs: plan.outputs.map(({ node, offset, shape }) => {
      const found = bufferOf(node).subarray(offset, offset + sizeOf(shape));
      return () => new ConcreteArray(found.slice(), shape, node.type.dtype);
    }),
    fault: new Int32Array(memory.buffer, 0, 3),
  };
}

function takeFault(fault: Int32Array, reports: ReadonlyMap<number, FaultReport>): Error {
  const [index, first, second] = fault as unknown as readonly [number, number, number]; // three words
  fault.fill(0);
  const report = reports.get(index - 1) ?? internal(`step ${index - 1} reported a fault it cannot have`);
  return report(first, second);
}

function viewMemory(memory: Memory, node: Node, address: number): TypedArray {
  const size = sizeOf(node.type.shape);
  switch (node.type.dtype) {
    case "float64":
      return new Float64Array(memory.buffer, address, size);
    case "float32":
      return new Float32Array(memory.buffer, address, size);
    case "int32":
      return new Int32Array(memory.buffer, address, size);
  }
}
