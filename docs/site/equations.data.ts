/** Every equation of the trail, for the desk's list. */
import katex from "katex";
import { namedCases } from "../../packages/autodiff/test/support/cases.ts";
import { readTrail } from "../.vitepress/build/desk.ts";
import { primitiveOf } from "../.vitepress/theme/desk/runnable.ts";

export interface ListedEquation {
  readonly id: string;
  readonly title: string;
  /** The page that defines it, as its file's name. */
  readonly page: string;
  /** The title with its formulas rendered, if it has any. */
  readonly html?: string;
  /** The primitive that it is about, if it is about one. */
  readonly primitive?: string;
}

declare const data: readonly ListedEquation[];

export { data };

/** Formulas as HTML; the rest of a title is plain words. */
function rendered(title: string): string {
  return title
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/\$`?([^$`]*)`?\$/g, (_, tex: string) => katex.renderToString(tex, { output: "html" }));
}

export default {
  watch: ["../math/*.md"],
  load(): readonly ListedEquation[] {
    const names = new Set(namedCases.map(([name]) => name));
    return readTrail().equations.map(({ id, title, file }) => ({
      id,
      ...(names.has(primitiveOf(id)) && { primitive: primitiveOf(id) }),
      title: title.replace(/\$`?([^$`]*)`?\$/g, "$1").replace(/\\\|/g, "|"),
      ...(title.includes("$") && { html: rendered(title) }),
      page: file.replace(/^.*\/|\.md$/g, ""),
    }));
  },
};
