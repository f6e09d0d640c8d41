// What the site's build does with links, excerpts and equations, on small examples and on the repository as it is.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createMarkdownRenderer } from "vitepress";
import { afterAll, describe, expect, it } from "vitest";
import { deadLinks, onRequest, weight } from "../.vitepress/build/check.ts";
import { foremostFirst, readTrail, stretch } from "../.vitepress/build/desk.ts";
import { laidOut } from "../.vitepress/build/docstrings.ts";
import { sectionOf } from "../.vitepress/build/examples.ts";
import { extend } from "../.vitepress/build/markdown.ts";
import { addressOf, equationAddress, pageOf, root } from "../.vitepress/build/paths.ts";
import { slugify } from "../.vitepress/build/slug.ts";
import { sidebar } from "../.vitepress/sidebar.ts";

const folder = mkdtempSync(join(tmpdir(), "sgmrl-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

function site(files: Readonly<Record<string, string>>): string {
  const dist = mkdtempSync(join(folder, "dist-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), text);
  }
  return dist;
}

describe("docstrings on the pages of the API", () => {
  it("keep the layout of formulas, unescaped, with the ids of equations as links", () => {
    const page = laidOut("The sum:\n  S_\\{a\\} = x \\< y     [eq:mul]\n\n  T       = 1\nIt is exact.");
    expect(page).toBe(
      `The sum:\n\n<pre v-pre tabindex="0" class="formula">S_{a} = x &lt; y     ` +
        `<a class="equation" href="${equationAddress("mul")}">mul</a>\n\nT       = 1</pre>\n\nIt is exact.`,
    );
  });

  it("give each label a paragraph, with the lines that continue it", () => {
    expect(
      laidOut("Adds. Shapes  x: [n]\nErrors  ShapeError for others;\n        AxisError for none\n  y = x"),
    ).toBe(
      'Adds.\n\n**Shapes** x: [n]\n\n**Errors** ShapeError for others;\nAxisError for none\n\n<pre v-pre tabindex="0" class="formula">y = x</pre>\n',
    );
    expect(laidOut("| `f` | Adds. Errors ShapeError |\n| `g` | Shapes x: [n] |")).toBe(
      "| `f` | Adds. <br>**Errors** ShapeError |\n| `g` | **Shapes** x: [n] |",
    );
  });

  it("show a line that is a formula as one, though it is not indented, and not a sentence", () => {
    for (const line of ["y = tanh x   [eq:tanh]   dy = sech²(x) dx", "z = x y   [eq:mul]"])
      expect(laidOut(`${line}\nExact.`)).toMatch(/^\n<pre [^>]*>[yz] = .*<\/pre>\n\nExact\.$/);
    for (const line of ["The total y = x   [eq:sum]", "Sums [eq:sum]: y = x", "y = x without an id"])
      expect(laidOut(line)).toBe(line);
  });

  it.each(["```ts\n  const x = 1;\nErrors  none\n```", "- a list\n  goes on", "Prose. As is."])(
    "leave %j as it is",
    (text) => {
      expect(laidOut(text)).toBe(text);
    },
  );

  it("name parameters that are taken apart by braces", () => {
    expect(laidOut("> **f**(`x`, `__namedParameters`)")).toBe("> **f**(`x`, `{…}`)");
  });
});

it("an example is shown as what it is, its code, and what it prints", () => {
  const text =
    "// Twice.\n// For <n>: node --x a.ts '<n>'\nconst n = 2; // two\n\nconsole.log(2 * n);\n//> 4\n";
  expect(sectionOf("twice.ts", text)).toBe(
    "## twice.ts\n\nTwice.\nFor &lt;n>: <code>node --x a.ts '&lt;n>'</code>\n\n```ts\nconst n = 2; // two\n\nconsole.log(2 * n);\n```\n\nprints\n\n```text\n4\n```\n\n",
  );
});

it("every page that people write stands in the sidebar, but decisions and changelogs", () => {
  const listed = sidebar.flatMap(({ items = [] }) => items.map(({ link }) => link));
  const pages = globSync(
    "{*.md,docs/*.md,docs/{math,results,site}/*.md,packages/*/README.md,benchmarks/*.md}",
    { cwd: root },
  );
  const addresses = pages.map((page) => addressOf("README.md", page));
  expect(addresses.filter((address) => address !== "/" && !listed.includes(address))).toEqual([]);
});

describe("addresses", () => {
  it.each([
    ["README.md", "readme.md"],
    ["CONTRIBUTING.md", "contributing.md"],
    ["docs/math/random.md", "math/random.md"],
    ["docs/results/README.md", "results/index.md"],
    ["docs/site/desk.md", "desk.md"],
    ["packages/envs/README.md", "packages/envs.md"],
    ["benchmarks/README.md", "benchmarks.md"],
    ["docs/site/api/packages/envs/src/index.md", "api/envs.md"],
    ["docs/site/api/packages/sgmrl/src/execution/distributed.md", "api/sgmrl/distributed.md"],
  ])("of %s is %s", (file, page) => {
    expect(pageOf(file)).toBe(page);
  });

  it.each([
    ["docs/theory.md", "notation.md", "/notation.html"],
    ["README.md", "docs/results/README.md#a-b", "/results/#a-b"],
    [
      "docs/math/random.md",
      "../../packages/autodiff/src/random/key.ts#L3",
      "/source/packages/autodiff/src/random/key.ts.html#L3",
    ],
    ["README.md", "packages/autodiff/src", "/source/packages/autodiff/src/index.html"],
    ["docs/results/audit.md", "audit-atlas.svg", "/results/audit-atlas.svg"],
    ["packages/sgmrl/README.md", "../../docs/examples/unit.ts", "/examples.html#unitts"],
  ])("from %s, %s leads to %s", (from, href, address) => {
    expect(addressOf(from, href)).toBe(address);
  });

  it.each(["https://arxiv.org", "#here", "/desk.html", "no-such-page.md", "../../etc/passwd"])(
    "%s is left as it is",
    (href) => {
      expect(addressOf("docs/theory.md", href)).toBeUndefined();
    },
  );

  it("of an equation is where it is defined; an unknown one is refused", () => {
    expect(equationAddress("tanh")).toBe("/math/primitives.html#eq-tanh");
    expect(() => equationAddress("no-such-equation")).toThrow(
      "no page of docs defines [eq:no-such-equation]",
    );
  });

  it("of a heading is GitHub's", () => {
    expect(slugify("Where MAML's bias decides: the needle")).toBe("where-mamls-bias-decides-the-needle");
  });
});

it("an equation's id is one link, with or without the address that GitHub needs", async () => {
  const md = await createMarkdownRenderer(join(import.meta.dirname, ".."), { config: extend });
  const link = `<a class="equation ignore-header" href="${equationAddress("tanh")}">tanh</a>`;
  for (const text of ["[eq:tanh]", "[eq:tanh](math/primitives.md)", "[eq:tanh](../math/primitives.md)"])
    expect(await md.render(`See ${text} (here).`)).toBe(`<p>See ${link} (here).</p>\n`);
});

it("a cell that holds a sentence is marked, so that it is wider than a word", async () => {
  const md = await createMarkdownRenderer(join(import.meta.dirname, ".."), { config: extend });
  const html = await md.render(
    "| a | b |\n| --- | --- |\n| `--flag <n>` | what the flag changes, and what it is if left out |",
  );
  expect(html).toContain('<td class="prose">what');
  expect(html).toContain("<td><code>");
});

it("no formula is left as TeX, neither after an equation's id nor anywhere", async () => {
  const md = await createMarkdownRenderer(join(import.meta.dirname, ".."), { config: extend });
  const left = async (text: string, realPath = ""): Promise<string[]> =>
    (await md.render(text, { realPath }))
      .replace(/<(pre|code|annotation)\b[\s\S]*?<\/\1>|<[^>]+>/g, "")
      .match(/\$[^\s$][^$\n]*\$/g) ?? [];
  expect(await left("Of [eq:tanh], $x$; $y$ ([eq:tanh](math/primitives.md)) and $z$.")).toEqual([]);
  expect(await left("\\$x\\$ and `$y$`")).toEqual(["$x$"]); // escaped, and no formula
  for (const page of globSync("{math/*,notation,theory,results/*,decisions/*}.md", {
    cwd: join(root, "docs"),
  }))
    expect(
      await left(readFileSync(join(root, "docs", page), "utf8"), join(root, "docs", page)),
      page,
    ).toEqual([]);
}, 60_000);

describe("links", () => {
  it("that lead to no file or to no place are found, others are not", () => {
    const dist = site({
      "index.html":
        '<a href="/a.html#here">1</a><a href="a.html#gone">2</a><a href="b.html">3</a><a href="sub/">4</a>',
      "a.html":
        '<p id="here"><a href="https://example.org">5</a><a href="#here">6</a><a href="?q=1">7</a></p>',
      "sub/index.html": '<a href="../a.html">8</a><img src="figure.svg">',
    });
    expect(deadLinks(dist).toSorted()).toEqual([
      "index.html: a.html#gone (no such place)",
      "index.html: b.html",
      "sub/index.html: figure.svg",
    ]);
  });

  it("weigh a page with what it fetches, each file once", () => {
    const dist = site({
      "plain.html": "<p></p>",
      "index.html":
        '<link rel="stylesheet" href="/assets/a.css"><script src="/assets/a.js"></script><link href="/assets/a.js">',
      "assets/a.css": "a".repeat(10),
      "assets/a.js": Array.from({ length: 4000 }, (_, i) => Math.sin(i)).join(),
    });
    expect(weight(dist, "index.html")).toBeGreaterThan(20_000);
    expect(weight(dist, "index.html")).toBeLessThan(60_000);
    expect(weight(dist, "plain.html")).toBeLessThan(100);
  });
});

it("what is fetched on request is listed by name, compressed, without what pages load at once", () => {
  const dist = site({
    "assets/measure.worker-AbCd_-12.js": "a".repeat(9000),
    "assets/engine-AbCdEf12.wasm": "b",
    "assets/guide.md.AbCdEf12.js": "c",
    "assets/style.AbCdEf12.css": "d",
  });
  const sizes = onRequest(dist);
  expect(Object.keys(sizes)).toEqual(["engine", "measure.worker"]);
  expect(sizes["measure.worker"]).toBeLessThan(100);
});

describe("excerpts", () => {
  const lines = [
    "const before = 1;",
    "",
    "/**",
    " * y = 2 x  [id]",
    " */",
    "export function twice(x: number): number {",
    "  const y = 2 * x;",
    "",
    "  return y;",
    "}",
    "",
    "const after = 3;",
  ];
  it("hold the whole comment and the whole declaration below it", () => {
    expect(stretch(lines, 3)).toEqual({ from: 2, to: 10 });
  });
  it("of a comment that stands alone hold the comment", () => {
    expect(stretch(["// a law [id]", "", "const x = 1;"], 0)).toEqual({ from: 0, to: 1 });
  });
  it("of a line inside a declaration begin at the line", () => {
    expect(stretch(lines, 6).from).toBe(6);
  });
  it("begin with the file that bears the equation's name, then with labels, then with mentions", () => {
    const [own, label, mention] = [
      "meta-gradient/recursion",
      "meta-gradient/combine",
      "experiments/studies/exact-field",
    ].map((name) => `packages/sgmrl/src/${name}.ts`);
    expect(foremostFirst("recursion", readTrail().code.get("recursion")).map(({ file }) => file)).toEqual([
      own,
      label,
      mention,
    ]);
  });
  it("exist for every equation of the repository", () => {
    const { equations, code, tests } = readTrail();
    expect(equations.length).toBeGreaterThan(200);
    expect(equations.filter(({ id }) => !code.has(id) || !tests.has(id))).toEqual([]);
  });
});
