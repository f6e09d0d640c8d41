/** What the site does with Markdown beyond what GitHub does: links between pages and sources, ids of equations, TeX. */
import { relative } from "node:path";
import katexPlugin from "@vscode/markdown-it-katex";
import katex from "katex";
import type { MarkdownRenderer } from "vitepress";
import { addressOf, definedIn, equationAddress, root } from "./paths.ts";

type Token = ReturnType<MarkdownRenderer["parse"]>[number];

export function extend(md: MarkdownRenderer): void {
  const options = {
    katex: { ...katex, renderToString: rendered },
    throwOnError: true,
    enableFencedBlocks: true,
  };
  // The plugin was typed against other releases of markdown-it and KaTeX.
  md.use((own) => void interop(katexPlugin)(own as never, options as never));
  md.core.ruler.push("addresses", ({ tokens, env }) => {
    const from = relative(root, env.realPath ?? env.path ?? root);
    for (const token of tokens) for (const child of token.children ?? []) readdress(child, from);
  });
  md.core.ruler.push("empty-headers", ({ tokens }) => {
    // A corner of a table heads nothing.
    for (const [i, token] of tokens.entries()) {
      if (token.type === "th_open" && tokens[i + 1]?.content === "") token.tag = tokens[i + 2]!.tag = "td";
    }
  });
  md.core.ruler.push("prose-cells", ({ tokens }) => {
    // Beside many columns they would be a word wide.
    for (const [i, token] of tokens.entries())
      if (token.type === "td_open" && tokens[i + 1]!.content.length > 40) token.attrJoin("class", "prose");
  });
  md.core.ruler.push("heading-order", ({ tokens }) => {
    // Equations are headings of the third level, in pages without sections, too: there they are raised to the second.
    const headings = tokens.filter(({ type }) => type === "heading_open" || type === "heading_close");
    const first = headings.findIndex(({ tag }) => tag === "h2");
    for (const heading of headings.slice(0, first === -1 ? headings.length : first))
      if (heading.tag === "h3") heading.tag = "h2";
  });
  // Code that is wider than the page scrolls, by the keyboard too.
  for (const kind of ["fence", "code_block"] as const) {
    const render = md.renderer.rules[kind];
    if (render !== undefined)
      md.renderer.rules[kind] = (...given) => render(...given).replace("<pre>", '<pre tabindex="0">');
  }
  md.inline.ruler.before("link", "equation", (state, silent) => {
    // With the address that GitHub needs: here the equation's own is known.
    const [whole, id] = /^\[eq:([a-z0-9-]+)\](?:\([^()\s]+\.md\))?/.exec(state.src.slice(state.pos)) ?? [];
    if (whole === undefined || id === undefined) return false;
    if (!silent) {
      // An equation is defined where a heading or a table's cell opens with its id: from there to its desk.
      const opens = state.pos === 0 && definedIn().get(id) === relative(root, state.env.realPath ?? "");
      // A type of its own: within HTML, as after an html_inline, the plugin of KaTeX leaves formulas alone.
      state.push("equation", "", 0).content = opens
        ? `<a class="equation ignore-header" id="eq-${id}" href="/desk.html#eq=${id}">${id}</a>`
        : `<a class="equation ignore-header" href="${equationAddress(id)}">${id}</a>`;
    }
    state.pos += whole.length;
    return true;
  });
  md.renderer.rules.equation = (tokens, i) => tokens[i]!.content;
}

/**
 * TeX to HTML with MathML beside it, closed to Vue: `{{` is TeX here. A display may be wider than the page and scrolls then,
 * by the keyboard too.
 */
function rendered(tex: string, options: { readonly displayMode?: boolean }): string {
  const html = katex.renderToString(tex, { ...options, strict: "error", throwOnError: true });
  return html.replace("<span", options.displayMode ? '<span v-pre tabindex="0"' : "<span v-pre");
}

function readdress(token: Token, from: string): void {
  const href = token.type === "link_open" ? token.attrGet("href") : null;
  const address = href === null ? undefined : addressOf(from, href);
  if (address === undefined) return;
  // A line of Markdown is no place on its page.
  token.attrSet("href", address.startsWith("/source/") ? address : address.replace(/#L\d+$/, ""));
  // Sources and figures are no pages of the application: the browser goes there itself.
  if (/^\/source\/|\.svg$|ward\.html$/.test(address)) token.attrSet("target", "_self");
}

/** A CommonJS default, whoever loads it. */
function interop<T>(module: T | { default: T }): T {
  return typeof module === "object" && module !== null && "default" in module ? module.default : module;
}
