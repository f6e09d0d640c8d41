/** What each estimator of the live pages is, in the words of `sgmrl estimators`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../.vitepress/build/paths.ts";
import { compared } from "../.vitepress/theme/adapt/setting.ts";

declare const data: Readonly<Record<(typeof compared)[number], string>>;

export { data };

type Catalogue = typeof import("../../packages/sgmrl/src/meta-gradient/catalogue.ts");

export default {
  async load(): Promise<Readonly<Record<string, string>>> {
    // Not bundled with this file: VitePress would not find the packages' sources.
    const { href } = pathToFileURL(join(root, "packages/sgmrl/src/meta-gradient/catalogue.ts"));
    const { estimators } = (await import(href)) as Catalogue;
    return Object.fromEntries(
      compared.map((name) => {
        const { summary, unbiasedFor } = estimators[name]!; // a test of the page's settings trains each
        return [name, `${summary}. Unbiased for: ${unbiasedFor}.`];
      }),
    );
  },
};
