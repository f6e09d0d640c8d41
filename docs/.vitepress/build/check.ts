/** Checks of the written site that need no browser: where links lead, and how much the first page weighs. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Links of any page that lead nowhere: to no file, or to no place on a page. "#x=…" is the state of a live page. */
export function deadLinks(dist: string): string[] {
  const files = new Set(readdirSync(dist, { recursive: true, encoding: "utf8" }));
  const names = [...files].filter((file) => file.endsWith(".html"));
  const pages = new Map(names.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
  const places = new Map([...pages].map(([page, html]) => [page, new Set(matches(html, /\sid="([^"]+)"/g))]));
  const dead: string[] = [];
  for (const [page, html] of pages) {
    for (const href of new Set(matches(html, /\s(?:href|src)="([^"]*)"/g))) {
      if (/^[a-z]+:/i.test(href)) continue; // of the web
      const [path = "", hash] = decodeURIComponent(href.replaceAll("&amp;", "&")).split("#");
      const bare = path.replace(/\?.*$/, "");
      const target =
        bare === "" ? page : join(bare.startsWith("/") ? "." : dirname(page), bare.replace(/^\//, ""));
      const file = bare.endsWith("/") || target === "." ? join(target, "index.html") : target;
      if (!files.has(file)) dead.push(`${page}: ${href}`);
      else if (hash && !hash.includes("=") && !places.get(file)?.has(hash))
        dead.push(`${page}: ${href} (no such place)`);
    }
  }
  return dead;
}

/** Bytes that a page makes a browser fetch before it is idle, compressed: the page, its styles and its modules. */
export function weight(dist: string, page: string): number {
  const html = readFileSync(join(dist, page), "utf8");
  const needed = matches(html, /<(?:link|script)[^>]*\s(?:href|src)="(\/assets\/[^"]+)"/g);
  const contents = [...new Set(needed)].map((file) => readFileSync(join(dist, file)));
  return [Buffer.from(html), ...contents].reduce((sum, content) => sum + gzipSync(content).length, 0);
}

/** Compressed bytes of what pages fetch only on request: workers, and what those load. By name, without the hash;
 * files of one name are added. */
export function onRequest(dist: string): Record<string, number> {
  const files = readdirSync(join(dist, "assets")).filter((file) => /\.(js|wasm)$/.test(file));
  const sizes: Record<string, number> = {};
  for (const file of files.toSorted()) {
    const name = /^(.*)-[\w-]{8}\.(?:js|wasm)$/.exec(file)?.[1];
    if (name === undefined) continue;
    sizes[name] = (sizes[name] ?? 0) + gzipSync(readFileSync(join(dist, "assets", file))).length;
  }
  return sizes;
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}
