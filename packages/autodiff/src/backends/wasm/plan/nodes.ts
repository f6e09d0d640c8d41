/**
 * The nodes that remain of a graph once views are folded away: values that must be computed, each into its
 * own buffer (unless fusion finds that only its neighbours read it).
 */

import type { ArrayType, DType, NdArray } from "../../../array/ndarray.ts";
import { type Shape, sameShape, sizeOf, withoutAxes } from "../../../array/shape.ts";
import type { Graph } from "../../../trace/graph.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import type { Arithmetic } from "../elementary/lanes.ts";
import type { ElementwiseOp } from "../emit/elementwise.ts";
import type { Step } from "./schedule.ts";
import { isContiguous, isWhole, type View, viewOf } from "./view.ts";

export type ReduceOp = "sum" | "max";

interface NodeBase {
  readonly type: ArrayType;
  readonly inputs: readonly View[];
  /** Position in the order of creation, which is an order of computation. */
  readonly index: number;
}

export type SourceNode = NodeBase & { readonly kind: "source"; readonly constant?: NdArray };
export type ElementwiseNode = NodeBase & { readonly kind: "elementwise"; readonly op: ElementwiseOp };
export type ReduceNode = NodeBase & {
  readonly kind: "reduce";
  readonly op: ReduceOp;
  readonly axes: readonly number[];
};
/** Anything else: a separate step that reads whole buffers or strided views and writes its buffer. */
export type KernelNode = NodeBase & {
  readonly kind: "kernel";
  readonly name: string;
  readonly emit: EmitKernel;
  readonly scratchBytes: number;
  /** For a loop or a conditional: the arrays it writes instead of a single one, and the steps inside it. */
  readonly results?: readonly ResultNode[];
  readonly inside?: readonly Step[];
};
/** One of the arrays that a loop or a conditional writes. */
export type ResultNode = NodeBase & { readonly kind: "result" };

/** A node of a fused loop. */
export type ClusterNode = ElementwiseNode | ReduceNode;

export type Node = SourceNode | ElementwiseNode | ReduceNode | KernelNode | ResultNode;

/** What emitting a step may look up: addresses of operands (in bytes), and functions shared between steps. */
export interface Addresses {
  of(node: Node): number;
  /** Address of the three words in which a step reports a fault: its node's index + 1, and two details. */
  readonly fault: number;
  /** Address of the kernels' scratch memory. */
  readonly scratch: number;
  /** Whether elementary functions are inlined instead of called. */
  readonly inlinesElementary: boolean;
  /** The module's one function under this key, made on first use. */
  shared(key: string, make: () => FunctionBuilder): FunctionBuilder;
}

export type EmitKernel = (fn: FunctionBuilder, node: KernelNode, addresses: Addresses) => void;

/** Builds the error for a fault in a KernelNode from the two details it stored. */
export type FaultReport = (first: number, second: number) => Error;

export interface KernelOptions {
  readonly fault?: FaultReport;
  /** Scratch memory the step needs (default none). */
  readonly scratchBytes?: number;
}

/** Lowers a graph, applied to values of a plan, into that plan; returns its outputs. */
export type LowerGraph = (plan: PlanBuilder, graph: Graph, inputs: readonly View[]) => View[];

/** Collects the nodes of a plan; the primitives' lowerings add to it. */
export class PlanBuilder {
  /** The arithmetic of matrix products. */
  readonly arithmetic: Arithmetic;
  readonly lowerGraph: LowerGraph;
  readonly nodes: Node[] = [];
  readonly #copies = new Map<string, View>();
  readonly #program: { count: number; readonly constants: View[]; readonly faults: Map<number, FaultReport> };

  constructor(arithmetic: Arithmetic, lowerGraph: LowerGraph, around?: PlanBuilder) {
    this.arithmetic = arithmetic;
    this.lowerGraph = lowerGraph;
    this.#program = around === undefined ? { count: 0, constants: [], faults: new Map() } : around.#program;
  }

  /** A builder for the body of a loop: separate nodes, but the program's constants and faults. */
  forBody(): PlanBuilder {
    return new PlanBuilder(this.arithmetic, this.lowerGraph, this);
  }

  get constants(): readonly View[] {
    return this.#program.constants;
  }

  get faults(): ReadonlyMap<number, FaultReport> {
    return this.#program.faults;
  }

  source(type: ArrayType): View {
    return this.#add({ kind: "source", type, inputs: [], index: this.#index() });
  }

  /** For the body of a loop: a source with the same elements, which this plan does not compute. */
  standIn(x: View): View {
    const { node } = this.source(x.node.type);
    const constant = x.node.kind === "source" ? x.node.constant : undefined;
    return { ...x, node: constant === undefined ? node : Object.assign(node, { constant }) };
  }

  /** An array that is in memory before the program starts. */
  constant(array: NdArray): View {
    const view = this.#add({
      kind: "source",
      type: array,
      inputs: [],
      index: this.#index(),
      constant: array,
    });
    this.#program.constants.push(view);
    return view;
  }

  elementwise(op: ElementwiseOp, inputs: readonly View[], type: ArrayType): View {
    return this.#add({ kind: "elementwise", op, inputs, type, index: this.#index() });
  }

  /** Adds a reduction. float32 is summed in float64 and rounded once. */
  reduce(op: ReduceOp, x: View, axes: readonly number[]): View {
    const type = { shape: withoutAxes(x.shape, axes), dtype: x.node.type.dtype };
    const within = { ...type, dtype: op === "sum" ? totalType(type.dtype) : type.dtype };
    const total = this.#add({
      kind: "reduce",
      op,
      axes,
      inputs: [x],
      type: within,
      index: this.#index(),
    });
    return within.dtype === type.dtype ? total : this.elementwise("convert", [total], type);
  }

  kernel(
    name: string,
    inputs: readonly View[],
    type: ArrayType,
    emit: EmitKernel,
    { fault, scratchBytes = 0 }: KernelOptions = {},
  ): View {
    const index = this.#index();
    if (fault !== undefined) this.#program.faults.set(index, fault);
    return this.#add({ kind: "kernel", name, inputs, type, emit, scratchBytes, index });
  }

  /** Adds a loop or a conditional, which writes arrays of these types; their nodes follow it. */
  block(
    inputs: readonly View[],
    types: readonly ArrayType[],
    emit: EmitKernel,
    { scratchBytes, inside }: Required<Pick<KernelNode, "scratchBytes" | "inside">>,
  ): View {
    const results: ResultNode[] = [];
    const type = { shape: [0], dtype: "int32" } as const;
    const index = this.#index();
    const node = {
      kind: "kernel",
      name: "block",
      inputs,
      type,
      emit,
      scratchBytes,
      index,
      results,
      inside,
    } as const;
    const whole = this.#add(node);
    for (const each of types) {
      const result: ResultNode = { kind: "result", type: each, inputs: [whole], index: this.#index() };
      this.#add(result);
      results.push(result);
    }
    return whole;
  }

  /** The view itself if it is contiguous in row-major order, otherwise a contiguous copy. */
  contiguous(x: View): View {
    return isContiguous(x) ? x : this.copy(x);
  }

  /** Copies the view's elements into a new buffer; the same view is copied only once. */
  copy(x: View): View {
    const key = [x.node.index, x.offset, x.shape.join(), x.strides.join()].join(" ");
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const copied = this.elementwise("copy", [x], { shape: x.shape, dtype: x.node.type.dtype });
    this.#copies.set(key, copied);
    return copied;
  }

  /** Node indices increase, and are unique within the program. */
  #index(): number {
    return this.#program.count++;
  }

  #add(node: Node): View {
    this.nodes.push(node);
    return viewOf(node);
  }
}

const bytesPerElement: Readonly<Record<DType, 4 | 8>> = { float64: 8, float32: 4, int32: 4 };

export function bytesOf(dtype: DType): 4 | 8 {
  return bytesPerElement[dtype];
}

export function byteLength({ shape, dtype }: ArrayType): number {
  return sizeOf(shape) * bytesOf(dtype);
}

/** The accumulator type for sums of elements of a type. */
export function totalType(dtype: DType): DType {
  return dtype === "float32" ? "float64" : dtype;
}

/** The index space of a node's loop: its own shape, or for a reduction its argument's. */
export function domainOf(node: ElementwiseNode | ReduceNode): Shape {
  return node.kind === "reduce" ? node.inputs[0]!.shape : node.type.shape;
}

/** Whether the consumer can read x from a register: computed in the same loop, at the same index. */
export function fuses(x: View, consumer: Node): boolean {
  if (x.node.kind !== "elementwise" || !isWhole(x)) return false;
  if (consumer.kind !== "elementwise" && consumer.kind !== "reduce") return false;
  return sameShape(x.node.type.shape, domainOf(consumer));
}
