// Claims that docs/results/withdrawn.md takes back stand nowhere else.
import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = "docs/results/withdrawn.md";
const files: readonly string[] = globSync(
  "{*,{docs,docs/.vitepress,packages,benchmarks,.ci,.changeset}/**/*}.{md,ts,vue}",
  // others' files, and generated ones
  { exclude: (path) => /(^|\/)(node_modules|dist|\.snippets-\d+)(\/|$)|^docs\/site\/api/.test(path) },
).filter((path) => path !== page);

/** The quoted wordings of the table's first column, in lower case. */
const withdrawn: readonly string[] = readFileSync(page, "utf8")
  .split("\n")
  .filter((line) => line.startsWith('| "'))
  .flatMap((line) =>
    [...line.split(" | ")[0]!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!.toLowerCase()),
  );

/** "path:line: wording" of each that stands in a text, across line breaks and the marks of comments. */
function standing(path: string, text: string): string[] {
  const words = [...text.toLowerCase().matchAll(/[^\s*]+/g)];
  const joined = words.map(([word]) => word).join(" ");
  return withdrawn
    .filter((wording) => joined.includes(wording))
    .map((wording) => {
      const before = joined.slice(0, joined.indexOf(wording)).split(" ").length - 1;
      return `${path}:${text.slice(0, words[before]!.index).split("\n").length}: ${wording}`;
    });
}

it("finds a wording across lines, in pages and in comments", () => {
  const [first] = withdrawn;
  const broken = first!.replace(" ", "\n * ");
  expect(standing("a.ts", `/**\n * It is ${broken}.\n */`)).toEqual([`a.ts:2: ${first}`]);
});

it("no claim that was taken back stands in any file", () => {
  expect(withdrawn.length).toBeGreaterThan(15);
  expect(files).toEqual(
    expect.arrayContaining(["README.md", "docs/.vitepress/main.ts", "packages/sgmrl/src/settings.ts"]),
  );
  expect(files.flatMap((path) => standing(path, readFileSync(path, "utf8")))).toEqual([]);
});
