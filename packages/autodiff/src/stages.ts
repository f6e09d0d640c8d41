import { matching } from "./arguments/differentiated.ts";
import { refuseMoreThan } from "./arguments/refusals.ts";
import { zeros } from "./array/creation.ts";
import { copied, type NdArray } from "./array/ndarray.ts";
import { type Argument, flatten, leavesIn, mapTree, type Structure, unflatten } from "./array/tree.ts";
import type { Backend, Executable, StagedExecutable } from "./backends/backend.ts";
import { wasm } from "./backends/wasm/index.ts";
import { type CompileOptions, castFloat, programOptions, programs } from "./compile.ts";
import { DomainError, requireFunction, requireList, TreeError } from "./errors.ts";
import { expanded } from "./expand.ts";
import { optionsOf } from "./options.ts";
import type { Graph } from "./trace/graph.ts";
import { isTracer } from "./trace/tracer.ts";

/** Some of a function's results by name, from the arguments that come later. */
export type Later<Late extends readonly unknown[], Z> = <Name extends keyof Z & string>(
  names: readonly Name[],
  ...late: Argument<Late> & readonly unknown[]
) => Pick<Z, Name>;

/**
 * A function compiled in two stages: what depends on the arguments that are known first is computed at once, and not
 * again when the others come.                                                         [eq:stages]
 *
 *   const f = compileStages((x) => [y(x), (v) => ({ z: z(x, v) })], (x) => [x]);
 *   const [y, later] = f(x);   later(["z"], v).z = z(x, v)
 *
 * The second function gives arrays, or numbers, of the types of the later arguments: here v is like x. Both stages are
 * traced as one program, so that it is partially evaluated at x. What z reads of the first stage stays in the backend's
 * memory until the next call; `later` of an earlier call has it computed again. The bits are those of `compile`, which
 * is what a backend that does not stage runs.
 *
 * Errors  DomainError for a result that f does not have, and for options as `compile`; TreeError if the later stage
 *         returns no record; ShapeError, DTypeError or TreeError for later arguments of other types
 * Source  Jones, Gomard & Sestoft, Partial Evaluation and Automatic Program Generation, Prentice Hall 1993
 */
export function compileStages<
  Known extends readonly unknown[],
  Y,
  Late extends readonly unknown[],
  Z extends Readonly<Record<string, unknown>>,
>(
  f: (...known: Known) => readonly [Y, (...late: Late) => Z],
  typesOfLate: (...known: Known) => Late,
  options: Omit<CompileOptions, "checkFinite"> = {},
): (...known: Argument<Known> & readonly unknown[]) => readonly [Y, Later<Late, Z>] {
  const op = "compileStages";
  requireFunction(op, f);
  requireFunction(op, typesOfLate, "the types of the later arguments");
  const { backend = wasm, dtype } = optionsOf(op, options, programOptions);
  const whole = (known: Known, late: Late): readonly [Y, Z] => {
    const [y, later] = pairOf(f(...known));
    return [y, later(...late)];
  };
  const prepare = programs(op, whole, dtype, (graph) => {
    let made: StagedExecutable | undefined;
    return (known: number, now: number): StagedExecutable => {
      made ??= backend.compileStages?.(graph, known, now) ?? separately(backend, graph, known, now);
      return made;
    };
  });
  return (...args) => {
    refuseMoreThan(op, f, args.length);
    const known = args as unknown as Known; // numbers in place of arrays, which f takes too
    const like = typesOfLate(...known);
    requireList(op, like, "the types of the later arguments", "Return a list with one for each: (x) => [x].");
    const ready = prepare([known, like]);
    if (ready === undefined) {
      const [y, later] = pairOf(f(...known));
      return [y, (names, ...late) => picked(later(...(late as unknown as Late)), names)];
    }
    const [now, results] = partsOf(ready.output);
    const late = flatten(like);
    const count = ready.inputs.length - late.leaves.length;
    const inputs = ready.inputs.map(copied); // a later stage may need them again
    const expected = { ...late, leaves: inputs.slice(count) };
    const stage = ready.run(count, leavesIn(now))(inputs.slice(0, count));
    const later: Later<Late, Z> = (names, ...given) => {
      if (flatten(given, op).leaves.some(isTracer))
        return picked(f(...known)[1](...(given as unknown as Late)), names);
      const arrays = dtype === undefined ? given : mapTree((leaf) => castFloat(leaf, dtype), given);
      const chosen = listed(names).map((name) => resultNamed(name, results));
      const found = stage.later(
        chosen.flatMap(({ outputs }) => outputs),
        matching(op, expected, arrays, "the later arguments"),
      );
      return unflatten({ kind: "record", fields: chosen.map(({ name, tree }) => [name, tree]) }, found);
    };
    return [unflatten<Y>(now, stage.now), later];
  };
}

function pairOf<Pair extends readonly [unknown, unknown]>(result: Pair): Pair {
  if (Array.isArray(result) && typeof result[1] === "function") return result;
  throw new TreeError(
    "compileStages",
    "the function must return [y, later], of which later is a function",
    "Return what depends on the later arguments from that function.",
  );
}

/** A result of the later stage, and the numbers of its arrays among the outputs of the whole program. */
interface Result {
  readonly name: string;
  readonly tree: Structure;
  readonly outputs: readonly number[];
}

/** The structure of [y, z]: that of y, and the results in z. */
function partsOf(output: Structure): [now: Structure, results: readonly Result[]] {
  const [now, later] = output.kind === "list" ? output.items : [];
  if (now === undefined || later?.kind !== "record") {
    throw new TreeError(
      "compileStages",
      "the later stage must return a record of results",
      "Give them names: { product }.",
    );
  }
  let next = leavesIn(now);
  const results = later.fields.map(([name, tree]) => ({
    name,
    tree,
    outputs: Array.from({ length: leavesIn(tree) }, () => next++),
  }));
  return [now, results];
}

function resultNamed(wanted: string, results: readonly Result[]): Result {
  return (
    results.find(({ name }) => name === wanted) ??
    refuse(
      wanted,
      results.map(({ name }) => name),
    )
  );
}

function picked<Z, Name extends keyof Z & string>(z: Z, names: readonly Name[]): Pick<Z, Name> {
  const known = Object.keys(z as object);
  // All of the names, so it is a Pick.
  return Object.fromEntries(
    listed(names).map((name) => [name, known.includes(name) ? z[name] : refuse(name, known)]),
  ) as Pick<Z, Name>;
}

/** The names of the results wanted, which must be a list. */
function listed<Names>(names: Names): Names {
  requireList("compileStages", names, "the names of the results", 'Write later(["z"], v).');
  return names;
}

function refuse(name: string, known: readonly string[]): never {
  throw new DomainError(
    "compileStages",
    `there is no result ${name}`,
    `The results are ${known.join(", ")}.`,
  );
}

/** The definition, which shares nothing: one program for what is known first, and one for each choice of other outputs. */
function separately(backend: Backend, graph: Graph, known: number, now: number): StagedExecutable {
  const programs = new Map<string, Executable>(); // by their outputs
  const run = (outputs: readonly number[], inputs: readonly NdArray[]): NdArray[] => {
    const key = outputs.join();
    const refs = outputs.map((i) => graph.outputs[i]!);
    const program = programs.get(key) ?? backend.compile(expanded({ ...graph, outputs: refs })); // without dead code
    programs.set(key, program);
    return program(inputs);
  };
  const unused = graph.inputs.slice(known).map(({ shape, dtype }) => zeros(shape, dtype));
  return (inputs) => ({
    now: run([...Array(now).keys()], [...inputs, ...unused]),
    later: (outputs, late) => run(outputs, [...inputs, ...late]),
  });
}
