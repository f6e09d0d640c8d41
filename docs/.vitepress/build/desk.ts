/** What the auditor's desk shows of each equation: its statement, its code and its tests, one JSON file each. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { type Trail, trail } from "../../../.ci/trace.ts";
import { dist, root, sourceAddress } from "./paths.ts";
import { numberedLines } from "./sources.ts";

type Equation = Trail["equations"][number];
type Place = { readonly file: string; readonly line: number };

/** A stretch of a source file. */
export interface Excerpt {
  readonly file: string;
  readonly line: number;
  readonly address: string;
  readonly html: string;
}
export interface DeskEntry {
  readonly id: string;
  readonly source: string;
  /** The equation with what its page says of it, proof included. */
  readonly statement: string;
  readonly code: readonly Excerpt[];
  readonly tests: readonly Excerpt[];
}

/** The trail, from the sources as they are. */
export function readTrail(): Trail {
  const read = (pattern: string): Map<string, string> =>
    new Map(
      globSync(pattern, { cwd: root, exclude: (path) => path.includes("node_modules") })
        .toSorted()
        .map((file) => [file, readFileSync(join(root, file), "utf8")]),
    );
  return trail(
    read("docs/{math/*,notation,theory}.md"),
    read("{packages/*,benchmarks}/src/**/*.ts"),
    read("{packages/*,benchmarks}/test/**/*.ts"),
  );
}

/** Writes one file for each equation. Returns how many. */
export async function writeDesk(md: MarkdownRenderer): Promise<number> {
  const { equations, code, tests } = readTrail();
  const folder = join(dist, "desk");
  mkdirSync(folder, { recursive: true });
  for (const equation of equations) {
    const path = join(root, equation.file);
    const entry: DeskEntry = {
      id: equation.id,
      source: md.renderInline(equation.source ?? ""),
      statement: md.render(statementOf(equation), { path, realPath: path }),
      code: foremostFirst(equation.id, code.get(equation.id)).map(excerpt),
      tests: foremostFirst(equation.id, tests.get(equation.id)).map(excerpt),
    };
    writeFileSync(join(folder, `${equation.id}.json`), JSON.stringify(entry));
  }
  return equations.length;
}

/** The Markdown of an equation: its section without the heading's id and source, or its row with the table's head, under its id. */
function statementOf({ file, line, id }: Equation): string {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const own = lines[line - 1]!;
  if (own.startsWith("|")) {
    let head = line - 1;
    while (lines[head - 1]?.startsWith("|")) head--;
    const rows = [lines[head], lines[head + 1], own].map((row) => row!.replace(/^\|[^|]*/, ""));
    return [`## \`${id}\``, "", ...rows].join("\n");
  }
  const depth = /^#+/.exec(own)![0].length;
  const rest = lines.slice(line);
  const end = rest.findIndex((next) => new RegExp(`^#{1,${depth}} `).test(next));
  const title = own.replace(`[${"eq"}:${id}] `, "").replace(/^#+/, "##");
  const body = rest.slice(0, end === -1 ? undefined : end);
  const inSource = (text: string, i: number): boolean => {
    const start = body.findLastIndex((other, k) => k <= i && other.startsWith("Source:"));
    return start !== -1 && body.slice(start, i + 1).every((other) => other !== "") && text !== "";
  };
  return [title, ...body.filter((text, i) => !inSource(text, i))].join("\n");
}

/** First the file that bears the equation's name, then where its id labels a formula, then where a sentence mentions it. */
export function foremostFirst(id: string, places: readonly Place[] = []): readonly Place[] {
  const label = new RegExp(`(^\\s*(//|/?\\*+)|\\s{2})\\s*\\[${"eq"}:${id}\\]`);
  const rank = ({ file, line }: Place): number => {
    if (basename(file).replace(/\..*$/, "") === id) return 0;
    return label.test(linesOf(file)[line - 1]!) ? 1 : 2;
  };
  return places.toSorted((a, b) => rank(a) - rank(b));
}

const longest = 60; // lines of an excerpt

/** The comment that cites an equation and what it stands above, or the test around the citation. */
function excerpt({ file, line }: Place): Excerpt {
  const lines = linesOf(file);
  const { from, to } = stretch(lines, line - 1);
  return {
    file,
    line,
    address: `${sourceAddress(file)}#L${line}`,
    html: numberedLines(lines.slice(from, to), from + 1, sourceAddress(file)),
  };
}

/** Lines [from, to) around a citation. */
export function stretch(
  lines: readonly string[],
  cited: number,
): { readonly from: number; readonly to: number } {
  const isComment = (i: number): boolean => /^\s*(\/\/|\/\*|\*)/.test(lines[i] ?? "");
  let from = cited;
  if (isComment(cited)) while (isComment(from - 1)) from--;
  let to = cited + 1;
  if (isComment(cited)) while (isComment(to)) to++;
  // The declaration below ends where a line closes at its own indentation.
  const indent = /^\s*/.exec(lines[to] ?? "")![0].length;
  const opens = /[{([]$/.test((lines[to] ?? "").trimEnd());
  if ((lines[to] ?? "").trim() === "") return { from, to };
  to++;
  if (opens) {
    while (to < lines.length && to - from < longest) {
      const next = lines[to]!;
      const depth = /^\s*/.exec(next)![0].length;
      to++;
      if (next.trim() !== "" && depth <= indent && !/[{([]$/.test(next.trimEnd())) break;
    }
  } else while (to < lines.length && to - from < longest && lines[to]!.trim() !== "" && !isComment(to)) to++;
  return { from, to: Math.min(to, from + longest) };
}

const texts = new Map<string, readonly string[]>();

function linesOf(file: string): readonly string[] {
  const known = texts.get(file) ?? readFileSync(join(root, file), "utf8").split("\n");
  texts.set(file, known);
  return known;
}
