import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { TraceLeakError } from "../errors.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Equation, Graph, Ref } from "./graph.ts";
import { simplify, uniformValue } from "./simplify.ts";
import { isTracer, type Origin, requireSound, Tracer } from "./tracer.ts";

// Serial numbers order traces by nesting: an inner trace is always younger than the ones around it.
let nextSerial = 0;

export interface FinishedTrace {
  readonly graph: Graph;
  /** Traced values of outer traces that the function closed over; the graph's last inputs, in this order. */
  readonly captured: readonly NdArray[];
}

/**
 * Records the primitives applied while one function is traced.
 *
 * Common subexpressions are recorded once, dead code is removed at the end, and a few identities are
 * simplified on the way (simplify.ts).
 */
export class Trace {
  readonly serial: number = nextSerial++;
  #open = true;
  #count = 0;
  readonly #inputs: Tracer[] = [];
  readonly #captured = new Map<Tracer, Tracer>();
  readonly #constants = new Map<NdArray | string, Tracer>();
  readonly #equations = new Map<Primitive, Map<string, Tracer>>();

  input(type: ArrayType): Tracer {
    const tracer = this.#tracer({ kind: "input" }, type, undefined);
    this.#inputs.push(tracer);
    return tracer;
  }

  /**
   * Lifts any array into this trace: its own values unchanged, outer traced values as inputs, others as
   * constants.
   */
  lift(value: NdArray): Tracer {
    if (!isTracer(value)) return this.#constant(value);
    if (value.trace === this) return value;
    value.trace.assertOpen("capture", value);
    return remembered(this.#captured, value, () => this.#tracer({ kind: "input" }, value, undefined));
  }

  record(primitive: Primitive, inputs: readonly NdArray[], params: Params): Tracer {
    this.assertOpen(primitive.name, inputs.find(isTracer));
    const lifted = inputs.map((input) => this.lift(input));
    const type = primitive.outputType(lifted, params);
    const simpler = simplify(this, primitive, lifted, params, type);
    if (simpler !== undefined) return simpler;

    const applications = remembered(this.#equations, primitive, () => new Map<string, Tracer>());
    const ids = lifted.map((input) => input.id);
    // x + y and y + x are the same subexpression.
    const key = `${primitive.commutative ? ids.sort() : ids} ${JSON.stringify(params)}`;
    return remembered(applications, key, () =>
      this.#tracer(
        { kind: "equation", primitive, inputs: lifted, params },
        type,
        uniformValue(primitive, lifted),
      ),
    );
  }

  /** Ends the trace and returns the recorded equations that the outputs need. */
  finish(outputs: readonly NdArray[]): FinishedTrace {
    const results = outputs.map((output) => this.lift(output));
    this.#open = false;

    const needed = new Set<Tracer>();
    const pending = [...results];
    for (let tracer = pending.pop(); tracer !== undefined; tracer = pending.pop()) {
      if (needed.has(tracer)) continue;
      needed.add(tracer);
      if (tracer.origin.kind === "equation") for (const input of tracer.origin.inputs) pending.push(input);
    }

    const inputs = [...this.#inputs, ...this.#captured.values()];
    const inOrder = [...needed].sort((a, b) => a.id - b.id);
    const constants = inOrder.filter((tracer) => tracer.origin.kind === "constant");
    const applied = inOrder.filter((tracer) => tracer.origin.kind === "equation");
    const refs = new Map<Tracer, Ref>(
      [...inputs, ...constants, ...applied].map((tracer, ref) => [tracer, ref]),
    );
    const refOf = (tracer: Tracer): Ref => refs.get(tracer)!;

    const graph: Graph = {
      inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
      constants: constants.flatMap(({ origin }) => (origin.kind === "constant" ? [origin.array] : [])),
      equations: applied.flatMap(({ origin, shape, dtype }): Equation[] =>
        origin.kind === "equation"
          ? [
              {
                primitive: origin.primitive,
                inputs: origin.inputs.map(refOf),
                params: origin.params,
                type: { shape, dtype },
              },
            ]
          : [],
      ),
      outputs: results.map(refOf),
    };
    return { graph, captured: [...this.#captured.keys()] };
  }

  /** Ends the trace without a result, after an error. */
  abandon(): void {
    this.#open = false;
  }

  assertOpen(op: string, culprit: ArrayType | undefined): void {
    if (this.#open) return;
    const got = culprit ? `; got ${culprit.dtype}[${culprit.shape.join(", ")}]` : "";
    throw new TraceLeakError(
      op,
      `a traced value may be used only while its function is traced${got}`,
      "Return it from the function instead of storing it outside.",
    );
  }

  #constant(array: NdArray): Tracer {
    requireSound("trace", [array], ["a constant"]);
    const isScalar = array.shape.length === 0;
    const value = isScalar ? array.data[0]! : undefined;
    // The text distinguishes -0 from 0, since 1/-0 is not 1/0.
    const key = isScalar ? `${array.dtype} ${Object.is(value, -0) ? "-0" : value}` : array;
    return remembered(this.#constants, key, () => this.#tracer({ kind: "constant", array }, array, value));
  }

  #tracer(origin: Origin, { shape, dtype }: ArrayType, uniform: number | undefined): Tracer {
    return new Tracer(this, this.#count++, origin, { shape, dtype }, uniform);
  }
}

function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
