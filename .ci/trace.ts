/**
 * The trail from an equation to its code and its tests.
 *
 *   docs        define an id, `[eq:tanh]`, at the start of a heading or of a table row; the source of an equation
 *               is the last line `Source: ...` before it on its page, or the one inside its own section
 *   src         cites the id beside the code that implements the equation
 *   test        cites the id in a test that would fail if the equation were implemented wrongly
 *
 * Fails on an id that no code or no test cites, that is cited but unknown to the docs, that is defined twice,
 * or that has no source. Writes docs/trace.md.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

interface Place {
  readonly file: string;
  readonly line: number;
}
interface Equation extends Place {
  readonly id: string;
  readonly title: string;
  readonly source: string | undefined;
}
export interface Trail {
  readonly equations: readonly Equation[];
  /** Places that cite each id. */
  readonly code: ReadonlyMap<string, readonly Place[]>;
  readonly tests: ReadonlyMap<string, readonly Place[]>;
}
/** The text of files by path. */
export type Files = ReadonlyMap<string, string>;

const definition = /^(?<mark>#{1,6} |\| *)\[eq:(?<id>[a-z0-9-]+)\](?<rest>.*)$/;
const citation = /\[eq:([a-z0-9-]+)\]/g;
const sourceLine = /^\s*Source: *(.*)$/;

/** The equations that one page defines, in order. */
export function definitions(file: string, text: string): Equation[] {
  const found: Equation[] = [];
  let above: string | undefined; // the last source given outside an equation's own section
  let open: number | undefined; // the equation whose section we are in
  for (const [index, content] of text.split("\n").entries()) {
    const { mark, id, rest } = definition.exec(content)?.groups ?? {};
    const source = sourceLine.exec(content)?.[1];
    if (mark !== undefined && id !== undefined && rest !== undefined) {
      const isRow = mark.startsWith("|");
      const title = isRow ? (rest.split(/(?<!\\)\|/)[1]?.trim() ?? "") : rest.trim();
      found.push({ id, title, file, line: index + 1, source: above });
      if (!isRow) open = found.length - 1;
    } else if (content.startsWith("#")) {
      open = undefined;
    } else if (source !== undefined) {
      if (open === undefined) above = source;
      else found[open] = { ...found[open]!, source };
    }
  }
  return found;
}

function citations(files: Files): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const [file, text] of files) {
    for (const [index, content] of text.split("\n").entries()) {
      for (const [, id] of content.matchAll(citation)) {
        places.set(id!, [...(places.get(id!) ?? []), { file, line: index + 1 }]);
      }
    }
  }
  return places;
}

export function trail(docs: Files, code: Files, tests: Files): Trail {
  const equations = [...docs].flatMap(([file, text]) => definitions(file, text));
  return { equations, code: citations(code), tests: citations(tests) };
}

/** What is wrong with a trail, one sentence each. */
export function faults({ equations, code, tests }: Trail): string[] {
  const known = new Map<string, Equation>();
  const found: string[] = [];
  for (const equation of equations) {
    const { id, file, line, source } = equation;
    const first = known.get(id);
    if (first !== undefined)
      found.push(`[eq:${id}] is defined twice: ${first.file}:${first.line} and ${file}:${line}`);
    known.set(id, first ?? equation);
    if (!code.has(id)) found.push(`[eq:${id}] (${file}:${line}) is cited by no code`);
    if (!tests.has(id)) found.push(`[eq:${id}] (${file}:${line}) is cited by no test`);
    if (source === undefined) found.push(`[eq:${id}] (${file}:${line}) has no line "Source: ..."`);
  }
  for (const [id, places] of [...code, ...tests]) {
    if (known.has(id)) continue;
    for (const { file, line } of places)
      found.push(`${file}:${line} cites [eq:${id}], which no page of docs defines`);
  }
  return found;
}

function link({ file, line }: Place): string {
  return `[${file.split("/").slice(-2).join("/")}:${line}](../${file}#L${line})`;
}

export function report({ equations, code, tests }: Trail): string {
  const pages = [...new Set(equations.map(({ file }) => file))];
  const list = (places: readonly Place[] = []): string => places.map(link).join("<br>");
  const sections = pages.map((page) => {
    const found = equations.filter(({ file }) => file === page);
    const rows = found.map(
      (equation) =>
        `| [${equation.id}](../${page}#L${equation.line}) | ${equation.title} | ${list(code.get(equation.id))} ` +
        `| ${list(tests.get(equation.id))} | ${equation.source ?? ""} |`,
    );
    return `## ${page}\n\n| id | equation | code | tests | source |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# From equation to code to test\n\nWritten by \`pnpm trace\`; do not edit.\n\n${summary({ equations, code, tests })}\n\n${sections.join("\n")}`;
}

function summary({ equations, code, tests }: Trail): string {
  const withCode = equations.filter(({ id }) => code.has(id)).length;
  const withTests = equations.filter(({ id }) => tests.has(id)).length;
  return `${equations.length} equations, ${withCode} with code, ${withTests} with tests.`;
}

function read(pattern: string): Files {
  return new Map(
    globSync(pattern, { exclude: (path) => /node_modules|^docs\/(site|dist)/.test(path) })
      .toSorted()
      .map((file) => [file, readFileSync(file, "utf8")]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const docs = read("docs/**/*.md");
  const found = trail(
    new Map([...docs].filter(([file]) => file !== "docs/trace.md")),
    read("{packages/*,benchmarks}/src/**/*.ts"),
    read("{test,packages/*/test,benchmarks/test}/**/*.ts"),
  );
  writeFileSync("docs/trace.md", report(found));
  console.log(summary(found));
  const wrong = faults(found);
  for (const fault of wrong) console.error(fault);
  if (wrong.length > 0) process.exitCode = 1;
}
