// The documentation runs. In every Markdown file of the repository:
//   a ```ts block       is type-checked and executed, and must print exactly the ```text block that follows it
//                       (nothing, if none follows);
//   a ```ts from=PATH   block quotes a source file and must stand in it, word for word, indentation aside;
//   a ```console block  is a command, `$ pnpm sgmrl …`, and what it prints; a line "…" stands for any lines;
//   a relative link     must lead to a file;
//   a line              is at most 120 characters long, outside code and tables, which cannot be wrapped.
// And every file of docs/examples is type-checked and executed, and must print what its lines `//> …` say.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Snippet {
  readonly where: string;
  readonly code: string;
  readonly output: string;
}
interface Command {
  readonly where: string;
  readonly args: readonly string[];
  readonly output: string;
}
interface Quotation {
  readonly where: string;
  readonly code: string;
  readonly source: string;
}

const pages: readonly string[] = globSync("{*.md,docs/**/*.md,packages/*/*.md,benchmarks/*.md}", {
  exclude: (path) => path.includes("node_modules") || path.startsWith("docs/site/api"), // others' pages, and generated
}).filter((page) => page !== "docs/trace.md" && page !== "docs/site/examples.md"); // generated, with links of their own making
// Inside the package that depends on the others, so that imports resolve as they do for its users.
const folder = `packages/sgmrl/.snippets-${process.pid}`;

/** Fenced blocks of a page: info string, text, line of the opening fence. */
function fences(markdown: string): { info: string; text: string; line: number }[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1]!.trim(),
    text: match[2]!,
    line: markdown.slice(0, match.index).split("\n").length,
  }));
}

function snippetsOf(page: string): Snippet[] {
  const blocks = fences(readFileSync(page, "utf8"));
  return blocks.flatMap(({ info, text, line }, i) => {
    const next = blocks[i + 1];
    return info === "ts"
      ? [{ where: `${page}:${line}`, code: text, output: next?.info === "text" ? next.text : "" }]
      : [];
  });
}

function commandsOf(page: string): Command[] {
  return fences(readFileSync(page, "utf8")).flatMap(({ info, text, line }) => {
    if (info !== "console") return [];
    const [, words, output] = /^\$ pnpm sgmrl (.*)\n([\s\S]*)$/.exec(text) ?? [];
    if (words === undefined || output === undefined)
      throw new Error(`${page}:${line}: expected "$ pnpm sgmrl ..."`);
    return [{ where: `${page}:${line}`, args: words.split(" "), output }];
  });
}

/** The text as a pattern in which a line "…" matches any lines. */
function withGaps(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/^…$\n/gm, "(?:.*\\n)*?")}$`);
}

function quotationsOf(page: string): Quotation[] {
  return fences(readFileSync(page, "utf8")).flatMap(({ info, text, line }) => {
    const source = /^ts from=(\S+)$/.exec(info)?.[1];
    return source === undefined ? [] : [{ where: `${page}:${line}`, code: text, source }];
  });
}

function linksOf(page: string): string[] {
  const prose = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((to) => !/^\w+:/.test(to));
}

/** "12: the line", outside code and tables. */
function longLinesOf(page: string): string[] {
  let code = false;
  return readFileSync(page, "utf8")
    .split("\n")
    .flatMap((line, i) => {
      if (line.startsWith("```")) code = !code;
      return line.length > 120 && !code && !line.startsWith("|") ? [`${i + 1}: ${line}`] : [];
    });
}

const withoutIndentation = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");

/** A file of docs/examples, with what its comments say that it prints. */
function exampleOf(path: string): Snippet {
  const code = readFileSync(path, "utf8");
  const lines = [...code.matchAll(/^\/\/> (.*)$/gm)].map((match) => `${match[1]}\n`);
  return { where: path, code, output: lines.join("") };
}

const examples = globSync("docs/examples/*.ts").toSorted().map(exampleOf);
const snippets = [...pages.flatMap(snippetsOf), ...examples];
/** What examples in folders import: checked, not run. */
const modules = globSync("docs/examples/*/*.ts").toSorted().map(exampleOf);
const checked = [...snippets, ...modules];
const fileOf = (index: number): string => join(folder, `snippet-${index}.ts`);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [i, { code }] of checked.entries()) writeFileSync(fileOf(i), `${code}export {};\n`);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: { noEmit: true },
      include: ["*.ts"],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the documentation", () => {
  it("lists the sources of its equations", () => {
    const listed = readFileSync("docs/references.md", "utf8");
    const cited = globSync("docs/{math/*,theory}.md").flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/(?:doi|arXiv):[^\s;,)`|]+|hal-\d+/g)].map(([id]) => ({
        page,
        id,
      })),
    );
    expect(cited.length).toBeGreaterThan(100);
    expect(cited.filter(({ id }) => !listed.includes(id.replace(/\.$/, "")))).toEqual([]);
  });

  it("has snippets that type-check", () => {
    expect(snippets.length).toBeGreaterThan(examples.length);
    expect(examples.every(({ output }) => output !== "")).toBe(true);
    const { stdout, status } = spawnSync("tsc", ["-p", folder], { encoding: "utf8" });
    const named = stdout.replace(/\S*snippet-(\d+)\.ts/g, (_, i) => checked[Number(i)]!.where);
    expect(named).toBe("");
    expect(status).toBe(0);
  });

  it.each(snippets.map((snippet, i) => ({ ...snippet, i })))(
    "prints what it says at $where",
    ({ i, output }) => {
      const { stdout, stderr } = spawnSync("node", ["--conditions=sgmrl-source", fileOf(i)], {
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(stdout).toBe(output);
    },
  );

  it.each(pages.flatMap(commandsOf))("prints what it says at $where", ({ args, output }) => {
    const cwd = mkdtempSync(join(tmpdir(), "sgmrl-docs-"));
    const main = resolve("packages/sgmrl/src/cli/main.ts");
    const run = spawnSync("node", ["--conditions=sgmrl-source", main, ...args], { cwd, encoding: "utf8" });
    rmSync(cwd, { recursive: true });
    expect(run.stdout).toMatch(withGaps(output));
  });

  it.each(pages.flatMap(quotationsOf))("quotes $source faithfully at $where", ({ code, source }) => {
    expect(withoutIndentation(readFileSync(source, "utf8"))).toContain(withoutIndentation(code));
  });

  it.each(pages)("has no line over 120 characters in %s", (page) => {
    expect(longLinesOf(page)).toEqual([]);
  });

  it.each(pages.filter((page) => linksOf(page).length > 0))("has links that lead somewhere in %s", (page) => {
    const broken = linksOf(page).filter((to) => !existsSync(resolve(dirname(page), to)));
    expect(broken).toEqual([]);
  });
});
