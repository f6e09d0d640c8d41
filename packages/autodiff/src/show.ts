import { refuseMoreThan } from "./arguments/refusals.ts";
import type { ArrayType } from "./array/ndarray.ts";
import { type Argument, flatten } from "./array/tree.ts";
import { DomainError, describe, requireFunction } from "./errors.ts";
import type { Params } from "./primitives/primitive.ts";
import { Body, bodiesOf, type Graph, type Ref, refOfEquation } from "./trace/graph.ts";
import { traceFunction } from "./trace/trace-function.ts";

/**
 * The program a function performs on arguments like these, one primitive a line, with shapes. Works on any
 * function of arrays, and so on derivatives: show(hvp(f), x, v) prints the Hessian-vector product.
 *
 * Errors  DomainError unless f is a function; TreeError for arguments or results that are no trees of arrays
 */
export function show<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  ...args: Argument<Args> & readonly unknown[]
): string {
  requireFunction("show", f);
  refuseMoreThan("show", f as (...args: never[]) => unknown, args.length);
  const { structure, leaves, paths } = flatten(args, "show", "x");
  const { graph } = traceFunction("show", f as (...args: never[]) => unknown, structure, leaves);
  return showGraph(
    graph,
    paths.map((path) => path.replace(/^x\[(\d+)\]/, "x$1")),
  );
}

/**
 * A graph as text: its inputs, its constants, then one line per equation.
 *
 * Errors  DomainError for anything but a graph
 */
export function showGraph(graph: Graph, inputNames?: readonly string[]): string {
  if (!Array.isArray((graph as Graph | undefined)?.equations)) {
    throw new DomainError(
      "showGraph",
      `a graph is needed; got ${describe(graph)}`,
      "To print what a function does, write show(f, x).",
    );
  }
  const inputs = graph.inputs.map((_, i) => inputNames?.[i] ?? `in${i}`);
  const constants = graph.constants.map((constant, i) =>
    constant.shape.length === 0 ? `${constant.data[0]}` : `c${i}`,
  );
  const names = [...inputs, ...constants, ...graph.equations.map((_, i) => `t${i}`)];
  const name = (ref: Ref): string => names[ref]!;

  const rows = [
    ...graph.inputs.map((type, i) => ["input ", inputs[i]!, type] as const),
    ...graph.constants.flatMap((type, i) =>
      type.shape.length === 0 ? [] : [["const ", `${constants[i]!} (given)`, type] as const],
    ),
    ...graph.equations.map(({ primitive, inputs: refs, params, type }, i) => {
      const settings = Object.entries(params).flatMap(([key, value]) =>
        value instanceof Body ? [] : [`${key}=${JSON.stringify(value)}`],
      );
      const call = `${primitive.name}(${[...refs.map(name), ...settings].join(", ")})`;
      const made = bodiesOf(params).length > 0 ? "a bundle" : type;
      return ["", `${name(refOfEquation(graph, i))} = ${call}`, made] as const;
    }),
  ];
  const width = rows.reduce((widest, [kind, text]) => Math.max(widest, kind.length + text.length), 0);
  const lines = rows.map(([kind, text, type]) => `${(kind + text).padEnd(width)}  : ${formatType(type)}`);
  // The body of a loop, and the branches of a conditional, are printed below its line.
  const firstEquation = rows.length - graph.equations.length;
  graph.equations.forEach(({ params }, i) => {
    const bodies = Object.entries(params).filter(([, value]) => value instanceof Body) as [string, Body][];
    for (const [name, { graph: body }] of bodies) {
      const title = bodies.length > 1 ? `${name}:\n` : "";
      lines[firstEquation + i] +=
        `\n${(title + showGraph(body, roleNames(body, params))).replaceAll(/^/gm, "  ")}`;
    }
  });
  return [...lines, `return ${graph.outputs.map(name).join(", ")}`].join("\n");
}

/** Names the inputs of a loop's body by their role. */
function roleNames({ inputs }: Graph, { carries, rows }: Params): string[] | undefined {
  if (typeof carries !== "number") return undefined;
  const read = typeof rows === "number" ? rows : 0;
  return inputs.map((_, i) => {
    if (i < carries) return `carry${i}`;
    return i < carries + read ? `row${i - carries}` : `fixed${i - carries - read}`;
  });
}

function formatType(type: ArrayType | string): string {
  return typeof type === "string" ? type : `${type.dtype}[${type.shape.join(", ")}]`;
}
