import { isFloat } from "../../../src/array/ndarray.ts";
import { sameShape } from "../../../src/array/shape.ts";
import type { NdArray } from "../../../src/index.ts";
import type { Derivative, Params, Primitive } from "../../../src/primitives/primitive.ts";
import { evaluateAll } from "../../../src/trace/evaluate.ts";
import { type Graph, typeOf } from "../../../src/trace/graph.ts";
import { traceFunction } from "../../../src/trace/trace-function.ts";
import { mutantsOf } from "./operators.ts";

export type RuleName = "jvp" | "vjp";

/** Something that differentiates, once or (`nests`) again. */
export interface RuleUse {
  readonly run: () => void;
  /** Applies the rule as `run` does, and nothing else, where that is less work. */
  readonly calls?: () => void;
  readonly nests: boolean;
}

/** A rule applied: the arrays it gets and what it returns for them, null for zero. */
type Rule = (given: readonly NdArray[]) => readonly Derivative[];

/** One call of a rule. */
interface Call {
  readonly rule: Rule;
  readonly given: readonly NdArray[];
  /** What each result is the derivative of; null where it does not matter. */
  readonly results: readonly Derivative[];
  /** What moves or is wanted, and the settings that choose between programs, such as `reverse`. */
  readonly variant: string;
  readonly settings: Params;
}

/** What a rule does at one signature. */
interface RuleProgram {
  readonly variant: string;
  readonly graph: Graph;
  /** Which results are not null. */
  readonly present: readonly boolean[];
  readonly results: readonly Derivative[];
  /** Made when first asked for. */
  mutants?: ReadonlyMap<string, Rule>;
}

/**
 * A derivative rule whose program can be replaced by one with a mistake in it.
 *
 * The rule is traced for every signature it is called with. Each mistake has a name (the variant of the rule, then
 * what is changed) that means the same at every signature where the program has the same lines. Signatures where
 * it has fewer lines, such as axes of extent 1, keep the true rule: there many a mistake is none.
 */
export class MutableRule {
  readonly primitive: Primitive;
  readonly rule: RuleName;
  readonly #programs = new Map<string, RuleProgram>();
  /** The longest program of each variant, by its lines. */
  readonly #longest = new Map<string, Graph>();

  constructor(primitive: Primitive, rule: RuleName) {
    this.primitive = primitive;
    this.rule = rule;
  }

  /**
   * The mistakes that can be made in the rule, each with those of the uses in which it would be made. Uses that
   * nest derivatives call the rule in further ways, which only deeper nesting would test; those do not count.
   */
  mistakes<Use extends RuleUse>(uses: readonly Use[]): Map<string, Use[]> {
    const called = uses.map(({ run, calls = run, nests }) => {
      const programs = new Set<RuleProgram>();
      this.#replaced((call) => {
        programs.add(this.#programOf(call));
        return call.rule(call.given);
      }, calls);
      if (nests) return programs;
      for (const { variant, graph } of programs) {
        const longest = this.#longest.get(variant);
        if (longest === undefined || longest.equations.length < graph.equations.length) {
          this.#longest.set(variant, graph);
        }
      }
      return programs;
    });
    const found = new Map<string, Use[]>();
    called.forEach((programs, i) => {
      for (const mistake of new Set(
        [...programs].flatMap((program) => [...this.#mutantsOf(program).keys()]),
      )) {
        found.set(mistake, [...(found.get(mistake) ?? []), uses[i]!]);
      }
    });
    return found;
  }

  /** Runs `use` with one mistake in place. */
  withMistake<T>(mistake: string, use: () => T): T {
    return this.#replaced((call) => {
      const rule = this.#mutantsOf(this.#programOf(call)).get(mistake) ?? call.rule;
      return rule(call.given);
    }, use);
  }

  /** Runs `use` with the rule's calls going elsewhere; the true rule is always put back. */
  #replaced<T>(apply: (call: Call) => readonly Derivative[], use: () => T): T {
    // A record is read-only for everyone else; here a rule is exchanged, and put back.
    const record = this.primitive as { -readonly [K in keyof Primitive]: Primitive[K] };
    const { jvp, vjp } = record;
    if (this.rule === "jvp") {
      record.jvp = (tangents, inputs, output, params) => {
        const moving = tangents.map((dx) => dx !== null);
        const given = [...tangents.filter((dx) => dx !== null), ...inputs, output];
        const rule: Rule = (all) => {
          const [...rest] = all;
          const dxs = moving.map((moves) => (moves ? rest.shift()! : null));
          return [jvp(dxs, rest.slice(0, -1), rest.at(-1)!, params)];
        };
        return apply({
          rule,
          given,
          results: [output],
          variant: variantOf("dx", moving, params),
          settings: params,
        })[0]!;
      };
    } else {
      record.vjp = (cotangent, inputs, output, params, wanted) => {
        const given = [cotangent, ...inputs, output];
        const rule: Rule = ([yBar, ...rest]) => vjp(yBar!, rest.slice(0, -1), rest.at(-1)!, params, wanted);
        const results = inputs.map((x, i) => (wanted[i] && isFloat(x.dtype) ? x : null));
        const places = results.map((x) => x !== null);
        return apply({ rule, given, results, variant: variantOf("xBar", places, params), settings: params });
      };
    }
    try {
      return use();
    } finally {
      record.jvp = jvp;
      record.vjp = vjp;
    }
  }

  #programOf(call: Call): RuleProgram {
    const types = call.given.map(({ shape, dtype }) => [shape, dtype]);
    const signature = JSON.stringify([call.variant, call.settings, types]);
    const known = this.#programs.get(signature);
    if (known !== undefined) return known;
    const program = trace(call);
    this.#programs.set(signature, program);
    return program;
  }

  #mutantsOf(program: RuleProgram): ReadonlyMap<string, Rule> {
    const longest = this.#longest.get(program.variant);
    if (longest === undefined || linesOf(longest) !== linesOf(program.graph)) return new Map();
    program.mutants ??= mutatedRules(program);
    return program.mutants;
  }
}

function variantOf(what: string, places: readonly boolean[], params: Params): string {
  const named = places.flatMap((present, i) => (present ? [`${what}${i}`] : []));
  const choices = Object.entries(params).filter(
    ([, value]) => typeof value === "boolean" || typeof value === "string",
  );
  return [...named, ...choices.map(([key, value]) => `${key}=${value}`)].join(" ");
}

/** The lines of a program without shapes and settings. */
function linesOf(graph: Graph): string {
  const types = graph.inputs.map(({ dtype }) => dtype);
  const lines = graph.equations.map(({ primitive, inputs, type }) => [primitive.name, inputs, type.dtype]);
  return JSON.stringify([types, lines, graph.outputs]);
}

function trace({ rule, given, results, variant }: Call): RuleProgram {
  const structure = { kind: "list", items: given.map(() => ({ kind: "leaf" }) as const) } as const;
  let present: boolean[] = [];
  const recorded = (...arrays: NdArray[]): NdArray[] => {
    const derivatives = rule(arrays).map((derivative, i) => (results[i] ? derivative : null));
    present = derivatives.map((derivative) => derivative !== null);
    return derivatives.filter((derivative) => derivative !== null);
  };
  const { graph } = traceFunction("rule", recorded, structure, given);
  return { variant, graph, present, results };
}

/** The mutants of a program as rules, those included that invent a derivative where the rule has none. */
function mutatedRules({ variant, graph, present, results }: RuleProgram): Map<string, Rule> {
  const asRule =
    (mutant: Graph): Rule =>
    (given) => {
      const values = evaluateAll(mutant, given);
      const outputs = mutant.outputs.map((ref) => values[ref]!);
      return present.map((isPresent) => (isPresent ? outputs.shift()! : null));
    };
  const mutants = new Map<string, Rule>();
  for (const [name, mutant] of mutantsOf(graph)) mutants.set(`${variant}: ${name}`, asRule(mutant));

  const moved = typeOf(graph, 0); // the first tangent, or the cotangent
  present.forEach((isPresent, i) => {
    const result = results[i];
    if (isPresent || !result || !isFloat(result.dtype) || !sameShape(result.shape, moved.shape)) return;
    mutants.set(`${variant}: output ${i} invented`, (given) => asRule(graph)(given).with(i, given[0]!));
  });
  return mutants;
}
