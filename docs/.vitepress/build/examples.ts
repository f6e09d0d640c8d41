/** The page of the examples: each file of docs/examples with what it prints, in docs/site/examples.md. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./paths.ts";

const head = `# Examples

Each is one file. The tests run it, and compare what it prints with what stands below it. In a clone, for instance:

\`\`\`sh
node --conditions=sgmrl-source docs/examples/rollout.ts
\`\`\`
`;

/** Writes the page. Returns how many examples it holds. */
export function writeExamples(): number {
  const files = globSync("docs/examples/*.ts", { cwd: root }).toSorted();
  const sections = files.map((file) => sectionOf(basename(file), readFileSync(join(root, file), "utf8")));
  writeFileSync(join(root, "docs/site/examples.md"), [head, ...sections].join("\n"));
  return files.length;
}

/** An example opens with comments that say what it is, and ends with comments of what it prints, `//> …`. */
export function sectionOf(name: string, text: string): string {
  const lines = text.trimEnd().split("\n");
  const opening = lines.findIndex((line) => !line.startsWith("// "));
  const about = lines.slice(0, opening).map((line) => line.slice(3));
  const printed = lines.filter((line) => line.startsWith("//> ")).map((line) => line.slice(4));
  const code = lines.slice(opening).filter((line) => !line.startsWith("//> "));
  const fenced = (kind: string, body: readonly string[]): string =>
    `\`\`\`${kind}\n${body.join("\n").trim()}\n\`\`\``;
  return [
    `## ${name}`,
    about.map((line) => line.replaceAll("<", "&lt;").replace(/node --\S+ .*/, "<code>$&</code>")).join("\n"),
    fenced("ts", code),
    "prints",
    fenced("text", printed),
    "",
  ].join("\n\n");
}
