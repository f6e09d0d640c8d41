/**
 * A program that was typed: its f, ∇f and ∇²f v as values and as programs, along a line, and held to the laws.
 *
 * The program is a module of its own, evaluated here and nowhere else: this worker knows no page, and is ended when it has
 * answered or when its time is up.
 */
import * as engine from "@sgmrl/autodiff";
import { checkGradients, LawViolation } from "@sgmrl/autodiff/testing";
import { type ModuleDeclaration, type Node, type Pattern, parse, type Statement } from "acorn";
import { type Failure, messageOf, serveTasks } from "../live/worker-task.ts";
import { withhold } from "./scope.ts";

type Tree = engine.Tree;

export interface ProgramResult {
  readonly value: number;
  readonly programs: readonly { readonly title: string; readonly text: string; readonly lines: number }[];
  readonly gradient: string;
  readonly product: string;
  /** f, its slope and its curvature at x + t v. */
  readonly along: readonly {
    readonly t: number;
    readonly f: number;
    readonly slope: number;
    readonly curvature: number;
  }[];
  /** What the laws say: the largest discrepancy of each, or what is broken. */
  readonly laws:
    | { readonly held: Readonly<Record<string, number | undefined>> }
    | { readonly broken: string };
}

/** An error in what was typed, at its line. */
class ProgramError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

serveTasks(async (program: string, progress): Promise<ProgramResult> => {
  const { f, x, v } = await evaluated(program);
  // Types of any tree are infinitely deep: f is stated for trees as they are.
  const { grad, hvp, show } = engine as unknown as OfTrees;
  const [gradientOf, productOf] = [grad(f), hvp(f)];
  progress("differentiating");
  const [gradient, product] = [gradientOf(x), productOf(x, v)]; // the engine refuses what is no number
  const value = numberOf(f(x));
  const written = [
    { title: "f", text: show(f, x) },
    { title: "grad(f)", text: show(gradientOf, x) },
    { title: "hvp(f)", text: show(productOf, x, v) },
  ];
  const programs = written.map(({ title, text }) => ({
    title,
    text: cut(text),
    lines: text.trimEnd().split("\n").length,
  }));
  progress("along the line x + t v");
  const along = Array.from({ length: 61 }, (_, i) => {
    const t = -3 + i / 10;
    const at = engine.zipTree((a, b) => engine.add(a, engine.mul(t, b)), x, v);
    return {
      t,
      f: numberOf(f(at)),
      slope: inner(gradientOf(at), v),
      curvature: inner(productOf(at, v), v),
    };
  });
  progress("checking the laws");
  const values = { gradient: cut(text(gradient)), product: cut(text(product)) };
  return { value, programs, ...values, along, laws: lawsOf(f, x) };
}, described);

/** The engine's functions for trees of any depth, whose exact types have none. */
interface OfTrees {
  grad(f: Program["f"]): (x: Tree) => Tree;
  hvp(f: Program["f"]): (x: Tree, v: Tree) => Tree;
  show<At extends Tree[]>(f: (...at: At) => Tree, ...at: At): string;
}
interface Program {
  readonly f: (x: Tree) => Tree;
  readonly x: Tree;
  readonly v: Tree;
}

/** Runs the program's text with the engine's functions in scope, and takes f, x and v from it. */
async function evaluated(program: string): Promise<Program> {
  const declared = declaredNames(program);
  for (const name of ["f", "x"])
    if (!declared.has(name))
      throw new ProgramError(`the program must define ${name}, as in "const ${name} = …"`);
  const names = Object.keys(engine).filter((name) => !declared.has(name));
  const wanted = ["f", "x", ...(declared.has("v") ? ["v"] : [])];
  // On one line with the first of the program, so that lines keep their numbers.
  const module = `const { ${names.join(", ")} } = globalThis.engine; ${program}\nexport { ${wanted.join(", ")} };`;
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  withhold(globalThis, (name) => {
    throw new ProgramError(`${name} is withheld: a program has the engine's functions and JavaScript's own`);
  });
  Object.assign(globalThis, { engine });
  const { f, x, v }: Record<string, unknown> = await import(/* @vite-ignore */ url);
  if (typeof f !== "function") throw new ProgramError("f must be a function");
  const at = treeOf("x", x);
  const direction = v === undefined ? engine.mapTree((leaf) => engine.ones(leaf.shape), at) : treeOf("v", v);
  return { f: f as Program["f"], x: at, v: direction };
}

/** Arrays, numbers and nested lists of numbers become arrays; records of them stay records. */
function treeOf(name: string, given: unknown, depth = 0): Tree {
  if (typeof given === "number" || isNumbers(given)) return engine.array(given as engine.NestedNumbers);
  if (typeof given !== "object" || given === null)
    throw new ProgramError(`${name} must be numbers or arrays`);
  if (given instanceof Float64Array || given instanceof Float32Array) return engine.array([...given]);
  if (isArray(given)) return given;
  const entries = Object.entries(given);
  if (entries.length === 0) throw new ProgramError(`${name} holds no number`);
  if (depth === deepest) throw new ProgramError(`x and v are nested at most ${deepest} deep`);
  return Object.fromEntries(entries.map(([key, one]) => [key, treeOf(`${name}.${key}`, one, depth + 1)]));
}
const deepest = 20;

function isNumbers(given: unknown): boolean {
  return Array.isArray(given) && given.every((one) => typeof one === "number" || isNumbers(one));
}

/** Names that the program declares at its top. What is no module, or imports, is refused at its line. */
function declaredNames(program: string): ReadonlySet<string> {
  const { body } = parse(program, { ecmaVersion: "latest", sourceType: "module", locations: true });
  const imported = within(body).find(({ type }) => type === "ImportExpression");
  if (imported !== undefined) throw importing(imported);
  return new Set(body.flatMap((node) => namesOf(node)));
}

/** All nodes of a syntax tree. */
function within(tree: unknown): Node[] {
  if (typeof tree !== "object" || tree === null) return [];
  const inner = Object.values(tree).flatMap(within);
  return "type" in tree ? [tree as Node, ...inner] : inner;
}

function importing(node: Node): ProgramError {
  return new ProgramError(
    "the engine's functions are in scope: nothing need be imported",
    node.loc?.start.line,
  );
}

function namesOf(node: Statement | ModuleDeclaration): string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => namesIn(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return [node.id.name];
    case "ImportDeclaration":
      throw importing(node);
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
    case "ExportAllDeclaration":
      throw new ProgramError(
        "f, x and v are taken from the program: nothing need be exported",
        node.loc?.start.line,
      );
    default:
      return [];
  }
}

function namesIn(pattern: Pattern): string[] {
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "ArrayPattern") return pattern.elements.flatMap((one) => (one ? namesIn(one) : []));
  if (pattern.type === "ObjectPattern")
    return pattern.properties.flatMap((one) => namesIn(one.type === "Property" ? one.value : one.argument));
  return pattern.type === "AssignmentPattern" ? namesIn(pattern.left) : [];
}

function lawsOf(f: Program["f"], x: Tree): ProgramResult["laws"] {
  try {
    return { held: { ...checkGradients(f, [x]) } };
  } catch (error) {
    if (error instanceof LawViolation) return { broken: error.message };
    throw error;
  }
}

function numberOf(y: Tree): number {
  return engine.item(engine.flatten(y, "f(x)").leaves[0]!);
}

function inner(a: Tree, b: Tree): number {
  const [p, q] = [a, b].map((tree) => engine.flatten(tree, "inner").leaves.flatMap(({ data }) => [...data]));
  return p!.reduce((sum, one, i) => sum + one * q![i]!, 0);
}

/** Nested lists, as one would type them. */
function text(tree: Tree): string {
  if (isArray(tree))
    return JSON.stringify(engine.toNested(tree), (_, one) =>
      typeof one === "number" ? Number(one.toPrecision(12)) : one,
    ).replaceAll(",", ", ");
  return Object.entries(tree as Readonly<Record<string, Tree>>)
    .map(([name, one]) => `${name}: ${text(one)}`)
    .join("\n");
}

function isArray(given: object): given is engine.NdArray {
  return "data" in given && "shape" in given;
}

/** What a page can show without freezing. */
function cut(text: string): string {
  const most = 100_000;
  return text.length > most ? `${text.slice(0, most)}\n… and ${text.length - most} more characters` : text;
}

/** With the line of the program where it went wrong: acorn's, our own, or the first frame of the program's module. */
function described(error: unknown): Failure {
  const message = messageOf(error).replace(/ \(\d+:\d+\)$/, "");
  const line = lineOf(error);
  return line === undefined ? { message } : { message, line };
}

function lineOf(error: unknown): number | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    if (error instanceof ProgramError && error.line !== undefined) return error.line;
    const { loc } = error as { readonly loc?: { readonly line: unknown } };
    if (typeof loc?.line === "number") return loc.line;
    const frame = /blob:[^\s)]*?:(\d+):\d+/.exec(
      String(error.stack ?? "").replace(/blob:https?:\/\/[^/]*/g, "blob:"),
    )?.[1];
    return frame === undefined ? undefined : Number(frame);
  } catch {
    return undefined; // what was thrown throws when it is read
  }
}
