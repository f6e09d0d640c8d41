import { refuseMoreThan } from "./arguments/refusals.ts";
import { type FloatDType, isFloat, type NdArray } from "./array/ndarray.ts";
import { type Argument, flatten, type Structure, unflatten } from "./array/tree.ts";
import type { AsyncBackend, Backend } from "./backends/backend.ts";
import { checkedReference } from "./backends/reference/backend.ts";
import { wasm } from "./backends/wasm/index.ts";
import { requireFunction } from "./errors.ts";
import { cast, expanded, inDType } from "./expand.ts";
import { pruneLoops } from "./loops/prune.ts";
import { type Expected, flag, oneOf, optionsOf } from "./options.ts";
import { Recent } from "./recent.ts";
import { ownedBy } from "./trace/bind.ts";
import { type Graph, withOwnConstants } from "./trace/graph.ts";
import { isTracing, traceFunction } from "./trace/trace-function.ts";
import { isTracer, requireSound } from "./trace/tracer.ts";

/** The backend and precision of a compiled function. */
export interface CompileOptions {
  /** The backend (default: `wasm`; `reference` is the slow definition it is tested against). */
  readonly backend?: Backend;
  /** Runs in this precision, whatever the inputs: they are converted on the way in. Default: as they come. */
  readonly dtype?: FloatDType;
  /** Runs on the reference, and refuses results that hold a NaN or an infinity; the error names the primitive that made it. */
  readonly checkFinite?: boolean;
}

/** What the options of everything that runs programs must be. */
export const programOptions: Readonly<Record<"backend" | "dtype", Expected>> = {
  backend: { words: "a backend", holds: (value) => canRun(value, "compile") },
  dtype: oneOf("float64", "float32"),
};

/** Whether a value has these methods of a backend. */
function canRun(value: unknown, ...methods: readonly (keyof AsyncBackend)[]): boolean {
  const backend = (value ?? {}) as Partial<AsyncBackend>; // only looked at
  return methods.every((method) => typeof backend[method] === "function");
}

/**
 * The same function, traced once for each signature of its arguments (tree structure, shapes, element types)
 * and from then on run as a program; the programs of the last 256 signatures are kept. Arrays it closes over are
 * constants of the program, with the values they have when it is traced.
 *
 * Inside another traced function it is inlined where it uses that function's values, as arguments or closed over, so
 * compiled functions can be differentiated.
 *
 * Errors  DomainError unless f is a function, and for options that do not exist, or values that they do not take
 */
export function compile<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  options: CompileOptions = {},
): (...args: Argument<Args> & readonly unknown[]) => Y {
  const known = { ...programOptions, checkFinite: flag };
  const { backend = wasm, dtype, checkFinite = false } = optionsOf("compile", options, known);
  const target = checkFinite ? checkedReference : backend;
  const prepare = programs("compile", f, dtype, (graph) => target.compile(graph));
  return (...args) => {
    const ready = prepare(args);
    if (ready === undefined) return inlined("compile", f, args);
    return unflatten<Y>(ready.output, ready.run(ready.inputs));
  };
}

/** The backend and precision of a function compiled by `compileAsync`. */
export interface AsyncCompileOptions {
  readonly backend: AsyncBackend;
  readonly dtype?: FloatDType;
}

/** The same for what runs programs asynchronously. */
export const asyncProgramOptions: typeof programOptions = {
  ...programOptions,
  backend: {
    words: "an asynchronous backend",
    holds: (value) => canRun(value, "compile", "compileLoop"),
    required: true,
  },
};

/**
 * `compile` for a backend whose results arrive asynchronously.
 *
 * Errors  as `compile`; DomainError without a backend
 */
export function compileAsync<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  options: AsyncCompileOptions,
): (...args: Argument<Args> & readonly unknown[]) => Promise<Y> {
  const { backend, dtype } = optionsOf("compileAsync", options, asyncProgramOptions);
  const prepare = programs("compileAsync", f, dtype, (graph) => backend.compile(graph));
  return async (...args) => {
    const ready = prepare(args);
    if (ready === undefined) return inlined("compileAsync", f, args);
    return unflatten<Y>(ready.output, await ready.run(ready.inputs));
  };
}

/** f itself, as it is applied under another trace. */
function inlined<Args extends readonly unknown[], Y>(
  op: string,
  f: (...args: Args) => Y,
  args: readonly unknown[],
): Y {
  // Stand-ins and numbers are arguments of f too; the compiler cannot see that through the conditional type.
  const { leaves, structure } = flatten(f(...(args as Args)), op, "output");
  return unflatten<Y>(structure, ownedBy(leaves));
}

/** A program, and the arrays to run it on. */
export interface Ready<Run> {
  readonly run: Run;
  readonly inputs: NdArray[];
  readonly output: Structure;
}

/** Maximum number of programs that one compiled function keeps. */
const keptPrograms = 256;

/** One program for each signature of f's arguments; none while f is being traced, as it is then inlined. */
export function programs<Run>(
  op: string,
  f: (...args: never[]) => unknown,
  dtype: FloatDType | undefined,
  build: (graph: Graph) => Run,
): (args: readonly unknown[]) => Ready<Run> | undefined {
  requireFunction(op, f);
  const known = new Recent<string, Omit<Ready<Run>, "inputs">>(keptPrograms);
  return (args) => {
    refuseMoreThan(op, f, args.length);
    const { structure, leaves, paths } = flatten(args, op, "arguments");
    if (leaves.some(isTracer)) return undefined;
    requireSound(op, leaves, paths);
    const inputs = dtype === undefined ? leaves : leaves.map((leaf) => castFloat(leaf, dtype));
    const signature = signatureOf(structure, leaves);
    let program = known.get(signature);
    // Under a trace what f closes over may be a value of that trace, now if not the last time.
    if (program === undefined || isTracing()) {
      const traced = traceFunction(op, f, structure, leaves);
      // Such values change from call to call, so f is inlined.
      if (traced.captured.length > 0) return undefined;
      program ??= { run: build(prepared(traced.graph, dtype)), output: traced.output };
      known.set(signature, program);
    }
    return { ...program, inputs };
  };
}

/**
 * A string that is equal for two lists of arguments if and only if structures, shapes and element types are: built at
 * every call, so by hand and not by JSON.
 */
function signatureOf(structure: Structure, leaves: readonly NdArray[]): string {
  let text = structureText(structure);
  for (const { dtype, shape } of leaves) text += ` ${dtype} ${shape.join()}`;
  return text;
}

function structureText(node: Structure): string {
  if (node.kind === "leaf") return "-";
  let text = "";
  if (node.kind === "list") {
    for (const item of node.items) text += structureText(item);
    return `[${text}]`;
  }
  for (const [name, field] of node.fields) text += JSON.stringify(name) + structureText(field);
  return `{${text}}`;
}

/** A graph for backends, in the wanted precision, which later changes of what f closes over do not reach. */
function prepared(graph: Graph, dtype: FloatDType | undefined): Graph {
  const own = withOwnConstants(pruneLoops(expanded(graph)));
  return dtype === undefined ? own : inDType(own, dtype);
}

/** The array in this precision, if it is floating-point. */
export function castFloat(x: NdArray, dtype: FloatDType): NdArray {
  return isFloat(x.dtype) ? cast(x, dtype) : x;
}
