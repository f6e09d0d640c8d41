/** Where a file of the repository stands on the site. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { definitions } from "../../../.ci/trace.ts";
import { slugify } from "./slug.ts";

/** The repository, and where the site is written. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
export const dist: string = join(root, "docs/dist");

/** The page of a Markdown file: `docs/math/random.md` → `math/random.md`. */
export function pageOf(file: string): string {
  if (file === "README.md") return "readme.md";
  if (file === "CONTRIBUTING.md") return "contributing.md";
  return file
    .replace(/^docs\/(site\/)?/, "")
    .replace(/^api\/packages\/([^/]+)\/src(\/index)?\.md$/, "api/$1.md")
    .replace(/^api\/packages\/([^/]+)\/src\/(?:.*\/)?([^/]+?)(-\d)?\.md$/, "api/$1/$2.md")
    .replace(/^packages\/([^/]+)\/README\.md$/, "packages/$1.md")
    .replace(/README\.md$/, "index.md")
    .replace(/^benchmarks\/index\.md$/, "benchmarks.md");
}

/** Files that a page may link to and that the site holds as they are. */
const asIs = /\.(svg|html|png)$/;

/**
 * The address of what a relative link leads to. A page leads to a page, an example to its place on theirs, a figure to
 * itself, and everything else to the site's copy of the source. Undefined for links that leave the repository.
 */
export function addressOf(from: string, href: string): string | undefined {
  if (/^(\w+:|#|\/)/.test(href)) return undefined;
  const [path = "", hash = ""] = href.split(/(?=#)/);
  const file = relative(root, resolve(root, dirname(from), decodeURI(path)));
  if (file.startsWith("..") || !existsSync(join(root, file))) return undefined;
  if (file.endsWith(".md")) {
    const page = pageOf(file)
      .replace(/\.md$/, ".html")
      .replace(/(^|\/)index\.html$/, "$1");
    return `/${page}${hash}`;
  }
  if (/^docs\/examples\/[^/]+\.ts$/.test(file)) return `/examples.html#${slugify(basename(file))}`;
  if (file.startsWith("docs/") && asIs.test(file)) return `/${file.replace(/^docs\//, "")}`;
  return sourceAddress(file) + hash;
}

/** Of a file or folder of the repository: the page that shows it. */
export function sourceAddress(file: string): string {
  const isFolder = statSync(join(root, file)).isDirectory();
  return isFolder ? `/source/${file}/index.html` : `/source/${file}.html`;
}

/** Where the equation with this id is defined. */
export function equationAddress(id: string): string {
  const file = definedIn().get(id);
  if (file === undefined) throw new Error(`no page of docs defines [${"eq"}:${id}]`);
  return `${addressOf("docs/trace.md", `../${file}`)}#eq-${id}`;
}

let known: ReadonlyMap<string, string> | undefined;

/** Ids of equations → the page that defines them. */
export function definedIn(): ReadonlyMap<string, string> {
  const docs = globSync("docs/{math/*,*}.md", { cwd: root });
  known ??= new Map(
    docs.flatMap((file) =>
      definitions(file, readFileSync(join(root, file), "utf8")).map(({ id }): [string, string] => [id, file]),
    ),
  );
  return known;
}
