import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vitepress";
import { extend } from "./build/markdown.ts";
import { pageOf } from "./build/paths.ts";
import { slugify } from "./build/slug.ts";
import { measuredVersions } from "./build/versions.ts";
import { sidebar } from "./sidebar.ts";

type Plugins = NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>;

/** All but that a comment stands where Rollup cannot use it: in a package, nothing that we could mend. */
const onLog: NonNullable<NonNullable<NonNullable<UserConfig["vite"]>["build"]>["rollupOptions"]>["onLog"] = (
  level,
  log,
  handle,
) => {
  if (log.code !== "INVALID_ANNOTATION") handle(level, log);
};

/** Pages at the top of the repository have no Vue beside them: it is looked for from here. */
const vueForEveryPage: Plugins[number] = {
  name: "vue-for-every-page",
  enforce: "pre",
  resolveId(id, importer) {
    const asks = /^vue(\/|$)/.test(id) && importer?.endsWith(".md");
    return asks ? this.resolve(id, fileURLToPath(import.meta.url), { skipSelf: true }) : undefined;
  },
};

const config: UserConfig = defineConfig({
  title: "sgmrl",
  description:
    "Stochastic-gradient meta-reinforcement learning whose every line can be audited, run and measured",
  lang: "en",
  // Every Markdown file of the repository is a page.
  srcDir: "..",
  outDir: "dist",
  cacheDir: ".vitepress/cache",
  srcExclude: ["**/.snippets-*/**", ".github/**", "packages/*/test/**"],
  rewrites: pageOf,
  metaChunk: true,
  markdown: {
    attrs: { disable: true }, // braces are indices here
    anchor: { slugify },
    config: extend,
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    languageAlias: { console: "shellsession" },
  },
  // Addresses outside of the pages are checked, with all others, in what was written (build/check.ts).
  ignoreDeadLinks: [/^\/source\//, /^\/(results|examples\/[^/]+)\/[^/]+\.(svg|html)$/, /^\/desk/],
  themeConfig: {
    search: { provider: "local", options: { detailedView: true } },
    nav: [
      { text: "Audit", link: "/desk.html" },
      { text: "Derivatives", link: "/derivatives.html" },
      { text: "Bias", link: "/bias.html" },
      { text: "Adapt", link: "/adapt.html" },
      { text: "Robots", link: "/robots.html" },
      { text: "Measure", link: "/measure.html" },
      { text: "Guide", link: "/readme.html" },
      { text: "API", link: "/api/" },
    ],
    sidebar,
    outline: { level: [2, 3] },
    docFooter: { prev: false, next: false },
  },
  vite: {
    resolve: { conditions: ["sgmrl-source"] },
    define: {
      __COMMIT__: JSON.stringify(commit()),
      __VERSIONS__: JSON.stringify(measuredVersions()),
    },
    worker: {
      format: "es",
      rollupOptions: {
        onLog,
        output: {
          // A package that is fetched on request has its own name, for the list of sizes.
          chunkFileNames: ({ facadeModuleId, moduleIds, name }) => {
            const own = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(
              facadeModuleId ?? moduleIds.at(-1) ?? "",
            )?.[1];
            return `assets/${own?.replace(/^@.*\//, "") ?? name}-[hash].js`;
          },
        },
      },
    },
    logLevel: "warn",
    build: { chunkSizeWarningLimit: 2000, rollupOptions: { onLog } },
    plugins: [vueForEveryPage],
  },
});

/** What the site is built from, for the records of measurements. */
function commit(): string {
  const git = (...args: string[]): string =>
    spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const hash = git("rev-parse", "--short", "HEAD");
  if (hash === "") return "unknown";
  return git("status", "--porcelain") === "" ? hash : `${hash}, changed`;
}

export default config;
