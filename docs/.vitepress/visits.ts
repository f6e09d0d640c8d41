/** What is done on the pages that run something. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AtlasCell, cellText } from "../../packages/sgmrl/src/experiments/audit/atlas-cells.ts";
import { example, type Page, press, refuses, says } from "./acts.ts";

import { root } from "./build/paths.ts";
import { compared, configOf, environments, first, type Setting } from "./theme/adapt/setting.ts";

import { first as firstMeasured, type Setting as Measured } from "./theme/measure/setting.ts";
import { type Driven, names as robotNames } from "./theme/robots/setting.ts";

const actuators: Readonly<Record<Driven["robot"], number>> = {
  "half-cheetah": 6,
  ant: 8,
  hopper: 3,
  walker2d: 6,
  swimmer: 2,
};

interface Visit {
  /** A selector: the page can be used. */
  readonly ready: string;
  readonly what: string;
  /** Uses a little of the page, on every check; says what is wrong. */
  quick?(page: Page, address: string): Promise<string[]>;
  /** Uses the page; says what is wrong. */
  run(page: Page, address: string): Promise<string[]>;
}

export const visits: Readonly<Record<string, Visit>> = {
  "desk.html": {
    ready: ".desk .sheet",
    what: "laws hold, a planted sign is caught, bias and variance are exact, too large a problem is refused",
    async run(page, address) {
      const found: string[] = [];
      await page.goto(`${address}/desk.html?eq=tanh&seed=7`);
      await says(page, "All laws hold", found);
      await page.goto(
        `${address}/desk.html?eq=tanh&seed=7&mistake=${encodeURIComponent("vjp xBar0: 1 mul sign flipped")}`,
      );
      await says(page, "Caught", found);
      await page.goto(`${address}/desk.html?eq=tanh&seed=7&mistake=vjp%20none`);
      await refuses(page, /no such mistake/, found);
      await page.goto(`${address}/desk.html?eq=recursion`);
      await page.waitForSelector(".panel textarea");
      await page.click(".panel button.primary");
      await says(page, "V = 0.829959", found); // as in the README
      const table = await page.$eval(".panel table", (one) => one.textContent ?? "");
      if (!/sgmrl\s*0 \/ 2\.13/.test(table)) found.push(`the table reads ${table}`);
      const spec = await page.$eval(".panel textarea", (one) => (one as HTMLTextAreaElement).value);
      await page.select(".panel select", "atlas");
      await page.click(".panel button.primary");
      await says(page, "12 settings enumerated", found);
      found.push(...(await asCommitted(page)));
      const large = spec.replace('"trajectories": 2', '"trajectories": 60');
      const link = new URLSearchParams({ eq: "recursion", spec: large });
      await page.goto(`${address}/desk.html?${link}`);
      await refuses(page, /\d terms/, found);
      return found;
    },
  },
  "derivatives.html": {
    ready: ".derivatives .panel .good",
    what: "values are the README's, a syntax error and a wrong call are shown at their lines, a wrong rule is found, a program without end is stopped",
    async run(page, address) {
      const found: string[] = [];
      const open = (program: string): Promise<unknown> =>
        page.goto(
          `${address}/derivatives.html?${new URLSearchParams({ state: JSON.stringify({ program }) })}`,
        );
      const gradient = await page.$eval("[aria-label='The gradient']", (one) => one.textContent ?? "");
      if (gradient !== "[0, 1.38177329068, 0.0770037537314]") found.push(`the gradient reads ${gradient}`);
      await open("const x = 1;\nconst f = (x) => {\n  return mul(x;\n};");
      await says(page, "Line 3: ", found);
      await open("const x = [1, 2];\nconst f = (x) =>\n  sum(matmul(x, array([[1, 2, 3]])));");
      await says(page, "Line 3: matmul", found);
      await open("import fs from 'fs';\nconst x = 1;\nconst f = (x) => x;");
      await says(page, "Line 1: ", found);
      await open(
        "const cube = customFunction({ name: 'cube', apply: (x) => mul(x, mul(x, x)),\n  jvp: ([dx], [x]) => mul(2, mul(x, mul(x, dx))) });\nconst f = (x) => sum(cube(x));\nconst x = [0.5, -1, 2];",
      );
      await refuses(page, /element \d is/, found);
      await open("const x = 1;\nconst f = (x) => { while (true) x = mul(x, 1); };");
      await says(page, "stopped after 5 s", found);
      await page.goto(`${address}/derivatives.html?state=no`);
      await says(page, "the address contains no program", found);
      await page.goto(`${address}/derivatives.html`);
      await page.waitForSelector(".derivatives svg");
      return found;
    },
  },
  "bias.html": {
    ready: ".bias table",
    what: "exact ascent ends where it ended, on two doors where the results say; a setting out of range is refused",
    async run(page, address) {
      const found: string[] = [];
      const open = (state: object): Promise<unknown> =>
        page.goto(`${address}/bias.html?${new URLSearchParams({ state: JSON.stringify(state) })}`);
      // Adam along the enumerated means of both estimators ends there, too; the results' 0.577 is of plain steps.
      await says(page, "along ∇V ends at V = 0.923, along MAML's mean at 0.551", found);
      await open({ family: "two doors", safe: 0, prize: 0.8, stepSize: 10, trajectories: 4 });
      await says(page, "along ∇V ends at V = 0.938, along MAML's mean at 0.800", found);
      await open({ family: "needle", safe: 0.45, prize: 0.8, stepSize: 10, trajectories: 4000 });
      await refuses(page, /no setting/, found);
      await page.goto(`${address}/bias.html`);
      await page.waitForSelector(".bias svg");
      return found;
    },
  },
  "adapt.html": {
    ready: ".adapt button.primary",
    what: `θ has the bits of \`train\` on Node, of each of ${compared.length} estimators`,
    async quick(page, address) {
      const found: string[] = [];
      for (const environment of environments.filter((name) => /navigation|cheetah/.test(name))) {
        const setting: Setting = { ...first, environment, iterations: 1 };
        found.push(...(await sameBits(page, address, setting, setting.estimators.slice(0, 1))));
      }
      return found;
    },
    async run(page, address) {
      const found: string[] = [];
      for (let i = 0; i < compared.length; i += 2) {
        const estimators = [compared[i]!, compared[i + 1] ?? compared[0]!] as const;
        const setting: Setting = { ...first, estimators: [...estimators], iterations: 2 };
        found.push(...(await sameBits(page, address, setting, estimators)));
      }
      return found;
    },
  },
  "robots.html": {
    ready: ".robots .hash",
    what: "all robots have the bits of Node after 100 steps, and differ from the official engine by rounding; keys drive",
    quick: (page, address) => driven(page, address, robotNames),
    async run(page, address) {
      const found = await driven(page, address, robotNames);
      await compareDriven(page, address, found);
      const open = (state: object): Promise<unknown> =>
        page.goto(`${address}/robots.html?${new URLSearchParams({ state: JSON.stringify(state) })}`);
      await open({ robot: "hopper", control: [0], steps: 0 });
      await refuses(page, /no robot/, found);
      const state = { qpos: [1, 2], qvel: [], warmstart: [] };
      await open({ robot: "hopper", control: [0, 0, 0], steps: 0, state });
      await refuses(page, /qpos has length 2; expected 6/, found);
      await open({ robot: "ant", control: [0, 0, 0, 0, 0, 0, 0, 0], steps: 0 });
      await page.waitForSelector(".robots .hash");
      await press(page, "100 steps");
      return found;
    },
  },
  "measure.html": {
    ready: ".measure button.primary",
    what: "thirteen engines on three devices give right answers; a setting out of range is refused; what runs is stopped",
    quick: (page, address) => measured(page, address, ["wasm"]),
    async run(page, address) {
      const found = await measured(page, address, ["wasm", "webgl", "webgpu"]);
      const open = (setting: object): Promise<unknown> =>
        page.goto(`${address}/measure.html?${new URLSearchParams({ state: JSON.stringify(setting) })}`);
      await open({ ...firstMeasured, rows: 1e9 });
      await refuses(page, /no measurement/, found);
      await open({ ...firstMeasured, devices: ["wasm"], rounds: 50, slice: 500 });
      await page.waitForSelector(".measure button.primary");
      await page.click(".measure button.primary");
      await page.waitForSelector(".measure progress");
      await page.evaluate(() =>
        [...document.querySelectorAll("button")].find((one) => one.textContent === "Stop")?.click(),
      );
      await refuses(page, /stopped/, found);
      return found;
    },
  },
};

/** The atlas in the page against the committed one, which holds six digits. */
async function asCommitted(page: Page): Promise<string[]> {
  const shown = await page.$$eval("table.atlas", (tables) =>
    tables.map((table) =>
      [...table.querySelectorAll("tbody tr")].map((row) =>
        [...row.children].map((cell) => cell.textContent?.trim() ?? ""),
      ),
    ),
  );
  const cells = JSON.parse(
    readFileSync(join(root, "docs/results/audit-atlas.json"), "utf8"),
  ) as readonly AtlasCell[];
  const settings = [...new Set(cells.map(({ setting }) => setting))];
  const wanted = (["bias", "variance"] as const).map((quantity) =>
    [...new Set(cells.map(({ estimator }) => estimator))].map((estimator) => [
      estimator,
      ...settings.map((setting) =>
        cellText(
          quantity,
          cells.find((cell) => cell.estimator === estimator && cell.setting === setting)![quantity],
        ),
      ),
    ]),
  );
  console.log(`  atlas: ${shown[0]?.length} estimators, ${settings.length} settings`);
  return JSON.stringify(shown) === JSON.stringify(wanted)
    ? []
    : [
        `the atlas reads ${JSON.stringify(shown[0]?.slice(0, 2))}, committed is ${JSON.stringify(wanted[0]?.slice(0, 2))}`,
      ];
}

/** Drives robots 100 steps in the page and on Node, under controls that differ between actuators. */
async function driven(page: Page, address: string, robots: readonly Driven["robot"][]): Promise<string[]> {
  const drives = robots.map((robot) => ({
    robot,
    control: Array.from({ length: actuators[robot] }, (_, k) => (k % 2 === 0 ? 0.8 : -0.35)),
  }));
  const args = drives.map((drive) => JSON.stringify({ ...drive, steps: 100 }));
  const onNode = example("driven-robot.ts", args, "packages/envs");
  const found: string[] = [];
  const shown: (string | undefined)[] = [];
  for (const drive of drives) {
    const state = JSON.stringify({ ...drive, steps: 0 } satisfies Driven);
    await page.goto(`${address}/robots.html?${new URLSearchParams({ state })}`);
    await page.waitForSelector(".robots .hash");
    await press(page, "100 steps");
    await page.waitForFunction(() =>
      / 100 steps/.test(document.querySelector(".robots h2 ~ p")?.textContent ?? ""),
    );
    shown.push(await page.$eval(".robots .hash", (one) => one.textContent?.trim()));
  }
  (await onNode).split("\n").forEach((hash, k) => {
    console.log(`  ${robots[k]}: ${hash.slice(0, 12)}… on Node`);
    if (shown[k] !== hash) found.push(`${robots[k]} is at ${shown[k]} in the page, at ${hash} on Node`);
  });
  return found;
}

/** Beside the official engine, while it walks: the differences of docs/results/mujoco-parity.md, with room. */
async function compareDriven(page: Page, address: string, found: string[]): Promise<void> {
  await page.goto(`${address}/robots.html`);
  await page.waitForSelector(".robots .hash");
  await press(page, "Compare with MuJoCo");
  await page.waitForFunction(() => /MuJoCo \d/.test(document.querySelector(".official")?.textContent ?? ""), {
    timeout: 120_000,
  });
  for (const robot of robotNames) {
    await page.select(".robots select", robot);
    await page.focus(".stage");
    await page.keyboard.down("q");
    await page.keyboard.press(" ");
    await page.waitForFunction(
      () => Number.parseFloat(document.querySelector(".status")?.textContent ?? "") > 1,
      {
        timeout: 120_000,
      },
    );
    await page.keyboard.press(" ");
    await page.keyboard.up("q");
    const said = await page.$eval(".official", (one) => one.textContent?.replace(/\s+/g, " ").trim() ?? "");
    const largest = Number(/at most (\S+) in velocity/.exec(said)?.[1]);
    console.log(`  ${robot}: ${said}`);
    if (!(largest < 1e-8)) found.push(`${robot}: ${said}`);
    if (!(await page.url()).includes(robot)) found.push(`the address does not hold ${robot}`);
  }
}

/** Measures little, to the end; then answers of every engine have been checked. */
async function measured(page: Page, address: string, devices: Measured["devices"]): Promise<string[]> {
  const setting: Measured = { devices, tasks: ["hvp"], rows: 20, width: 8, rounds: 3, slice: 5 };
  await page.goto(`${address}/measure.html?${new URLSearchParams({ state: JSON.stringify(setting) })}`);
  await page.waitForSelector(".measure button.primary");
  await page.click(".measure button.primary");
  const found: string[] = [];
  await says(page, "Measured in", found);
  const rows = await page.$$eval(".measure tbody tr", (all) => all.map((row) => row.textContent ?? ""));
  console.log(`  timed on ${devices.join(", ")}: ${rows.length} engines`);
  if (rows.length < 4 * devices.length) found.push(`only ${rows.length} engines on ${devices.join(", ")}`);
  return [
    ...found,
    ...rows.filter((row) => !/ms.*error \de-/s.test(row)).map((row) => `the row reads ${row}`),
  ];
}

/** Trains in the page and on Node; of the first estimators of the page, θ must be the same. */
async function sameBits(
  page: Page,
  address: string,
  setting: Setting,
  estimators: readonly string[],
): Promise<string[]> {
  const onNode = Promise.all(estimators.map((estimator) => hashOnNode(configOf(setting, estimator))));
  await page.goto(`${address}/adapt.html?${new URLSearchParams({ state: JSON.stringify(setting) })}`);
  await page.waitForSelector(".adapt dd", { timeout: 120_000 });
  const shown = await page.$$eval(".adapt dd", (all) => all.map((one) => one.textContent?.trim()));
  return (await onNode).flatMap((hash, k) => {
    const what = `${setting.environment}, ${estimators[k]}`;
    console.log(`  ${what}: ${hash.slice(0, 12)}… on Node`);
    return shown[k] === hash ? [] : [`θ of ${what} is ${shown[k]} in the page, ${hash} on Node`];
  });
}

/** By the command that the page shows. */
function hashOnNode(config: object): Promise<string> {
  return example("same-bits.ts", [JSON.stringify(config)], "packages/sgmrl");
}
