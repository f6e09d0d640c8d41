// One name, one meaning: no two files of sgmrl export one name, and the glossary says where its names are declared.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = "packages/sgmrl/src";

/** The names that a file declares and exports; overloads count once. */
function exportedBy(text: string): ReadonlySet<string> {
  const declaration =
    /^export (?:declare |async |abstract )*(?:function\*?|const|class|interface|type) (\w+)/gm;
  return new Set([...text.matchAll(declaration)].map(([, name]) => name!));
}

/** Names that several files export, with the files. */
function collisions(files: ReadonlyMap<string, string>): string[] {
  const places = new Map<string, string[]>();
  for (const [file, text] of files)
    for (const name of exportedBy(text)) places.set(name, [...(places.get(name) ?? []), file]);
  return [...places].filter(([, at]) => at.length > 1).map(([name, at]) => `${name}: ${at.join(", ")}`);
}

it("no name is exported by two files of sgmrl", () => {
  const files = globSync("**/*.ts", { cwd: source }).sort();
  expect(files.length).toBeGreaterThan(100);
  const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), "utf8")]));
  // The same function, whose module the entry point loads when it is called.
  expect(collisions(texts)).toEqual(["writeReport: index.ts, report/report.ts"]);
});

it("finds a name that means two things", () => {
  const files = new Map([
    [
      "a.ts",
      "export interface Step {}\nexport function step(x: 1): void;\nexport function step(x: 2): void;\n",
    ],
    ["b.ts", "export type Step = 1;\n"],
  ]);
  expect(collisions(files)).toEqual(["Step: a.ts, b.ts"]);
});

it("the notation names what the sources have", () => {
  const sources = globSync("packages/*/src/**/*.ts").map((file) => readFileSync(file, "utf8"));
  const words = new Set(sources.flatMap((text) => text.match(/\w+/g) ?? []));
  const rows = readFileSync("docs/notation.md", "utf8").matchAll(/^\| .*? \| (.*?) \| /gm);
  const identifiers = [...rows].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map((found) => found[1]!),
  );
  expect(identifiers.length).toBeGreaterThan(60);
  const missing = identifiers.filter((name) => !name.split(".").every((word) => words.has(word)));
  expect(missing).toEqual([]);
});

it("the glossary names what its files declare", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  const section = page.slice(page.indexOf("### One name, one meaning")).split("\n## ")[0]!;
  const rows = [...section.matchAll(/^\| `(\w+)` \|.*\| `([\w/-]+\.ts)` \|$/gm)];
  expect(rows.length).toBeGreaterThan(5);
  for (const [, name, file] of rows)
    expect(readFileSync(join(source, file!), "utf8"), file).toMatch(
      new RegExp(`^(export .*|  readonly )${name}\\b`, "m"),
    );
});
