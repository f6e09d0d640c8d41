import { compared, configOf, environments, first, type Setting } from "../theme/adapt/setting.ts";
import { example, open, type Visited } from "./acts.ts";
import type { Visit } from "./visits.ts";

export const adapt: Visit = {
  ready: ".adapt button.primary",
  what: `θ has the bits of \`train\` on Node, of each of ${compared.length} estimators`,
  async quick(visited) {
    for (const environment of environments.filter((name) => /navigation|cheetah/.test(name))) {
      const setting: Setting = { ...first, environment, iterations: 1 };
      await sameBits(visited, setting, setting.estimators.slice(0, 1));
    }
  },
  async run(visited) {
    for (let i = 0; i < compared.length; i += 2) {
      const estimators = [compared[i]!, compared[i + 1] ?? compared[0]!] as const;
      const setting: Setting = { ...first, estimators: [...estimators], iterations: 2 };
      await sameBits(visited, setting, estimators);
    }
  },
};

/** Trains in the page and on Node; of the first estimators of the page, θ must be the same. */
async function sameBits(visited: Visited, setting: Setting, estimators: readonly string[]): Promise<void> {
  const { page, found, said } = visited;
  const onNode = Promise.all(estimators.map((estimator) => hashOnNode(configOf(setting, estimator))));
  await open(visited, "adapt.html", setting);
  await page.waitForSelector(".adapt dd", { timeout: 120_000 });
  const shown = await page.$$eval(".adapt dd", (all) => all.map((one) => one.textContent?.trim()));
  (await onNode).forEach((hash, k) => {
    const what = `${setting.environment}, ${estimators[k]}`;
    said.push(`${what}: ${hash.slice(0, 12)}… on Node`);
    if (shown[k] !== hash) found.push(`θ of ${what} is ${shown[k]} in the page, ${hash} on Node`);
  });
}

/** By the command that the page shows. */
function hashOnNode(config: object): Promise<string> {
  return example("same-bits.ts", [JSON.stringify(config)], "packages/sgmrl");
}
