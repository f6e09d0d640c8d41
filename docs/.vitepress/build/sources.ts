/** The site's own copy of the sources: what an equation's trail leads to, at the revision that the site was built from. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { dist, root } from "./paths.ts";

const shown = /(^|\/)(LICENSE|run)$|\.(ts|js|vue|md|json|yaml|css)$/;
const largest = 400_000; // bytes; beyond are tables that nobody reads

/** Writes a page for every source file and every folder. Returns how many. */
export function writeSources(): number {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const files = tracked.filter((file) => shown.test(file) && file !== "pnpm-lock.yaml");
  const folders = new Map<string, Set<string>>();
  let written = 0;
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    if (text.length > largest) continue;
    write(`${file}.html`, sourcePage(file, text));
    written++;
    for (let path = file; path !== "."; path = dirname(path)) {
      const parent = dirname(path);
      const entries = folders.get(parent) ?? new Set();
      folders.set(parent, entries.add(path));
    }
  }
  for (const [folder, entries] of folders)
    write(join(folder, "index.html"), folderPage(folder, [...entries], folders));
  return written + folders.size;
}

function write(name: string, html: string): void {
  const path = join(dist, "source", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
}

function sourcePage(file: string, text: string): string {
  const lines = numberedLines(text.replace(/\n$/, "").split("\n"), 1);
  return document(file, `<pre tabindex="0" aria-label="${escaped(basename(file))}">${lines}</pre>`);
}

/**
 * Lines of code with their numbers; whole-line comments are set apart. On a page of its own a line has a place, `#L13`, which
 * the style sheet marks; elsewhere its number leads there.
 */
export function numberedLines(lines: readonly string[], first: number, page?: string): string {
  return lines
    .map((line, i) => {
      const number = first + i;
      const isComment = /^\s*(\/\/|\/\*|\*)/.test(line);
      const body = isComment ? `<i>${escaped(line)}</i>` : escaped(line);
      const place = page === undefined ? ` id="L${number}"` : "";
      const link = `<a href="${page ?? ""}#L${number}" target="_self" aria-label="line ${number}">${number}</a>`;
      return `<span${place}>${link}${body}\n</span>`;
    })
    .join("");
}

function folderPage(
  folder: string,
  entries: readonly string[],
  folders: ReadonlyMap<string, unknown>,
): string {
  const items = entries.toSorted().map((entry) => {
    const isFolder = folders.has(entry);
    const name = basename(entry);
    return `<li><a href="${name}${isFolder ? "/index.html" : ".html"}">${escaped(name)}${isFolder ? "/" : ""}</a></li>`;
  });
  return document(folder === "." ? "" : folder, `<ul>${items.join("\n")}</ul>`);
}

/** A page by itself: no script but the one that follows the reader's choice of light or dark. */
function document(file: string, body: string): string {
  const parts = file.split("/").filter(Boolean);
  const crumbs = parts.slice(0, -1).map((part, i) => {
    const folder = parts.slice(0, i + 1).join("/");
    return ` / <a href="/source/${folder}/index.html">${escaped(part)}</a>`;
  });
  const name = escaped(parts.at(-1) ?? "Sources");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(file) || name} | sgmrl</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/source.css">
<script>
const chosen = localStorage.getItem("vitepress-theme-appearance") ?? "auto";
const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.toggle("dark", dark);
</script></head><body>
<header><nav aria-label="Path"><a href="/">sgmrl</a> / <a href="/source/index.html">source</a>${crumbs.join("")}</nav>
<h1>${name}</h1></header><main>${body}</main>
</body></html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
