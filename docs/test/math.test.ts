// Every formula of the documentation is TeX that KaTeX takes without a warning and that GitHub does not spoil.
import { globSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import katex from "katex";
import { describe, expect, it } from "vitest";
import { root } from "../.vitepress/build/paths.ts";

interface Formula {
  readonly tex: string;
  readonly displayMode: boolean;
  /** Whether Markdown leaves it alone: between $` and `$, or in a block of its own. */
  readonly kept: boolean;
}

function formulas(markdown: string): Formula[] {
  const blocks = [...markdown.matchAll(/^```math\n([\s\S]*?)^```$/gm)].map(
    ([, tex]): Formula => ({ tex: tex!, displayMode: true, kept: true }),
  );
  const kept = markdown.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/\$`([^`]+)`\$|`[^`\n]*`|\$([^$`]+)\$/g);
  const inline = [...kept].flatMap(([, ticked, plain]): Formula[] => {
    const tex = ticked ?? plain;
    return tex === undefined ? [] : [{ tex, displayMode: false, kept: ticked !== undefined }];
  });
  return [...blocks, ...inline];
}

/** What Markdown takes for its own inside $…$, as GitHub does: escapes, emphasis, links, tags. */
const spoiled = /\\[^A-Za-z]|\*|\]\(|[)}\]|>]_|[<`&~]/;

const pages = globSync(`${root}/docs/{math/*,notation,theory}.md`);

describe.each(pages.map((page) => relative(root, page)))("%s", (page) => {
  const found = formulas(readFileSync(`${root}/${page}`, "utf8"));

  it("holds TeX that can be rendered", () => {
    for (const { tex, displayMode } of found)
      expect(
        () => katex.renderToString(tex, { displayMode, strict: "error", throwOnError: true }),
        tex,
      ).not.toThrow();
  });
  it("writes $`…`$ where Markdown would read the formula otherwise", () => {
    expect(found.filter(({ tex, kept }) => !kept && spoiled.test(tex)).map(({ tex }) => tex)).toEqual([]);
  });
});

it("finds formulas of all three forms, and what would be spoiled", () => {
  const text = "An $a_1$, a $`b\\,c`$, no `$d$`.\n\n```math\ne\n```\n\n```sh\n$f$\n```\n";
  expect(formulas(text).map(({ tex }) => tex.trim())).toEqual(["e", "a_1", "b\\,c"]);
  expect(["a\\,b", "x*", "[a](b)", "{x}_t", "a<b"].every((tex) => spoiled.test(tex))).toBe(true);
  expect(["x_t", "\\bar x", "P_\\zeta = 1"].some((tex) => spoiled.test(tex))).toBe(false);
});
